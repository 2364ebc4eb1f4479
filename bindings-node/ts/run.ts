/** Runs that storage has accepted, and batches by their ref. */

import { awake, Call, type CallOptions, type ListenOptions, settled } from './call.js'
import { type Event, eventsOf } from './events.js'
import { trace } from './failure.js'
import type { BatchInfo } from './info.js'
import { read } from './names.js'
import type * as native from './native.js'
import { Rejects, RunReport } from './report.js'

/**
 * A run whose parts are all accepted by storage.
 *
 * @example
 * ```ts
 * const run = await client.submit('guests.ndjson', { runId: 'hourly' })
 * for await (const event of run.events()) {
 *   if (event.type === 'status') console.log(event.ref, event.from, '->', event.to)
 * }
 * const report = await run.wait()
 * ```
 */
export class Run {
  /** The run's name. */
  readonly runId: string
  /** Its batches. They are all that another process needs to carry on. */
  readonly refs: readonly string[]
  readonly #handle: native.Run
  #waiting: native.Operation | undefined

  private constructor(handle: native.Run) {
    this.#handle = handle
    this.runId = handle.runId()
    this.refs = handle.refs()
  }

  /** @internal */
  static of(handle: native.Run): Run {
    return new Run(handle)
  }

  /**
   * Waits until every batch is processed.
   *
   * @throws {@link ClosedError} It was called before.
   * @throws {@link CdpBatchError} As {@link Client.upload}.
   */
  async wait(options: ListenOptions = {}): Promise<RunReport> {
    options.signal?.throwIfAborted()
    const operation = this.#waiting ?? this.#handle.wait()
    this.#waiting = undefined
    return new Call({ operation, read: reportOf, at: trace(this.wait), options }).end()
  }

  /**
   * What happens until every batch is processed, and what happened since {@link Client.submit}; then call
   * {@link Run.wait}.
   */
  async *events(): AsyncGenerator<Event, void, undefined> {
    this.#waiting ??= this.#handle.wait()
    const operation = this.#waiting
    for (;;) {
      await awake(new Promise<void>(resolve => operation.onEvent(resolve)))
      const told = operation.pullEvents()
      if (told === null) {
        return
      }
      yield* eventsOf(told)
    }
  }
}

/** A batch, by its ref alone: whoever sent it. */
export class Batch {
  /** The ref. */
  readonly ref: string
  readonly #handle: native.Client

  private constructor(handle: native.Client, ref: string) {
    this.#handle = handle
    this.ref = ref
  }

  /** @internal */
  static of(handle: native.Client, ref: string): Batch {
    return new Batch(handle, ref)
  }

  /**
   * What the service says of it now.
   *
   * @throws {@link NotFoundError} The service does not know it.
   */
  async status(options: CallOptions = {}): Promise<BatchInfo> {
    const at = trace(this.status)
    options.signal?.throwIfAborted()
    return settled(this.#handle.batchStatus(this.ref), batchOf, at, options)
  }

  /**
   * Waits until it has finished.
   *
   * @throws {@link TimeoutError} It did not finish for the client's `wait.timeoutMs`. It is not lost: wait again.
   * @throws {@link NotFoundError} The service does not know it.
   */
  async wait(options: CallOptions = {}): Promise<BatchInfo> {
    const at = trace(this.wait)
    options.signal?.throwIfAborted()
    return settled(this.#handle.batchWait(this.ref), batchOf, at, options)
  }

  /**
   * The records the service refused in it.
   *
   * @throws {@link NotFoundError} The service does not know it.
   */
  async errors(options: CallOptions = {}): Promise<Rejects> {
    const at = trace(this.errors)
    options.signal?.throwIfAborted()
    return settled(this.#handle.batchErrors(this.ref), value => Rejects.of(value as native.Rejects), at, options)
  }
}

/** The report that work ended with. */
export function reportOf(value: unknown): RunReport {
  return RunReport.of(value as native.Report)
}

/** The batch that work ended with. */
export function batchOf(value: unknown): BatchInfo {
  return read<BatchInfo>(value as string)
}
