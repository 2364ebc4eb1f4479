/** What came of a run. */

import { settled } from './call.js'
import { trace } from './failure.js'
import { read } from './names.js'
import type * as native from './native.js'
import { pathOf } from './source.js'

/** Rejects, or findings, that are fetched at a time. */
export const AT_ONCE = 256

/** How many records went which way. `read === confirmed + rejected + unknown`. */
export interface Counts {
  /** Records read from the source, bad ones included. */
  readonly read: number
  /** Records put into parts. */
  readonly packed: number
  /** Records in parts that storage accepted. */
  readonly sent: number
  /** Records the service confirmed. */
  readonly confirmed: number
  /** Records refused, by us or by the service. */
  readonly rejected: number
  /** Records whose fate is not known: not sent, not yet processed, or in a batch that failed as a whole. */
  readonly unknown: number
}

/** One batch of a run. */
export interface BatchReport {
  /** Its ref, a UUID. */
  readonly ref: string
  /** The service's last word on it; `packed` before it was sent. */
  readonly status: string
  /** Its size in bytes. */
  readonly size: number | null
  /** Its MD5 in hex. */
  readonly md5: string | null
  /** Records packed into it; null if another process did. */
  readonly records: number | null
  /** Records the service read. */
  readonly total: number | null
  /** Records the service took. */
  readonly succeeded: number | null
  /** Records the service refused. */
  readonly failed: number | null
  /** Records that its error log refuses; null without a log. It may disagree with `failed`. */
  readonly logged: number | null
  /** When it was allocated, as the service spells it. */
  readonly createdAt: string | null
  /** When it last changed, as the service spells it. */
  readonly modifiedAt: string | null
}

/** A record that was refused. */
export interface Reject {
  /** Who refused it: `us`, before anything was sent, or `service`. */
  readonly by: 'us' | 'service'
  /** The source it came from, such as a file name; null if only the service's log is at hand. */
  readonly source: string | null
  /** The line it began on, counted from 1. */
  readonly line: number | null
  /** Its ref, if it has one. */
  readonly ref: string | null
  /** The batch it was in, if it was sent. */
  readonly batch: string | null
  /** Where it lies in the uncompressed text of that batch: first byte, and the one after the last. */
  readonly byteRange: readonly [number, number] | null
  /** Why: the rule that it broke, such as `envelope.ref`, or the service's code, such as `400`. */
  readonly code: string
  /** Why, in words. */
  readonly message: string
  /** The record exactly as it was read, without its line break; empty if it is not at hand. */
  readonly record: Buffer
}

/** Where to find a refused record. */
export interface Example {
  /** Its source, if known. */
  readonly source: string | null
  /** Its line, counted from 1, if known. */
  readonly line: number | null
  /** Its ref, if it has one. */
  readonly ref: string | null
}

/** Records that were refused for the same reason. */
export interface Reason {
  /** The rule that was broken, or the service's code. */
  readonly code: string
  /** The message, with what differs from record to record replaced by `...`. */
  readonly message: string
  /** How many records. */
  readonly count: number
  /** What usually helps, in plain words; null where nobody knows, or where the message says it. */
  readonly help: string | null
  /** Some of them. */
  readonly examples: readonly Example[]
}

/** Refused records in the order of the input, read lazily and as often as wanted. */
export class Rejects implements AsyncIterable<Reject> {
  readonly #kept: native.Rejects

  private constructor(kept: native.Rejects) {
    this.#kept = kept
  }

  /** @internal */
  static of(kept: native.Rejects): Rejects {
    return new Rejects(kept)
  }

  /**
   * The records, from the first.
   *
   * @throws {@link IoError} The temporary file that holds them cannot be read.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Reject, void, undefined> {
    const at = trace(this[Symbol.asyncIterator])
    const reader = this.#kept.reader()
    while ((await settled(reader.next(AT_ONCE), Number, at)) > 0) {
      for (const { fields, record } of reader.take()) {
        yield { ...read<Omit<Reject, 'record'>>(fields), record }
      }
    }
  }
}

/** What a report's JSON holds. */
interface Known extends Pick<RunReport, 'runId' | 'ok' | 'resumed' | 'counts' | 'batches'> {
  readonly summary: readonly Reason[]
  readonly repeats: readonly Reason[]
}

/**
 * What came of a run.
 *
 * @example
 * ```ts
 * const report = await client.upload('guests.ndjson', { raiseOn: 'never' })
 * console.log(report.counts.confirmed, report.counts.rejected)
 * for await (const reject of report.rejects()) console.log(reject.line, reject.code, reject.message)
 * ```
 */
export class RunReport {
  /** The run's name; empty in a report made from refs alone. */
  readonly runId: string
  /** Whether every record read was confirmed. */
  readonly ok: boolean
  /** Whether this run found parts that were sent before. */
  readonly resumed: boolean
  /** How many records went which way. */
  readonly counts: Counts
  /** Every batch, in order. */
  readonly batches: readonly BatchReport[]
  readonly #summary: readonly Reason[]
  readonly #repeats: readonly Reason[]
  readonly #json: string
  readonly #handle: native.Report
  readonly #rejects: Rejects

  private constructor(handle: native.Report) {
    this.#json = handle.json()
    const known = read<Known>(this.#json)
    this.runId = known.runId
    this.ok = known.ok
    this.resumed = known.resumed
    this.counts = known.counts
    this.batches = known.batches
    this.#summary = known.summary
    this.#repeats = known.repeats
    this.#handle = handle
    this.#rejects = Rejects.of(handle.rejects())
  }

  /** @internal */
  static of(handle: native.Report): RunReport {
    return new RunReport(handle)
  }

  /** Every record that was refused, in the order of the input. Read lazily, as often as wanted. */
  rejects(): Rejects {
    return this.#rejects
  }

  /** Why records were refused: equal reasons together, the most frequent first. */
  summary(): readonly Reason[] {
    return this.#summary
  }

  /** Why records that the service took must be sent again: a deletion that matched several guests deleted one. */
  repeats(): readonly Reason[] {
    return this.#repeats
  }

  /**
   * Writes the refused records as they were read, one a line, to be corrected and uploaded again. The reasons go to a
   * file beside it, with `.reasons.jsonl` after its name: a line for each record.
   *
   * @param path The file, which is replaced.
   * @returns How many were written; those whose record is not at hand are left out.
   * @throws {@link IoError} The file cannot be written.
   */
  async writeRejects(path: string | URL): Promise<number> {
    return settled(this.#handle.writeRejects(pathOf(path)), Number, trace(this.writeRejects))
  }

  /** The report as plain values with the names of every language's JSON, for `JSON.stringify`; without the rejects. */
  toJSON(): Record<string, unknown> {
    return JSON.parse(this.#json) as Record<string, unknown>
  }
}
