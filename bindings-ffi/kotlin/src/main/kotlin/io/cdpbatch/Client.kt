package io.cdpbatch

import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import io.cdpbatch.internal.Client as NativeClient
import io.cdpbatch.internal.Operation as NativeOperation
import io.cdpbatch.internal.Outcome
import io.cdpbatch.internal.Writer as NativeWriter
import io.cdpbatch.internal.uniffiRustFutureContinuationCallbackImpl
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * Uploads records to Sitecore CDP, waits until they are processed, and explains every one that was refused.
 *
 * ```kotlin
 * Client.fromEnv().use { client ->
 *     val report = client.upload(Source.path("guests.ndjson"))
 *     println(report.counts.confirmed)
 * }
 * ```
 *
 * A function suspends until its work has ended; cancelling its coroutine cancels the work, and leaves a run that can be
 * carried on with. The function whose name begins with `start` does the same at once and gives an [Operation], to listen
 * to, and to wait for in Java. A client may be used by many calls at once, and keeps no program alive.
 *
 * Every function throws a [CdpBatchException]: [InvalidOptionsException] for options that cannot be, [ClosedException] once
 * the client is closed, and what it says itself.
 */
public class Client private constructor(native: NativeClient) : AutoCloseable {
    private val native = AtomicReference<NativeClient?>(native)

    /** How clients are made. */
    public companion object {
        init {
            // Our threads stay known to the JVM, as ones that keep no program alive. Else each call from them would begin
            // and end with that, and the end would be too late once the program ends.
            Native.setCallbackThreadInitializer(
                uniffiRustFutureContinuationCallbackImpl,
                CallbackThreadInitializer(true, false, "cdp-batch"),
            )
        }

        /**
         * A client from the environment: `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
         *
         * @throws InvalidOptionsException a variable is missing, or an option cannot be; the message names it.
         * @throws TlsException `http.caFile` cannot be read.
         */
        @JvmStatic
        @JvmOverloads
        public fun fromEnv(options: ClientOptions = ClientOptions()): Client =
            Client(translated { NativeClient.fromEnv(options.json()) })

        /**
         * A client of a region.
         *
         * @param region `eu`, `us`, `ap` or `jp`.
         * @param clientKey the Client Key, from Settings > API access in Sitecore CDP.
         * @param apiToken the API Token, from the same page.
         * @throws InvalidOptionsException something is missing, unknown or out of range; the message names it.
         * @throws TlsException `http.caFile` cannot be read.
         */
        @JvmStatic
        @JvmOverloads
        public fun inRegion(
            region: String,
            clientKey: String,
            apiToken: String,
            options: ClientOptions = ClientOptions(),
        ): Client = Client(translated { NativeClient(region, null, clientKey, apiToken, options.json()) })

        /**
         * A client of the service at an address; otherwise as [inRegion].
         *
         * @param baseUrl the address: HTTPS, but on this machine.
         */
        @JvmStatic
        @JvmOverloads
        public fun at(
            baseUrl: String,
            clientKey: String,
            apiToken: String,
            options: ClientOptions = ClientOptions(),
        ): Client = Client(translated { NativeClient(null, baseUrl, clientKey, apiToken, options.json()) })
    }

    /** Gives back connections. Work under way goes on; later calls throw [ClosedException]. */
    override fun close() {
        native.getAndSet(null)?.close()
    }

    /**
     * Checks, packs, uploads, waits and explains.
     *
     * @param options what is different for this run.
     * @return what came of the run.
     * @throws RecordsRejectedException records were refused; everything else was loaded. Its report tells which and why.
     * @throws BatchCorruptedException the service could not read a batch.
     * @throws CancelledException the source threw, which is the cause; the run can be carried on with.
     * @throws CdpBatchException anything else.
     */
    public suspend fun upload(source: Source, options: RunOptions = RunOptions()): RunReport =
        started(opened(source), ::reportOf) { upload(it, options.json()) }.await()

    /** As [upload], without waiting for it. Lists the files of a pattern before it returns. */
    @JvmOverloads
    public fun startUpload(source: Source, options: RunOptions = RunOptions()): Operation<RunReport> =
        started(source.open(), ::reportOf) { upload(it, options.json()) }

    /**
     * As [upload], but only until storage has accepted every part.
     *
     * @return the run. Its refs are all that another process needs to carry on.
     * @throws CdpBatchException as [upload], but for what comes of the last parts.
     */
    public suspend fun submit(source: Source, options: RunOptions = RunOptions()): Run =
        started(opened(source), ::runOf) { submit(it, options.json()) }.await()

    /** As [submit], without waiting for it. */
    @JvmOverloads
    public fun startSubmit(source: Source, options: RunOptions = RunOptions()): Operation<Run> =
        started(source.open(), ::runOf) { submit(it, options.json()) }

    /** An upload that is fed row by row. */
    @JvmOverloads
    public fun writer(options: RunOptions = RunOptions()): Writer {
        val writer = NativeWriter.rows()
        return Writer(writer, started(Opened(writer.source()), ::reportOf) { upload(it, options.json()) })
    }

    /**
     * Checks every record without sending anything; [Check.MODEL] looks closest.
     *
     * @return what was found, each finding with its place.
     * @throws IoException the source cannot be read.
     */
    public suspend fun validate(source: Source, options: RunOptions = RunOptions()): CheckReport =
        started(opened(source), ::checkOf) { validate(it, options.json()) }.await()

    /** As [validate], without waiting for it. */
    @JvmOverloads
    public fun startValidate(source: Source, options: RunOptions = RunOptions()): Operation<CheckReport> =
        started(source.open(), ::checkOf) { validate(it, options.json()) }

    /**
     * Packs records into files as the service wants them, without sending anything.
     *
     * @param folder where the files go, named `00000.json.gz` and so on. It is made if needed.
     * @return the files, with their size and MD5, and the records that are in none of them.
     * @throws IoException the source or the folder cannot be used.
     */
    public suspend fun pack(source: Source, folder: Path, options: RunOptions = RunOptions()): PackReport =
        started(opened(source), ::packedOf) { pack(it, folder.toString(), options.json()) }.await()

    /** As [pack], without waiting for it. */
    @JvmOverloads
    public fun startPack(source: Source, folder: Path, options: RunOptions = RunOptions()): Operation<PackReport> =
        started(source.open(), ::packedOf) { pack(it, folder.toString(), options.json()) }

    /** A batch, by its ref alone: whoever sent it. Nothing is asked yet. */
    public fun batch(ref: String): Batch = Batch(this, ref)

    /** The batches of the last 30 days, fetched page by page as they are read. Nothing is asked yet. */
    @JvmOverloads
    public fun batches(query: BatchQuery = BatchQuery()): Batches = Batches(this, query)

    /**
     * Waits until these batches have finished. Needs nothing but their refs, so any process can do it.
     *
     * @param options [RunOptions.wait] says how long.
     * @return what the service says of each.
     * @throws TimeoutException none of them finished for that long. They are not lost: wait again.
     * @throws NotFoundException the service does not know one of them.
     */
    public suspend fun wait(refs: List<String>, options: RunOptions = RunOptions()): List<BatchInfo> =
        startWait(refs, options).await()

    /** As [wait], without waiting for it. */
    @JvmOverloads
    public fun startWait(refs: List<String>, options: RunOptions = RunOptions()): Operation<List<BatchInfo>> =
        started({ jsonIn(it) }) { waitFor(refs, options.json()) }

    /**
     * A report of these batches as the service tells of them now. Needs nothing but their refs.
     *
     * @return a report whose rejects have a ref, a code and a message, but neither source nor record.
     * @throws NotFoundException the service does not know one of them.
     */
    public suspend fun report(refs: List<String>): RunReport = startReport(refs).await()

    /** As [report], without waiting for it. */
    public fun startReport(refs: List<String>): Operation<RunReport> = started(::reportOf) { report(refs) }

    /**
     * Goes on with a run from its journal in `stateDir`: nothing is lost, and nothing is sent twice. [upload] with the same
     * `runId`, source and options means the same.
     *
     * @throws JournalException the run is not there, or it was fed from something that cannot be read again from here.
     * @throws CdpBatchException as [upload].
     */
    public suspend fun resume(runId: String): RunReport = startResume(runId).await()

    /** As [resume], without waiting for it. */
    public fun startResume(runId: String): Operation<RunReport> = started(::reportOf) { resume(runId) }

    /**
     * Every run in the journal of `stateDir`, the latest first.
     *
     * @throws InvalidOptionsException the client has no `stateDir`.
     * @throws JournalException the folder holds no journal that can be read.
     */
    public suspend fun runs(): List<RunInfo> = startRuns().await()

    /** As [runs], without waiting for it. */
    public fun startRuns(): Operation<List<RunInfo>> = started({ jsonIn(it) }) { runs() }

    /**
     * Compares the journal of `stateDir` with the service's list of the last 30 days.
     *
     * @throws InvalidOptionsException the client has no `stateDir`.
     * @throws JournalException the folder holds no journal that can be read.
     */
    public suspend fun reconcile(): Reconciliation = startReconcile().await()

    /** As [reconcile], without waiting for it. */
    public fun startReconcile(): Operation<Reconciliation> = started({ jsonIn(it) }) { reconcile() }

    /** Work that takes no source. */
    internal fun <T> started(read: (Outcome) -> T, start: NativeClient.() -> NativeOperation): Operation<T> =
        Operation(native(start), read = read)

    /** Asks the core's client. */
    internal fun <T> native(ask: NativeClient.() -> T): T {
        val client = native.get() ?: throw ClosedException(fieldsOf("this client is closed; make a new one"))
        return translated { client.ask() }
    }

    private fun <T> started(
        opened: Opened,
        read: (Outcome) -> T,
        start: NativeClient.(io.cdpbatch.internal.Source) -> NativeOperation,
    ): Operation<T> = Operation(native { start(opened.source) }, opened.feed, read)

    private suspend fun opened(source: Source): Opened = withContext(Dispatchers.IO) { source.open() }
}

private fun runOf(outcome: Outcome): Run = Run((outcome as Outcome.Run).run)

private fun checkOf(outcome: Outcome): CheckReport = jsonIn(outcome)

private fun packedOf(outcome: Outcome): PackReport = PackReport((outcome as Outcome.Packed).packed)

private inline fun <reified T> jsonIn(outcome: Outcome): T = JSON.decodeFromString((outcome as Outcome.Json).json)
