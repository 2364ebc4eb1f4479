package io.cdpbatch

import io.cdpbatch.internal.Writer as NativeWriter
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * An upload that is fed row by row: [write] rows, then [finish].
 *
 * ```kotlin
 * client.writer(RunOptions(schema = "guest", mode = "upsert", refField = "email")).use { writer ->
 *     guests.forEach { writer.write(it) }
 *     writer.finish()
 * }
 * ```
 *
 * A writer that is closed before it is finished gives the run up: half the rows are never taken for all. It may be written to
 * from many coroutines or threads.
 */
public class Writer internal constructor(private val native: NativeWriter, private val operation: Operation<RunReport>) :
    AutoCloseable {
    private val turn = Mutex()
    private val rows = Rows()
    private var isFinished = false

    /**
     * Writes one row, as [Source] has it; suspends while there is no room. Rows are gathered before they are sent on.
     *
     * @throws InvalidRecordException the row has no JSON. The run goes on without it.
     * @throws ClosedException the writer is finished.
     * @throws CdpBatchException the run has ended early; this says why.
     */
    public suspend fun write(row: Any) {
        turn.withLock {
            if (isFinished) throw ClosedException(fieldsOf("this writer is finished; make a new one"))
            if (rows.add(row)) push()
        }
    }

    /**
     * Says that all rows were written, and waits for the rest of [Client.upload].
     *
     * @return what came of the run; the same when it is called again.
     * @throws CdpBatchException as [Client.upload].
     */
    public suspend fun finish(): RunReport {
        turn.withLock {
            if (!isFinished) push()
            isFinished = true
            native.finish()
        }
        return operation.await()
    }

    /** As [write], from Java: blocks while there is no room. */
    public fun writeBlocking(row: Any): Unit = runBlocking { write(row) }

    /** As [finish], from Java: blocks. */
    public fun finishBlocking(): RunReport = runBlocking { finish() }

    /** As [Operation.events]. */
    public fun events(): Flow<Event> = operation.events()

    /** Gives the run up, unless it is finished. Does not wait. */
    override fun close() {
        native.abandon()
        operation.close()
    }

    private suspend fun push() {
        try {
            native.pushed(rows.take())
        } catch (_: Unread) {
            operation.await()
        }
    }
}
