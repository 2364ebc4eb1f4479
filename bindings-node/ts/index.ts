/** Upload guests and orders to Sitecore CDP: fast, resumable, every refused record explained. */

export type { CallOptions, ListenOptions } from './call.js'
export {
  type BatchQuery,
  Client,
  type ConnectOptions,
  type RowOptions,
  type SourceOptions,
  type UploadOptions,
  type WriteStreamOptions,
} from './client.js'
export { CdpBatchError, type ErrorFields } from './error.js'
export {
  BatchCorruptedError,
  CancelledError,
  ClosedError,
  ConflictError,
  type ErrorCode,
  IntegrityError,
  InternalError,
  InvalidOptionsError,
  InvalidRecordError,
  IoError,
  JournalError,
  NotFoundError,
  ProtocolError,
  RateLimitedError,
  RecordsRejectedError,
  RecordTooLargeError,
  RejectedError,
  TimeoutError,
  TlsError,
  UnauthorizedError,
  UnavailableError,
  UploadExpiredError,
} from './errors.js'
export type * from './events.js'
export {
  type BatchInfo,
  CheckReport,
  type Finding,
  Findings,
  type OpenBatch,
  type PackCounts,
  PackReport,
  type Part,
  type Reconciliation,
  type RunInfo,
  type Stats,
} from './info.js'
export type { Nan } from './json.js'
export type { ClientOptions, Http, Retry, RunOptions, Wait } from './options.js'
export { type BatchReport, type Counts, type Example, type Reason, type Reject, Rejects, RunReport } from './report.js'
export { Batch, Run } from './run.js'
export type { Row, Source } from './source.js'
export { UploadStream, Writer } from './writer.js'
