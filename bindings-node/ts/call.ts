/** How calls wait for their work. Nothing else in this package waits. */

import { type Event, eventsOf, type Listeners, listener } from './events.js'
import { CdpBatchError } from './error.js'
import { errorOf, placed, stoppedError, type Trace, taken } from './failure.js'
import type { Operation, Outcome, Writer } from './native.js'
import type { Input } from './source.js'

/** The longest that a call waits for work that was stopped, in milliseconds. */
const PATIENCE_MS = 2_000

/** How long feeding may keep the event loop from other things, in milliseconds. */
const SLICE_MS = 2

/** What may be given with every call. */
export interface CallOptions {
  /**
   * Stops the call when it is aborted, also when it already is: the call rejects with `signal.reason`. What a run has done
   * is not undone, and it can be carried on with; if the reason is an error without a `cause`, its cause tells the run.
   */
  signal?: AbortSignal | undefined
}

/** What may be given with a call that tells how far it is. */
export interface ListenOptions extends CallOptions, Listeners {}

/** The value of work that takes no source and tells nothing. */
export async function settled<T>(
  operation: Operation,
  read: (value: NonNullable<Outcome['value']>) => T,
  at: Trace,
  options: CallOptions = {},
): Promise<T> {
  options.signal?.throwIfAborted()
  return new Call({ operation, read, at, options }).end()
}

/** Why a call was stopped, and how the caller learns it. */
interface Stop {
  readonly reason: unknown
  readonly by: 'signal' | 'source' | 'listener'
}

interface Work<T> {
  readonly operation: Operation
  readonly read: (value: NonNullable<Outcome['value']>) => T
  readonly at: Trace
  readonly options: ListenOptions
  /** The queue that feeds it, if it is fed. */
  readonly writer?: Writer | undefined
  /** What is pulled into that queue; otherwise somebody pushes. */
  readonly input?: Input | undefined
}

/** Work under way: what it ends with, what it is fed, who listens, and who may stop it. */
export class Call<T> {
  readonly #work: Work<T>
  readonly #done: Promise<void>
  readonly #told: Promise<void>
  #isDone = false
  #stop: Stop | undefined

  constructor(work: Work<T>) {
    this.#work = work
    const { operation, options } = work
    this.#done = new Promise(resolve => {
      operation.onDone(() => {
        this.#isDone = true
        resolve()
      })
    })
    options.signal?.addEventListener('abort', this.#abort)
    const tell = listener(options)
    this.#told = tell ? this.#tell(tell) : this.#done
  }

  /** Waits for the end. */
  async end(): Promise<T> {
    const { operation, read, at, options, writer, input } = this.#work
    if (writer && input) {
      void this.#feed(writer, input)
    }
    await awake(this.#ended())
    options.signal?.removeEventListener('abort', this.#abort)
    writer?.abandon()
    if (input) {
      close(input)
    }
    const outcome = this.#isDone ? operation.take() : {}
    if (this.#stop) {
      throw explained(this.#stop, outcome, at)
    }
    return read(taken(outcome, at))
  }

  /** Gives up, also what is being fed. The first reason counts. */
  stop(reason: unknown, by: Stop['by']): void {
    this.#stop ??= { reason, by }
    this.#work.writer?.abandon()
    this.#work.operation.cancel()
    this.#stopped()
  }

  /** Whether it was given up. */
  get isStopped(): boolean {
    return this.#stop !== undefined
  }

  readonly #abort = (): void => this.stop(this.#work.options.signal?.reason, 'signal')

  #stopped: () => void = () => {}

  /** Waits for the end of the work and of what it tells; not for long once it was stopped. */
  async #ended(): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#stopped = resolve
      if (this.#stop) {
        resolve()
      }
    })
    await Promise.race([this.#done, stopped])
    if (this.#stop) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>(resolve => {
        timer = setTimeout(resolve, PATIENCE_MS)
      })
      await Promise.race([this.#done, late])
      clearTimeout(timer)
    }
    if (this.#isDone) {
      await this.#told
    }
  }

  async #tell(tell: (event: Event) => void): Promise<void> {
    const { operation } = this.#work
    for (;;) {
      await new Promise<void>(resolve => operation.onEvent(resolve))
      const told = operation.pullEvents()
      if (told === null) {
        return
      }
      for (const event of eventsOf(told)) {
        try {
          tell(event)
        } catch (error) {
          this.stop(error, 'listener')
        }
        if (event.type === 'done') {
          return
        }
      }
    }
  }

  /** Feeds everything, no faster than it is taken. */
  async #feed(writer: Writer, input: Input): Promise<void> {
    const room = new Room(writer)
    try {
      let since = performance.now()
      while (!this.#isDone && !this.#stop && room.isOpen) {
        const next = input.next()
        const { done, value } = next instanceof Promise ? await next : next
        if (done) {
          input.encoder.end(room.push)
          await room.wait()
          writer.finish()
          return
        }
        input.encoder.add(value, room.push)
        if (room.isFull) {
          await room.wait()
          since = performance.now()
        } else if (room.wasUsed() && performance.now() - since > SLICE_MS) {
          await new Promise(resolve => setImmediate(resolve))
          since = performance.now()
        }
      }
      // Nothing reads any more: the outcome says why.
    } catch (error) {
      this.stop(error, 'source')
    }
  }
}

/** The queue that a writer fills, and what found no room in it. */
export class Room {
  /** Whether anything reads. */
  isOpen = true
  readonly #writer: Writer
  #left: (Uint8Array | string)[] = []
  #isUsed = false

  constructor(writer: Writer) {
    this.#writer = writer
  }

  readonly push = (chunk: Uint8Array | string): void => {
    this.#isUsed = true
    if (this.isFull || !this.#takes(chunk)) {
      this.#left.push(typeof chunk === 'string' ? chunk : new Uint8Array(chunk))
    }
  }

  /** Whether something found no room. */
  get isFull(): boolean {
    return this.#left.length > 0
  }

  /** Whether anything was pushed since the last question. */
  wasUsed(): boolean {
    const wasUsed = this.#isUsed
    this.#isUsed = false
    return wasUsed
  }

  /** Waits until everything found room, or nothing reads any more. */
  async wait(): Promise<void> {
    while (this.isFull) {
      await awake(new Promise<void>(resolve => this.#writer.onRoom(resolve)))
      const taken = this.#left.findIndex(chunk => !this.#takes(chunk))
      this.#left = taken < 0 ? [] : this.#left.slice(taken)
    }
  }

  /** Whether there was room for it; nothing is left over once nothing reads any more. */
  #takes(chunk: Uint8Array | string): boolean {
    const isIn = this.#writer.push(chunk)
    this.isOpen = isIn !== null
    return isIn ?? true
  }
}

/** Waits for something that only the native half knows of; the process lives on meanwhile. */
export async function awake<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 2 ** 30)
  try {
    return await promise
  } finally {
    clearInterval(timer)
  }
}

/** Closes an input; one that was read to its end does not mind. */
function close(input: Input): void {
  // What goes wrong now is of no interest to anybody: the call has ended.
  Promise.resolve()
    .then(() => input.close())
    .catch(() => {})
}

/** What a call rejects with when it was stopped from outside the core, with what is known of the run. */
function explained({ reason, by }: Stop, outcome: Outcome, at: Trace): unknown {
  const known = outcome.error && errorOf(outcome.error, at)
  if (by === 'signal') {
    if (known && reason instanceof Error && !('cause' in reason) && Object.isExtensible(reason)) {
      Object.defineProperty(reason, 'cause', { value: known, configurable: true, writable: true })
    }
    return reason
  }
  if (reason instanceof CdpBatchError) {
    return placed(Object.assign(reason, known && { runId: known.runId, refs: known.refs, report: known.report }), at)
  }
  if (outcome.error && by === 'listener') {
    return errorOf(outcome.error, at, { cause: reason })
  }
  const what = reason instanceof Error ? reason.message : String(reason)
  return stoppedError(`the ${by} failed: ${what}`, reason, known, at)
}
