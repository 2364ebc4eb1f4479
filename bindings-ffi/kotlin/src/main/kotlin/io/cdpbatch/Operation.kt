package io.cdpbatch

import io.cdpbatch.internal.CdpException
import io.cdpbatch.internal.Outcome
import io.cdpbatch.internal.Operation as NativeOperation
import java.util.concurrent.CompletableFuture
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.future.future
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/** What waits and feeds on behalf of calls. Its threads keep no program alive. */
private val WORK = CoroutineScope(SupervisorJob() + Dispatchers.Default)

/**
 * Work that was started and goes on by itself: wait for it ([await], or [get] and [future] in Java), listen to it
 * ([events]), or [cancel] it. Every function may be called from any thread, as often as wanted.
 */
public class Operation<out T> internal constructor(
    private val native: NativeOperation,
    feed: Feed? = null,
    private val read: (Outcome) -> T,
) : AutoCloseable {
    /** Why the feeding ended early. */
    private val failure = AtomicReference<Throwable>()
    private val feeding = feed?.let { WORK.launch(Dispatchers.IO) { fed(it) } }
    private val ended: Deferred<T> = WORK.async { ended() }

    /**
     * Waits for the end. Cancelling the coroutine cancels the work, and waits until it has stopped; what a run has done is
     * not undone, and it can be carried on with: the run is named by the suppressed [CancelledException].
     *
     * @throws CdpBatchException whatever the work ended with.
     */
    public suspend fun await(): T =
        try {
            ended.await()
        } catch (cancellation: CancellationException) {
            cancel()
            withContext(NonCancellable) { ended.join() }
            ended.getCompletionExceptionOrNull()?.let(cancellation::addSuppressed)
            throw cancellation
        }

    /**
     * Waits for the end on this thread, from Java. Interrupting the thread cancels the work.
     *
     * @throws CdpBatchException whatever the work ended with.
     */
    @Throws(InterruptedException::class)
    public fun get(): T = runBlocking { await() }

    /** The end as a future, from Java. Cancelling the future cancels the work. */
    public fun future(): CompletableFuture<@UnsafeVariance T> =
        // Undispatched: a future that is cancelled before it was begun must cancel the work too.
        WORK.future(start = CoroutineStart.UNDISPATCHED) { await() }

    /**
     * What happens until the end, from the beginning; the last event is [Event.Done]. Each is told once, to whoever collects
     * first. Events that nobody collects are dropped, the oldest first; to stop collecting stops nothing else.
     */
    public fun events(): Flow<Event> = flow {
        while (true) {
            val told = native.nextEvents()
            if (told.isEmpty()) return@flow
            for (json in told) {
                val event = eventOf(json)
                emit(event)
                if (event is Event.Done) return@flow
            }
        }
    }

    /** Asks the work to stop, and returns at once: it then ends with [CancelledException], unless it was over before. */
    public fun cancel(): Unit = native.cancel()

    /** Cancels the work, unless it is over. Does not wait. */
    override fun close(): Unit = cancel()

    private suspend fun fed(feed: Feed) {
        try {
            feed.run()
        } catch (reason: Throwable) {
            // Who cancels the feeding knows why.
            if (currentCoroutineContext().isActive) failure.set(reason)
            feed.abandon()
            cancel()
        }
    }

    private suspend fun ended(): T =
        try {
            translated { read(told()) }
        } finally {
            feeding?.cancel()
        }

    private suspend fun told(): Outcome =
        try {
            native.outcome()
        } catch (error: CdpException.Cancelled) {
            throw failure.get()?.let { stopped(error, it) } ?: error
        }

    /** What a call ends with whose source failed: the reason, with what is known of the run. */
    private fun stopped(error: CdpException.Cancelled, reason: Throwable): CdpBatchException {
        val known = error.fields
        return when (reason) {
            is InvalidRecordException ->
                InvalidRecordException(reason.fields.copy(runId = known.runId, refs = known.refs, report = known.report))
            else -> CancelledException(known.copy(message = "the source failed: ${reason.message ?: reason}"), reason)
        }
    }
}
