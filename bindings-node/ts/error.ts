/** What every error of this package has. */

import type { ErrorCode } from './errors.js'
import type { RunReport } from './report.js'

/** What an error tells besides its message. */
export interface ErrorFields {
  /** Where in the run it happened, such as `upload`; null before any. */
  readonly stage?: string | null
  /** How often the request was tried; 0 when none was made. */
  readonly attempts?: number
  /** The HTTP status of the last answer. */
  readonly httpStatus?: number | null
  /** The service's id of the request, for its support. */
  readonly requestId?: string | null
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | null
  /** The run, to carry on with. */
  readonly runId?: string | null
  /** The batches it is about. */
  readonly refs?: readonly string[]
  /** The source of the record it is about. */
  readonly source?: string | null
  /** The line of that record, counted from 1. */
  readonly line?: number | null
  /** What is known of the run, if it had begun. */
  readonly report?: RunReport | undefined
  /** What the operating system, a source or a listener said, if that is why. */
  readonly cause?: unknown
}

/**
 * The base of all errors: what failed and what to do, in one sentence.
 *
 * Catch this for anything that can go wrong, or look for one of its subclasses for what you can act on. Where a call ends
 * with an error, its stack begins where the call was made.
 *
 * @example
 * ```ts
 * try {
 *   await client.upload('guests.ndjson')
 * } catch (error) {
 *   if (!(error instanceof CdpBatchError)) throw error
 *   console.error(error.code, error.retryable, error.runId)
 * }
 * ```
 */
export abstract class CdpBatchError extends Error {
  /** The kind of error, the same in every language, such as `records_rejected`. */
  abstract readonly code: ErrorCode
  /** Whether the same call may succeed later without a change. */
  abstract readonly retryable: boolean
  /** Where in the run it happened, such as `upload`; null before any. */
  readonly stage: string | null
  /** How often the request was tried; 0 when none was made. */
  readonly attempts: number
  /** The HTTP status of the last answer. */
  readonly httpStatus: number | null
  /** The service's id of the request, for its support. */
  readonly requestId: string | null
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | null
  /** The run, to carry on with. */
  readonly runId: string | null
  /** The batches it is about. */
  readonly refs: readonly string[]
  /** The source of the record it is about. */
  readonly source: string | null
  /** The line of that record, counted from 1. */
  readonly line: number | null
  /** What is known of the run, if it had begun. */
  readonly report: RunReport | undefined

  constructor(message: string, fields: ErrorFields = {}) {
    super(message, 'cause' in fields ? { cause: fields.cause } : undefined)
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true })
    this.stage = fields.stage ?? null
    this.attempts = fields.attempts ?? 0
    this.httpStatus = fields.httpStatus ?? null
    this.requestId = fields.requestId ?? null
    this.retryAfterMs = fields.retryAfterMs ?? null
    this.runId = fields.runId ?? null
    this.refs = fields.refs ?? []
    this.source = fields.source ?? null
    this.line = fields.line ?? null
    this.report = fields.report
  }

  /** The fields as plain values with the names of every language's JSON; without the report. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      stage: this.stage,
      retryable: this.retryable,
      attempts: this.attempts,
      http_status: this.httpStatus,
      request_id: this.requestId,
      retry_after_ms: this.retryAfterMs,
      run_id: this.runId,
      refs: this.refs,
      source: this.source,
      line: this.line,
    }
  }
}
