/** The client. */

import { existsSync } from 'node:fs'
import { Call, type CallOptions, type ListenOptions, settled } from './call.js'
import { taken, trace, type Trace } from './failure.js'
import { type BatchInfo, CheckReport, PackReport, type Reconciliation, type RunInfo } from './info.js'
import type { Nan } from './json.js'
import { optionsJson, read } from './names.js'
import * as native from './native.js'
import type { ClientOptions, RunOptions } from './options.js'
import type { RunReport } from './report.js'
import { Rows } from './rows.js'
import { Batch, batchOf, Run, reportOf } from './run.js'
import { opened, Pieces, pathOf, type Source } from './source.js'
import { type Fed, UploadStream, Writer } from './writer.js'

/** Marks options of {@link Client.fromEnv}. */
const FROM_ENV = Symbol('from the environment')

/** Where the service is, who asks, and the defaults of every call. */
export interface ConnectOptions extends ClientOptions {
  /** `eu`, `us`, `ap` or `jp`; or else `baseUrl`. */
  region?: string | undefined
  /** The address of the service. */
  baseUrl?: string | URL | undefined
  /** The Client Key, from Settings > API access in Sitecore CDP. */
  clientKey: string
  /** The API Token, from the same page. */
  apiToken: string
}

/** What becomes of rows. */
export interface RowOptions {
  /**
   * What becomes of a NaN, or of an invalid `Date`, in a row: `error`, which is the default, `null`, or `omit` to leave
   * its key out (in an array it is `null`). An infinite number is always an error.
   */
  nan?: Nan | undefined
}

/** What may be different for a call that takes records. */
export interface SourceOptions extends RunOptions, RowOptions, CallOptions {}

/** What may be different for an upload. */
export interface UploadOptions extends RunOptions, RowOptions, ListenOptions {}

/** What may be different for a stream that uploads. */
export interface WriteStreamOptions extends UploadOptions {
  /** Whether rows are written, which is the default, or else the content of a file in pieces. */
  objectMode?: boolean | undefined
}

/** Which batches of the list, and in which order. */
export interface BatchQuery extends CallOptions {
  /** Only with this status, or one of these. */
  status?: string | readonly string[] | undefined
  /** Only those allocated after this. */
  createdAfter?: Date | string | undefined
  /** Only those allocated before this. */
  createdBefore?: Date | string | undefined
  /** Only those that changed last after this. */
  modifiedAfter?: Date | string | undefined
  /** Only those that changed last before this. */
  modifiedBefore?: Date | string | undefined
  /** Only those whose ref begins so. */
  refPrefix?: string | undefined
  /** The order; a minus sign means the newest first. Sorting reads the whole list first. */
  sort?: 'created' | '-created' | 'modified' | '-modified' | undefined
  /** At most so many. */
  limit?: number | undefined
}

/**
 * Uploads records to Sitecore CDP, waits until they are processed, and explains every one that was refused.
 *
 * A client may be used by many calls at once. It keeps no process alive; a call does until it has ended.
 *
 * @example
 * ```ts
 * await using client = Client.fromEnv()
 * const report = await client.upload('guests.ndjson', { signal: AbortSignal.timeout(3_600_000) })
 * console.log(report.counts.confirmed)
 * ```
 */
export class Client implements AsyncDisposable {
  readonly #handle: native.Client

  /**
   * @throws {@link InvalidOptionsError} Something is missing, unknown or out of range; the message names it.
   */
  constructor(options: ConnectOptions) {
    this.#handle = taken(made(options), trace(Client)) as native.Client
  }

  /**
   * A client from the environment: `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
   *
   * @throws {@link InvalidOptionsError} A variable is missing; the message names it.
   */
  static fromEnv(options: ClientOptions = {}): Client {
    return new Client({ [FROM_ENV]: true, ...options } as unknown as ConnectOptions)
  }

  /** Gives back connections. Later calls end with {@link ClosedError}; those under way go on. */
  close(): void {
    this.#handle.close()
  }

  /** The same as {@link Client.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /**
   * Checks, packs, uploads, waits and explains.
   *
   * @param source Records.
   * @param options What is different for this run.
   * @returns What came of the run.
   * @throws {@link RecordsRejectedError} Records were refused; everything else was loaded. Its `report` tells which and why.
   * @throws {@link BatchCorruptedError} The service could not read a batch.
   * @throws {@link CancelledError} The source or a listener threw, which is the `cause`; `runId` is there to carry on with.
   * @throws {@link CdpBatchError} Anything else.
   */
  async upload(source: Source, options: UploadOptions = {}): Promise<RunReport> {
    const start = (records: native.Source, run: string) => this.#handle.upload(records, run)
    return this.#run(source, options, start, reportOf, trace(this.upload))
  }

  /**
   * Like {@link Client.upload}, but resolves as soon as storage has accepted every part.
   *
   * @param source Records.
   * @param options What is different for this run.
   * @returns The run. Its refs are all that another process needs to carry on.
   * @throws {@link CdpBatchError} As {@link Client.upload}, but for what comes of the last parts.
   */
  async submit(source: Source, options: UploadOptions = {}): Promise<Run> {
    const start = (records: native.Source, run: string) => this.#handle.submit(records, run)
    return this.#run(source, options, start, value => Run.of(value as native.Run), trace(this.submit))
  }

  /**
   * An upload that is fed row by row. {@link Writer.close} is the rest of {@link Client.upload}.
   *
   * @param options What is different for this run.
   */
  writer(options: UploadOptions = {}): Writer {
    const queue = native.native.Writer.rows()
    return Writer.of(this.#fed(queue, new Rows(options.nan ?? 'error'), options, trace(this.writer)))
  }

  /**
   * An upload as the end of a `stream.pipeline`.
   *
   * @param options What is different for this run, and whether rows or bytes are written.
   */
  createWriteStream(options: WriteStreamOptions = {}): UploadStream {
    const { objectMode = true, ...rest } = options
    const at = trace(this.createWriteStream)
    if (objectMode) {
      const rows = new Rows(rest.nan ?? 'error')
      return UploadStream.of(this.#fed(native.native.Writer.rows(), rows, rest, at), true)
    }
    return UploadStream.of(this.#fed(native.native.Writer.stream('stream'), new Pieces(), rest, at), false)
  }

  /**
   * Checks every record without sending anything.
   *
   * @param source Records.
   * @param options As for {@link Client.upload}; `check: 'model'` looks closest.
   * @returns How much was found, and each finding with its place.
   * @throws {@link IoError} The source cannot be read.
   */
  async validate(source: Source, options: SourceOptions = {}): Promise<CheckReport> {
    const start = (records: native.Source, run: string) => this.#handle.validate(records, run)
    return this.#run(source, options, start, value => CheckReport.of(value as native.Checked), trace(this.validate))
  }

  /**
   * Packs records into files as the service wants them, without sending anything.
   *
   * @param source Records.
   * @param folder Where the files go, named `00000.json.gz` and so on. It is made if needed.
   * @param options As for {@link Client.upload}.
   * @returns The files, with their size and MD5, and the records that are in none of them.
   * @throws {@link IoError} The source or the folder cannot be used.
   */
  async pack(source: Source, folder: string | URL, options: SourceOptions = {}): Promise<PackReport> {
    const into = pathOf(folder)
    const start = (records: native.Source, run: string) => this.#handle.pack(records, into, run)
    return this.#run(source, options, start, value => PackReport.of(value as native.Packed), trace(this.pack))
  }

  /** A batch, by its ref alone: whoever sent it. Nothing is asked yet. */
  batch(ref: string): Batch {
    return Batch.of(this.#handle, ref)
  }

  /**
   * The batches of the last 30 days, fetched page by page as they are needed.
   *
   * @param query Which, in which order, and how many at most.
   * @throws {@link InvalidOptionsError} There is no such status, or a time is none.
   */
  batches(query: BatchQuery = {}): AsyncGenerator<BatchInfo, void, undefined> {
    const { signal, status = [], ...rest } = query
    const asked = optionsJson({ ...rest, status: typeof status === 'string' ? [status] : status })
    return listed(() => this.#handle.batches(asked), trace(this.batches), signal)
  }

  /**
   * Waits until these batches have finished. Needs nothing but their refs, so any process can do it.
   *
   * @param refs The refs.
   * @param options `wait: { timeoutMs }` says how long.
   * @returns What the service says of each.
   * @throws {@link TimeoutError} None of them finished for that long. They are not lost: wait again.
   * @throws {@link NotFoundError} The service does not know one of them.
   */
  async wait(refs: Iterable<string>, options: RunOptions & CallOptions = {}): Promise<BatchInfo[]> {
    const at = trace(this.wait)
    const { signal, ...run } = options
    signal?.throwIfAborted()
    const operation = this.#handle.wait(all(refs), optionsJson(run))
    return settled(operation, value => read<BatchInfo[]>(value as string), at, { signal })
  }

  /**
   * A report of these batches as the service tells of them now. Needs nothing but their refs.
   *
   * @param refs The refs.
   * @returns A report whose rejects have a ref, a code and a message, but neither source nor record.
   * @throws {@link NotFoundError} The service does not know one of them.
   */
  async report(refs: Iterable<string>, options: CallOptions = {}): Promise<RunReport> {
    const at = trace(this.report)
    options.signal?.throwIfAborted()
    return settled(this.#handle.report(all(refs)), reportOf, at, options)
  }

  /**
   * Every run in the journal of `stateDir`, the latest first.
   *
   * @throws {@link InvalidOptionsError} The client has no `stateDir`.
   * @throws {@link JournalError} The folder holds no journal that can be read.
   */
  async runs(options: CallOptions = {}): Promise<RunInfo[]> {
    const at = trace(this.runs)
    options.signal?.throwIfAborted()
    return settled(this.#handle.runs(), value => read<RunInfo[]>(value as string), at, options)
  }

  /**
   * Goes on with a run from its journal in `stateDir`: nothing is lost, and nothing is sent twice. {@link Client.upload}
   * with the same `runId`, source and options means the same.
   *
   * @param runId The run's name.
   * @throws {@link JournalError} The run is not there, or it was fed from something that cannot be read again from here.
   * @throws {@link CdpBatchError} As {@link Client.upload}.
   */
  async resume(runId: string, options: ListenOptions = {}): Promise<RunReport> {
    const at = trace(this.resume)
    options.signal?.throwIfAborted()
    return new Call({ operation: this.#handle.resume(runId), read: reportOf, at, options }).end()
  }

  /**
   * Compares the journal of `stateDir` with the service's list of the last 30 days.
   *
   * @throws {@link InvalidOptionsError} The client has no `stateDir`.
   * @throws {@link JournalError} The folder holds no journal that can be read.
   */
  async reconcile(options: CallOptions = {}): Promise<Reconciliation> {
    const at = trace(this.reconcile)
    options.signal?.throwIfAborted()
    return settled(this.#handle.reconcile(), value => read<Reconciliation>(value as string), at, options)
  }

  async #run<T>(
    source: Source,
    options: UploadOptions,
    start: (source: native.Source, options: string) => native.Operation,
    result: (value: unknown) => T,
    at: Trace,
  ): Promise<T> {
    options.signal?.throwIfAborted()
    const { nan, call, run } = parted(options)
    const { source: records, feed } = await opened(source, nan, at, call.signal)
    const work = { operation: start(records, optionsJson(run)), read: result, at, options: call }
    return new Call({ ...work, ...feed }).end()
  }

  #fed(queue: native.Writer, encoder: Fed['encoder'], options: UploadOptions, at: Trace): Fed {
    options.signal?.throwIfAborted()
    const { call, run } = parted(options)
    const operation = this.#handle.upload(queue.source(), optionsJson(run))
    return { call: new Call({ operation, read: reportOf, at, options: call, writer: queue }), queue, encoder }
  }
}

/** The core's client for these options. */
function made(options: ConnectOptions & { [FROM_ENV]?: true }): native.Outcome {
  const { region, baseUrl, clientKey, apiToken, ...rest } = options
  return options[FROM_ENV]
    ? native.native.Client.fromEnv(clientJson(options))
    : native.native.Client.make(region, baseUrl?.toString(), clientKey, apiToken, clientJson(rest))
}

/** Options of ours, and those of the core. */
function parted(options: UploadOptions): { nan: Nan; call: ListenOptions; run: RunOptions } {
  const { nan = 'error', signal, onEvent, onProgress, ...run } = options
  return { nan, call: { signal, onEvent, onProgress }, run }
}

/** Options of a client, with the authorities that the environment names for Node. */
function clientJson(options: ClientOptions): string {
  const bundle = process.env['NODE_EXTRA_CA_CERTS']
  const http = bundle && existsSync(bundle) ? { http: { caFile: bundle, ...options.http } } : {}
  return optionsJson({ ...options, ...http })
}

function all(refs: Iterable<string>): string[] {
  return typeof refs === 'string' ? [refs] : [...refs]
}

async function* listed(
  list: () => native.Batches,
  at: Trace,
  signal: AbortSignal | undefined,
): AsyncGenerator<BatchInfo, void, undefined> {
  signal?.throwIfAborted()
  const batches = list()
  for (;;) {
    const next = await settled(batches.next(), value => (value === 'null' ? undefined : batchOf(value)), at, { signal })
    if (next === undefined) {
      return
    }
    yield next
  }
}
