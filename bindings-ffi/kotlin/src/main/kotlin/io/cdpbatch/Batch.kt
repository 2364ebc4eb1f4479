package io.cdpbatch

import io.cdpbatch.internal.Batches as NativeBatches
import io.cdpbatch.internal.Outcome
import java.time.Instant
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject

/** What came of a batch's records, by the service's count. */
@Serializable
public data class Stats(
    /** Time the service took, in milliseconds. */
    val timeToProcessMs: Long? = null,
    /** Records read. */
    val total: Long? = null,
    /** Records taken. */
    val succeeded: Long? = null,
    /** Records refused. */
    val failed: Long? = null,
)

/** A batch as the service tells of it. */
@Serializable
public data class BatchInfo(
    /** Its ref, a UUID. */
    val ref: String,
    /** Where it is on its way: `uploading`, `file_uploaded`, `processing`, and in the end `success`, `error` or `corrupted`. */
    val status: String,
    /** Its declared size in bytes; absent from lists. */
    val size: Long? = null,
    /** Its declared MD5 in hex; absent from lists. */
    val checksum: String? = null,
    /** What came of its records, once processed; absent from lists. */
    val stats: Stats? = null,
    /** When it was allocated, as the service spells it. */
    val createdAt: String? = null,
    /** When it last changed, as the service spells it. */
    val modifiedAt: String? = null,
    /** When its upload location stops working. */
    val expiry: String? = null,
    /** Whether there is an error log. */
    val hasLog: Boolean = false,
)

/** A batch, by its ref alone: whoever sent it. */
public class Batch internal constructor(
    private val client: Client,
    /** The ref, a UUID. */
    public val ref: String,
) {
    /**
     * What the service says of it now.
     *
     * @throws NotFoundException the service does not know it.
     */
    public suspend fun status(): BatchInfo = startStatus().await()

    /** As [status], without waiting for it. */
    public fun startStatus(): Operation<BatchInfo> = client.started(::batchOf) { batchStatus(ref) }

    /**
     * Waits until it has finished.
     *
     * @throws TimeoutException it did not finish for the client's `wait.timeoutMs`. It is not lost: wait again.
     * @throws NotFoundException the service does not know it.
     */
    public suspend fun wait(): BatchInfo = startWait().await()

    /** As [wait], without waiting for it. */
    public fun startWait(): Operation<BatchInfo> = client.started(::batchOf) { batchWait(ref) }

    /**
     * The records the service refused in it.
     *
     * @throws NotFoundException the service does not know it.
     */
    public suspend fun errors(): Rejects = startErrors().await()

    /** As [errors], without waiting for it. */
    public fun startErrors(): Operation<Rejects> =
        client.started({ Rejects((it as Outcome.Rejects).rejects) }) { batchErrors(ref) }
}

/** Which batches of the list, and in which order. What is null does not filter. */
public class BatchQuery @JvmOverloads constructor(
    /** Only with one of these statuses. */
    public val status: List<String> = emptyList(),
    /** Only those allocated after this. */
    public val createdAfter: Instant? = null,
    /** Only those allocated before this. */
    public val createdBefore: Instant? = null,
    /** At most so many. */
    public val limit: Int? = null,
    /** Only those that changed last after this. */
    public val modifiedAfter: Instant? = null,
    /** Only those that changed last before this. */
    public val modifiedBefore: Instant? = null,
    /** Only those whose ref begins so. */
    public val refPrefix: String? = null,
    /** `created` or `modified`; after a minus sign the newest first. Sorting reads the whole list first. */
    public val sort: String? = null,
) {
    internal fun json(): String =
        buildJsonObject {
            put("status", JsonArray(status.map(::JsonPrimitive)))
            val texts = mapOf(
                "created_after" to createdAfter,
                "created_before" to createdBefore,
                "modified_after" to modifiedAfter,
                "modified_before" to modifiedBefore,
                "ref_prefix" to refPrefix,
                "sort" to sort,
            )
            texts.forEach { (name, value) -> if (value != null) put(name, JsonPrimitive(value.toString())) }
            limit?.let { put("limit", JsonPrimitive(it)) }
        }.toString()
}

/**
 * The batches of the last 30 days, fetched page by page as they are read: as a flow, or on this thread as an `Iterable`.
 *
 * Reading throws a [CdpBatchException] for whatever keeps the list from being fetched, after retries.
 */
public class Batches internal constructor(private val client: Client, private val query: BatchQuery) : Iterable<BatchInfo> {
    /** The batches, from the first. */
    public fun asFlow(): Flow<BatchInfo> = flow {
        val list = list()
        while (true) emit(list.following() ?: return@flow)
    }

    /** The batches, from the first. Blocks while it fetches a page. */
    override fun iterator(): Iterator<BatchInfo> = iterator {
        val list = list()
        while (true) yield(runBlocking { list.following() } ?: return@iterator)
    }

    private fun list(): NativeBatches = client.native { batches(query.json()) }

    private suspend fun NativeBatches.following(): BatchInfo? =
        Operation(next()) { JSON.decodeFromString<BatchInfo?>((it as Outcome.Json).json) }.await()
}

/** The batch that work ended with. */
internal fun batchOf(outcome: Outcome): BatchInfo = JSON.decodeFromString((outcome as Outcome.Json).json)
