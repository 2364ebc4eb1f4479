/** Errors of the core as the errors of this package. */

import { getSystemErrorMap } from 'node:util'
import type { CdpBatchError, ErrorFields } from './error.js'
import { BY_CODE, CancelledError, type ErrorCode } from './errors.js'
import { read, spoken } from './names.js'
import type { Failure, Outcome } from './native.js'
import { RunReport } from './report.js'

/** The frames above a call, to be shown by an error that ends it. */
export type Trace = { readonly stack?: string }

/** Where a public function was called, which is left out itself. */
export function trace(from: ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown)): Trace {
  const at: { stack?: string } = {}
  Error.captureStackTrace(at, from)
  return at
}

/** The error for a failure of the core. What the operating system said becomes its cause, unless there is another. */
export function errorOf(failure: Failure, at: Trace, other: { cause?: unknown } = {}): CdpBatchError {
  const { code, message, ...known } = read<{ code: ErrorCode; message: string } & ErrorFields>(failure.fields)
  const report = failure.report && RunReport.of(failure.report)
  const cause = failure.errno === undefined ? other : { cause: systemError(failure.errno), ...other }
  const words = spoken(message, code === 'invalid_options')
  return placed(new BY_CODE[code](words, { ...known, report, ...cause }), at)
}

/** The error for a call that the caller's own code stopped, with what is known of its run. */
export function stoppedError(
  message: string,
  cause: unknown,
  known: CdpBatchError | undefined,
  at: Trace,
): CancelledError {
  const { stage = null, runId = null, refs = [], report } = known ?? {}
  return placed(new CancelledError(message, { stage, runId, refs, report, cause }), at)
}

/** What a call that starts no work ended with. */
export function taken(outcome: Outcome, at: Trace): NonNullable<Outcome['value']> {
  if (outcome.error) {
    throw errorOf(outcome.error, at)
  }
  return outcome.value as NonNullable<Outcome['value']>
}

/** The error, with the stack of the call. */
export function placed<T extends Error>(error: T, at: Trace): T {
  const frames = at.stack?.slice(at.stack.indexOf('\n') + 1)
  if (frames?.trim().startsWith('at ')) {
    error.stack = `${error.name}: ${error.message}\n${frames}`
  }
  return error
}

function systemError(errno: number): Error {
  const [code, words] = getSystemErrorMap().get(-errno) ?? ['UNKNOWN', `error ${errno} of the operating system`]
  return Object.assign(new Error(`${code}: ${words}`), { errno: -errno, code })
}
