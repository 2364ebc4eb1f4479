package io.cdpbatch

import io.cdpbatch.internal.Outcome
import io.cdpbatch.internal.Run as NativeRun

/** A run whose parts storage has all accepted. */
public class Run internal constructor(private val native: NativeRun) {
    /** The run's name. */
    public val runId: String = native.runId()

    /** Its batches. They are all that another process needs to carry on. */
    public val refs: List<String> = native.refs()

    /**
     * Waits until every batch is processed.
     *
     * @throws ClosedException it was called before.
     * @throws CdpBatchException as [Client.upload].
     */
    public suspend fun wait(): RunReport = startWait().await()

    /** As [wait], without waiting for it. Its events begin with those since [Client.submit]. */
    public fun startWait(): Operation<RunReport> = Operation(native.finish(), read = ::reportOf)
}

/** The report that work ended with. */
internal fun reportOf(outcome: Outcome): RunReport = RunReport((outcome as Outcome.Report).report)
