/**
 * A local Batch API to test jobs against: no tenant, no network beyond this machine.
 *
 * It is stricter than the service's documents, and fails on purpose where a test asks it to. Its faults are described in
 * the emulator's README.
 *
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { Emulator } from 'cdp-batch/testing'
 *
 * test('the nightly job', async () => {
 *   await using emulator = new Emulator()
 *   await nightly(emulator.client())
 *   assert.equal(emulator.arrived().length, 3)
 * })
 * ```
 */

import { Client } from './client.js'
import { read } from './names.js'
import * as native from './native.js'
import type { ClientOptions } from './options.js'

/** Which requests a rule is for, counted from 1; every condition given must hold. */
export interface Match {
  /** These tries. */
  try?: readonly number[]
  /** This try and every later one. */
  from?: number
  /** With 2 every second try, and so on. */
  every?: number
  /** Each try with this probability, 0 to 1, drawn from the plan's seed. */
  probability?: number
  /** Only the batch that was allocated as this one, counted from 0. */
  ref_index?: number
  /** Whether tries are counted for each batch or for the endpoint. */
  per?: 'ref' | 'endpoint'
}

/** A fault and the requests that meet it. */
export interface Rule {
  /** The requests' endpoint. */
  on: 'allocate' | 'upload' | 'status' | 'inspect' | 'list' | 'log' | 'any'
  /** Which of them; by default all. */
  match?: Match
  /** What goes wrong, by its name and settings in the emulator's README. */
  do: { readonly type: string; readonly [setting: string]: unknown }
}

/** What goes wrong: every rule that matches a request applies. Spelt as in the emulator's README. */
export interface FaultPlan {
  /** Decides what is left to chance. */
  seed?: number
  /** What goes wrong, and when. */
  rules?: readonly Rule[]
}

/** A record that the emulator accepted. */
export interface ArrivedRecord {
  /** The batch it came in. */
  readonly batchRef: string
  /** Its line in the batch, from 0; refused lines count too. */
  readonly index: number
  /** Its own `ref`. */
  readonly ref: string | null
  /** The line exactly as it arrived, without its ending. */
  readonly text: string
  /** Code of the outcome, always `2xx`. */
  readonly code: string
  /** Message of the outcome. */
  readonly message: string
}

/** A batch as the emulator knows it. */
export interface StoredBatch {
  /** The batch ref. */
  readonly ref: string
  /** Its status now. */
  readonly status: string
  /** Its size as declared, in bytes. */
  readonly size: number
  /** How often its file was uploaded whole; more than once is against the documents. */
  readonly uploads: number
  /** What the file or the uploads did against the documents. */
  readonly violations: readonly string[]
}

/** A request that the emulator got. Header values, queries and credentials are never kept. */
export interface Request {
  /** `allocate`, `upload`, `status`, `inspect`, `list` or `log`; null for an unknown path. */
  readonly endpoint: string | null
  /** The batch in the path. */
  readonly ref: string | null
  /** HTTP method. */
  readonly method: string
  /** Path without query. */
  readonly path: string
  /** HTTP status of the answer; null if there was none. */
  readonly status: number | null
  /** The faults that it met. */
  readonly faults: readonly string[]
  /** What it did against the documents. */
  readonly violations: readonly string[]
}

/** How an emulator is set up. */
export interface EmulatorOptions {
  /** The Client Key that it wants; by default one of its own. */
  clientKey?: string
  /** The API Token that it wants; by default one of its own. */
  apiToken?: string
  /** What goes wrong; by default nothing. */
  faults?: FaultPlan
  /** How fast batches are processed, in records a second; by default at once. */
  recordsPerSecond?: number
}

/**
 * A Batch API with its storage, on this machine and in this process, until it is closed. It keeps no process alive.
 */
export class Emulator implements AsyncDisposable, Disposable {
  /** The Client Key that it wants. */
  readonly clientKey: string
  /** The API Token that it wants. */
  readonly apiToken: string
  readonly #native: native.Emulator

  /** Starts it on a free port. Throws if the fault plan or the pace is not valid. */
  constructor(options: EmulatorOptions = {}) {
    this.clientKey = options.clientKey ?? 'emulatorclientkey000000000000000'
    this.apiToken = options.apiToken ?? 'emulator-api-token'
    const faults = JSON.stringify(options.faults ?? {})
    this.#native = new native.native.Emulator(this.clientKey, this.apiToken, faults, options.recordsPerSecond)
  }

  /** What a client takes as `baseUrl`. */
  get baseUrl(): string {
    return this.#native.baseUrl()
  }

  /** The variables from which `Client.fromEnv()` and the command line take this service. */
  environment(): { CDP_BASE_URL: string; CDP_CLIENT_KEY: string; CDP_API_TOKEN: string } {
    return { CDP_BASE_URL: this.baseUrl, CDP_CLIENT_KEY: this.clientKey, CDP_API_TOKEN: this.apiToken }
  }

  /** A client of this service. Unless the options say otherwise it asks and tries again within milliseconds. */
  client(options: ClientOptions = {}): Client {
    const impatient = { wait: { minMs: 5, maxMs: 40 }, retry: { baseMs: 1, maxMs: 10 } }
    const { baseUrl, clientKey, apiToken } = this
    return new Client({ baseUrl, clientKey, apiToken, ...impatient, ...options })
  }

  /** Every record accepted so far, in the order of processing. */
  arrived(): ArrivedRecord[] {
    return read<ArrivedRecord[]>(this.#native.arrived())
  }

  /** Every batch, in the order of allocation. */
  batches(): StoredBatch[] {
    return read<StoredBatch[]>(this.#native.batches())
  }

  /** Every request, in the order of arrival. */
  requests(): Request[] {
    return read<Request[]>(this.#native.requests())
  }

  /** Replaces the fault plan; requests are counted anew. Throws if the plan is not valid. */
  setFaults(faults: FaultPlan): void {
    this.#native.setFaults(JSON.stringify(faults))
  }

  /** Moves the emulator's clock forward, in seconds: addresses expire, batches leave the 30-day list. */
  advanceClock(seconds: number): void {
    this.#native.advanceClock(seconds)
  }

  /** Forgets batches, records, requests and the clock's advance, and starts the first fault plan anew. */
  reset(): void {
    this.#native.reset()
  }

  /** Ends it. Again does nothing. */
  close(): void {
    this.#native.close()
  }

  /** The same as {@link Emulator.close}. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** The same as {@link Emulator.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}
