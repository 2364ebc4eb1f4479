/** What batches, checks, files and journals tell. */

import { settled } from './call.js'
import { trace } from './failure.js'
import { read } from './names.js'
import type * as native from './native.js'
import { AT_ONCE, Rejects } from './report.js'

/** What came of a batch's records, by the service's count. */
export interface Stats {
  /** Time the service took, in milliseconds. */
  readonly timeToProcessMs: number | null
  /** Records read. */
  readonly total: number | null
  /** Records taken. */
  readonly succeeded: number | null
  /** Records refused. */
  readonly failed: number | null
}

/** A batch as the service tells of it. */
export interface BatchInfo {
  /** Its ref, a UUID. */
  readonly ref: string
  /** Where it is on its way: `uploading`, `file_uploaded`, `processing`, and in the end `success`, `error` or `corrupted`. */
  readonly status: string
  /** Its declared size in bytes; absent from lists. */
  readonly size: number | null
  /** Its declared MD5 in hex; absent from lists. */
  readonly checksum: string | null
  /** What came of its records, once processed; absent from lists. */
  readonly stats: Stats | null
  /** When it was allocated, as the service spells it. */
  readonly createdAt: string | null
  /** When it last changed, as the service spells it. */
  readonly modifiedAt: string | null
  /** When its upload location stops working. */
  readonly expiry: string | null
  /** Whether there is an error log. */
  readonly hasLog: boolean
}

/** One remark about one place of a record. */
export interface Finding {
  /** The source of the record, such as a file name. */
  readonly source: string
  /** The line it began on, counted from 1. */
  readonly line: number
  /** The place in it, such as `$.value.identifiers[0].id`. */
  readonly path: string
  /** The rule's stable name, such as `envelope.ref`. */
  readonly rule: string
  /** `error` if the record would not be sent. */
  readonly severity: 'warning' | 'error'
  /** What is wrong and what is expected. */
  readonly message: string
  /** Where the rule is from. */
  readonly section: string
}

/** Remarks about records in the order of the input, read lazily and as often as wanted. */
export class Findings implements AsyncIterable<Finding> {
  readonly #kept: native.Findings

  private constructor(kept: native.Findings) {
    this.#kept = kept
  }

  /** @internal */
  static of(kept: native.Findings): Findings {
    return new Findings(kept)
  }

  /**
   * The findings, from the first.
   *
   * @throws {@link IoError} The temporary file that holds them cannot be read.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Finding, void, undefined> {
    const at = trace(this[Symbol.asyncIterator])
    const reader = this.#kept.reader()
    for (;;) {
      const some = await settled(reader.next(AT_ONCE), value => read<Finding[]>(value as string), at)
      if (some.length === 0) {
        return
      }
      yield* some
    }
  }
}

/**
 * What a check found.
 *
 * @example
 * ```ts
 * const found = await client.validate('guests.ndjson', { check: 'model' })
 * for await (const { line, rule, message } of found.findings()) console.log(line, rule, message)
 * ```
 */
export class CheckReport {
  /** Whether every record would be sent. */
  readonly ok: boolean
  /** Records read. */
  readonly read: number
  /** Records with an error: they would not be sent. */
  readonly invalid: number
  /** Errors found. */
  readonly errors: number
  /** Warnings found: the record would be sent. */
  readonly warnings: number
  readonly #findings: Findings

  private constructor(checked: native.Checked) {
    const known = read<Pick<CheckReport, 'read' | 'invalid' | 'errors' | 'warnings'>>(checked.json())
    this.ok = known.invalid === 0
    this.read = known.read
    this.invalid = known.invalid
    this.errors = known.errors
    this.warnings = known.warnings
    this.#findings = Findings.of(checked.findings())
  }

  /** @internal */
  static of(checked: native.Checked): CheckReport {
    return new CheckReport(checked)
  }

  /** Each error and warning with its place, in the order of the input. Read lazily, as often as wanted. */
  findings(): Findings {
    return this.#findings
  }
}

/** A file made by packing. */
export interface Part {
  /** The gzip file. */
  readonly path: string
  /** Its size in bytes. */
  readonly size: number
  /** Its MD5 in hex, as the service wants it when the batch is allocated. */
  readonly md5: string
  /** The same in Base64, as the `Content-MD5` header wants it. */
  readonly contentMd5: string
  /** Records in it. */
  readonly records: number
}

/** How many records were packed. `read === packed + rejected`. */
export interface PackCounts {
  /** Records read, bad ones included. */
  readonly read: number
  /** Records in the files. */
  readonly packed: number
  /** Records refused. */
  readonly rejected: number
}

/** What packing made: files, how many records went which way, and those that are in no file. */
export class PackReport {
  /** The files, in order. */
  readonly parts: readonly Part[]
  /** How many records went which way. */
  readonly counts: PackCounts
  readonly #rejects: Rejects

  private constructor(packed: native.Packed) {
    const known = read<{ parts: Part[]; counts: PackCounts }>(packed.json())
    this.parts = known.parts
    this.counts = known.counts
    this.#rejects = Rejects.of(packed.rejects())
  }

  /** @internal */
  static of(packed: native.Packed): PackReport {
    return new PackReport(packed)
  }

  /** Every record that is in no file, in the order of the input. Read lazily, as often as wanted. */
  rejects(): Rejects {
    return this.#rejects
  }
}

/** A run as its journal has it. */
export interface RunInfo {
  /** Its name. */
  readonly runId: string
  /** When it was begun. */
  readonly createdAt: string
  /** `packing` until its last part is packed, `packed` until every part is settled, then `finished`. */
  readonly state: 'packing' | 'packed' | 'finished'
  /** Names of its sources. */
  readonly sources: readonly string[]
  /** Parts packed so far. */
  readonly parts: number
  /** Records in them. */
  readonly packed: number
  /** Records the service confirmed. */
  readonly confirmed: number
  /** Records refused, by us or by the service. */
  readonly rejected: number
}

/** A batch that needs a look. */
export interface OpenBatch {
  /** Its ref. */
  readonly ref: string
  /** The run it belongs to; null if the journal does not know it. */
  readonly runId: string | null
  /** The part it holds, counted from 0; null if the journal does not know it. */
  readonly part: number | null
  /** What the service says; null if it does not list it. */
  readonly status: string | null
}

/** What the journal and the service together tell. Batches that are done and known are left out. */
export interface Reconciliation {
  /** Packed, perhaps allocated, but storage does not have them: resume the run. */
  readonly neverUploaded: readonly OpenBatch[]
  /** Uploaded, and the service has not finished with them. */
  readonly processing: readonly OpenBatch[]
  /** The service could not read them or refused records of them, and they were not sent again. */
  readonly failed: readonly OpenBatch[]
  /** Listed by the service, but not in this journal: sent from elsewhere. */
  readonly unknown: readonly OpenBatch[]
}
