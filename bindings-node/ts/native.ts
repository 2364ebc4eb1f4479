/** The native half: starts work in the core and hands it over. Nothing in it waits. */

import { load } from './load.js'

/** Called once, from the event loop. Keeps no process alive. */
export type Ring = () => void

export interface Outcome {
  readonly value?: string | Report | Run | Rejects | Packed | Source | Client | Checked
  readonly error?: Failure
}

export interface Failure {
  readonly fields: string
  readonly report?: Report
  readonly errno?: number
}

export interface Operation {
  cancel(): void
  onDone(ring: Ring): void
  onEvent(ring: Ring): void
  pullEvents(): string | null
  take(): Outcome
}

export interface Client {
  close(): void
  upload(source: Source, options: string): Operation
  submit(source: Source, options: string): Operation
  validate(source: Source, options: string): Operation
  pack(source: Source, folder: string, options: string): Operation
  resume(runId: string): Operation
  runs(): Operation
  reconcile(): Operation
  wait(refs: string[], options: string): Operation
  report(refs: string[]): Operation
  batchStatus(ref: string): Operation
  batchWait(ref: string): Operation
  batchErrors(ref: string): Operation
  batches(query: string): Batches
}

export interface Batches {
  next(): Operation
}

export interface Source {
  readonly source?: never
}

export interface Writer {
  source(): Source
  push(chunk: Uint8Array | string): boolean | null
  onRoom(ring: Ring): void
  finish(): void
  abandon(): void
}

export interface Report {
  json(): string
  rejects(): Rejects
  writeRejects(path: string): Operation
}

export interface Run {
  runId(): string
  refs(): string[]
  wait(): Operation
}

export interface Packed {
  json(): string
  rejects(): Rejects
}

export interface Checked {
  json(): string
  findings(): Findings
}

export interface Findings {
  reader(): FindingReader
}

export interface FindingReader {
  next(most: number): Operation
}

export interface Rejects {
  reader(): RejectReader
}

export interface RejectReader {
  next(most: number): Operation
  take(): { readonly fields: string; readonly record: Buffer }[]
}

export interface Emulator {
  baseUrl(): string
  arrived(): string
  batches(): string
  requests(): string
  setFaults(faults: string): void
  advanceClock(seconds: number): void
  reset(): void
  close(): void
}

export interface Native {
  readonly VERSION: string
  readonly Client: {
    make(
      region: string | undefined,
      baseUrl: string | undefined,
      clientKey: string,
      apiToken: string,
      options: string,
    ): Outcome
    fromEnv(options: string): Outcome
  }
  readonly Source: { paths(paths: string[]): Source; glob(pattern: string): Operation }
  readonly Writer: { rows(): Writer; stream(name: string): Writer }
  readonly Emulator: new (
    clientKey: string | undefined,
    apiToken: string | undefined,
    faults: string,
    recordsPerSecond: number | undefined,
  ) => Emulator
  commandLine(args: string[]): number
}

export const native: Native = load()
