package io.cdpbatch.testing

import com.sun.jna.Library
import com.sun.jna.Native
import com.sun.jna.Pointer
import io.cdpbatch.Client
import io.cdpbatch.ClientOptions
import io.cdpbatch.Retry
import io.cdpbatch.RunOptions
import io.cdpbatch.Wait
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray

/** The library of the emulator, apart from the one that goes into production: `include/cdp_batch_testing.h`. */
@Suppress("FunctionName")
private interface TestingLibrary : Library {
    fun cdpb_emulator_start(settings: String?): Pointer?

    fun cdpb_emulator_base_url(emulator: Pointer): String

    fun cdpb_emulator_arrived(emulator: Pointer): Pointer?

    fun cdpb_emulator_batches(emulator: Pointer): Pointer?

    fun cdpb_emulator_requests(emulator: Pointer): Pointer?

    fun cdpb_emulator_set_faults(emulator: Pointer, faults: String): Boolean

    fun cdpb_emulator_advance_clock(emulator: Pointer, ms: Long)

    fun cdpb_emulator_free(emulator: Pointer)

    fun cdpb_emulator_string_free(text: Pointer)
}

private val TESTING: TestingLibrary by lazy {
    Native.load("cdp_batch_testing", TestingLibrary::class.java, mapOf(Library.OPTION_STRING_ENCODING to "UTF-8"))
}

/**
 * A local Batch API to test jobs against, in this process: no tenant, no network beyond this machine. It is stricter than the
 * service's documents, and fails on purpose where a test asks it to; its faults are described in the emulator's README. It
 * keeps no program alive.
 *
 * It is not in the library that goes into production: `libcdp_batch_testing` must be in `jna.library.path`.
 *
 * ```kotlin
 * Emulator().use { emulator ->
 *     nightly(emulator.client())
 *     check(emulator.arrived().size == 3)
 * }
 * ```
 */
public class Emulator @JvmOverloads constructor(
    /** What goes wrong, as JSON: `{"rules": [...]}`, as the emulator's README has it; by default nothing. */
    faults: String = "{}",
    /** How fast batches are processed, in records a second; by default at once. */
    recordsPerSecond: Double? = null,
) : AutoCloseable {
    /** The Client Key that it wants. */
    public val clientKey: String = "emulatorclientkey000000000000000"

    /** The API Token that it wants. */
    public val apiToken: String = "emulator-api-token"

    private var handle: Pointer? = start(faults, recordsPerSecond)

    /** What a client takes as its address. */
    public val baseUrl: String = TESTING.cdpb_emulator_base_url(open())

    /** A client of this service, which asks and tries again within milliseconds. */
    @JvmOverloads
    public fun client(run: RunOptions = RunOptions(wait = Wait(minMs = 5, maxMs = 40))): Client =
        Client.at(baseUrl, clientKey, apiToken, ClientOptions(retry = Retry(baseMs = 1, maxMs = 10), run = run))

    /** Every record accepted so far, in the order of processing. */
    public fun arrived(): List<JsonElement> = told(TESTING::cdpb_emulator_arrived)

    /** Every batch, in the order of allocation. */
    public fun batches(): List<JsonElement> = told(TESTING::cdpb_emulator_batches)

    /** Every request, in the order of arrival. */
    public fun requests(): List<JsonElement> = told(TESTING::cdpb_emulator_requests)

    /** Replaces the fault plan; requests are counted anew. Throws `IllegalArgumentException` if the plan is not valid. */
    public fun setFaults(faults: String): Unit =
        require(TESTING.cdpb_emulator_set_faults(open(), faults)) { "the fault plan is not valid" }

    /** Moves the emulator's clock forward, in milliseconds: addresses expire, batches leave the 30-day list. */
    public fun advanceClock(ms: Long): Unit = TESTING.cdpb_emulator_advance_clock(open(), ms)

    /** Ends it. Again does nothing. */
    override fun close() {
        handle?.let(TESTING::cdpb_emulator_free)
        handle = null
    }

    private fun start(faults: String, recordsPerSecond: Double?): Pointer {
        val settings = buildJsonObject {
            put("client_key", JsonPrimitive(clientKey))
            put("api_token", JsonPrimitive(apiToken))
            put("faults", Json.parseToJsonElement(faults) as JsonObject)
            recordsPerSecond?.let { put("records_per_second", JsonPrimitive(it)) }
        }
        return requireNotNull(TESTING.cdpb_emulator_start(settings.toString())) { "the emulator cannot start; standard error says why" }
    }

    private fun open(): Pointer = checkNotNull(handle) { "this emulator is closed" }

    private fun told(ask: (Pointer) -> Pointer?): JsonArray {
        val text = checkNotNull(ask(open()))
        try {
            return Json.parseToJsonElement(text.getString(0, "UTF-8")).jsonArray
        } finally {
            TESTING.cdpb_emulator_string_free(text)
        }
    }
}
