/** Uploads that are fed. */

import { Writable } from 'node:stream'
import { type Call, Room } from './call.js'
import { ClosedError } from './errors.js'
import type * as native from './native.js'
import type { RunReport } from './report.js'
import type { Encoder, Row } from './source.js'

/** An upload and the queue that feeds it. */
export interface Fed {
  readonly call: Call<RunReport>
  readonly queue: native.Writer
  readonly encoder: Encoder
}

/** Pushes values, and ends the run. */
class Feeder {
  readonly #fed: Fed
  readonly #room: Room
  #report: Promise<RunReport> | undefined

  constructor(fed: Fed) {
    this.#fed = fed
    this.#room = new Room(fed.queue)
  }

  async write(value: unknown): Promise<void> {
    const { call, encoder } = this.#fed
    if (this.#report) {
      throw new ClosedError('this writer is closed; make a new one')
    }
    if (!call.isStopped) {
      encoder.add(value, this.#room.push)
      encoder.end(this.#room.push)
      await this.#room.wait()
    }
    if (call.isStopped || !this.#room.isOpen) {
      // Nothing reads any more: the end of the run says why.
      await this.close()
    }
  }

  close(): Promise<RunReport> {
    this.#report ??= this.#end()
    return this.#report
  }

  async #end(): Promise<RunReport> {
    await this.#room.wait()
    this.#fed.queue.finish()
    return this.#fed.call.end()
  }

  async abandon(reason: unknown): Promise<void> {
    if (this.#report === undefined) {
      this.#fed.call.stop(reason, 'source')
      this.#report = this.#fed.call.end()
      // Whoever gave up knows.
      await this.#report.catch(() => {})
    }
  }
}

/**
 * An upload that is fed row by row.
 *
 * `await using` gives the run up when its block is left before {@link Writer.close}, so that half the rows are never taken
 * for all.
 *
 * @example
 * ```ts
 * await using writer = client.writer({ schema: 'guest', mode: 'upsert', refField: 'email' })
 * for (const guest of guests) await writer.write(guest)
 * const report = await writer.close()
 * ```
 */
export class Writer implements AsyncDisposable {
  readonly #feeder: Feeder

  private constructor(fed: Fed) {
    this.#feeder = new Feeder(fed)
  }

  /** @internal */
  static of(fed: Fed): Writer {
    return new Writer(fed)
  }

  /**
   * Pushes one row; resolves when there is room for the next. Rows are sent in the order of the calls, awaited or not, but
   * only who awaits is held back.
   *
   * @throws {@link InvalidRecordError} The row has no JSON. The run goes on without it.
   * @throws {@link CdpBatchError} The run has ended early; this says why.
   */
  async write(row: Row): Promise<void> {
    await this.#feeder.write(row)
  }

  /**
   * Says that all rows were written, and does the rest of {@link Client.upload}.
   *
   * @returns What came of the run; the same when it is called again.
   * @throws {@link CdpBatchError} As {@link Client.upload}.
   */
  async close(): Promise<RunReport> {
    return this.#feeder.close()
  }

  /** Gives the run up, unless it was closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#feeder.abandon(new Error('the writer was left before it was closed'))
  }
}

/**
 * An upload as the end of a pipeline. It is finished when everything is confirmed; destroying it gives the run up.
 *
 * @example
 * ```ts
 * const upload = client.createWriteStream({ objectMode: false })
 * await pipeline(createReadStream('guests.ndjson.gz'), upload)
 * console.log(upload.report?.counts)
 * ```
 */
export class UploadStream extends Writable {
  /** What came of the run, once it is finished. */
  report: RunReport | undefined
  readonly #feeder: Feeder

  private constructor(fed: Fed, objectMode: boolean) {
    super({ objectMode, decodeStrings: false })
    this.#feeder = new Feeder(fed)
  }

  /** @internal */
  static of(fed: Fed, objectMode: boolean): UploadStream {
    return new UploadStream(fed, objectMode)
  }

  /** @internal */
  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const value = typeof chunk === 'string' && !this.writableObjectMode ? Buffer.from(chunk, encoding) : chunk
    this.#feeder.write(value).then(() => done(), done)
  }

  /** @internal */
  override _final(done: (error?: Error | null) => void): void {
    this.#feeder.close().then(report => {
      this.report = report
      done()
    }, done)
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#feeder.abandon(error ?? new Error('the stream was destroyed before its end')).then(() => done(error), done)
  }
}
