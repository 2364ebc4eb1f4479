package io.cdpbatch

import io.cdpbatch.testing.Emulator

/** Rows that the service accepts, as bare values of [GUESTS]. */
internal fun guest(number: Int): Map<String, Any> =
    mapOf(
        "guestType" to "customer",
        "email" to "customer$number@example.com",
        "identifiers" to listOf(mapOf("provider" to "CRM", "id" to "C-$number")),
    )

/** Makes records of guests. */
internal val GUESTS = RunOptions(schema = "guest", mode = "upsert", refField = "email")

/** Does something with an emulator and a client of it. */
internal inline fun <T> withService(emulator: Emulator = Emulator(), act: (Emulator, Client) -> T): T =
    emulator.use { emulator.client().use { client -> act(emulator, client) } }

/** The same with a name, and a folder for its journal. */
internal fun RunOptions.copyWith(runId: String, stateDir: java.nio.file.Path): RunOptions =
    RunOptions(
        runId = runId,
        schema = schema,
        mode = mode,
        refField = refField,
        stateDir = stateDir,
        wait = Wait(minMs = 5, maxMs = 40),
    )
