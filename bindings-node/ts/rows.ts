/** Rows become lines of JSON. */

import { InvalidRecordError } from './errors.js'
import { type Nan, NotJson, stringify } from './json.js'
import type { Encoder, Push } from './source.js'

/** Bytes that are gathered before they are pushed: few, so that making them takes well under a millisecond. */
const CHUNK_BYTES = 1 << 15

/** The most bytes of UTF-8 that one unit of a string can become. */
const BYTES_OF_UNIT = 3

const LF = 0x0a
const CR = 0x0d

/** Makes lines of rows, in chunks of about the same size however large a row is. */
export class Rows implements Encoder {
  readonly #nan: Nan
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #filled = 0
  #taken = 0

  constructor(nan: Nan) {
    if (!['error', 'null', 'omit'].includes(nan)) {
      throw new TypeError(`nan is 'error', 'null' or 'omit', but not ${String(nan)}`)
    }
    this.#nan = nan
  }

  add(row: unknown, push: Push): void {
    this.#taken += 1
    if (row instanceof Uint8Array) {
      this.#add(lineOfBytes(row), push)
      return
    }
    const text = typeof row === 'string' ? withoutBreaks(row) : this.#json(row)
    const most = text.length * BYTES_OF_UNIT + 1
    if (most > CHUNK_BYTES) {
      this.#add(Buffer.from(`${text}\n`), push)
      return
    }
    this.#makeRoom(most, push)
    this.#filled += this.#chunk.write(text, this.#filled)
    // Added to the text, the line break would cost a copy of it.
    this.#chunk[this.#filled] = LF
    this.#filled += 1
  }

  end(push: Push): void {
    if (this.#filled > 0) {
      push(this.#chunk.subarray(0, this.#filled))
      this.#filled = 0
    }
  }

  #add(line: Uint8Array, push: Push): void {
    this.#makeRoom(line.length, push)
    if (line.length > CHUNK_BYTES) {
      push(line)
      return
    }
    this.#chunk.set(line, this.#filled)
    this.#filled += line.length
  }

  #makeRoom(bytes: number, push: Push): void {
    if (this.#filled + bytes > CHUNK_BYTES) {
      this.end(push)
    }
  }

  #json(row: unknown): string {
    try {
      const text = stringify(row, this.#nan)
      if (text !== undefined) {
        return text
      }
    } catch (error) {
      throw this.#invalid(error)
    }
    throw this.#invalid(new NotJson('', `${typeof row} is no type that JSON has`))
  }

  #invalid(error: unknown): InvalidRecordError {
    const place = error instanceof NotJson && error.path !== '' ? `${error.path}: ` : ''
    const what = error instanceof Error ? error.message : String(error)
    const cause = error instanceof NotJson ? {} : { cause: error }
    return new InvalidRecordError(`row ${this.#taken}: ${place}${what}`, {
      stage: 'read',
      source: 'rows',
      line: this.#taken,
      ...cause,
    })
  }
}

/** A line break inside JSON is white space, as good as a tab; one inside a string is as invalid. */
function withoutBreaks(row: string): string {
  if (!row.includes('\n') && !row.includes('\r')) {
    return row
  }
  return row.replace(/[\n\r]+$/, '').replace(/[\n\r]/g, '\t')
}

function lineOfBytes(row: Uint8Array): Uint8Array {
  let end = row.length
  while (end > 0 && isLineBreak(row[end - 1])) {
    end -= 1
  }
  const line = new Uint8Array(end + 1)
  line.set(row.subarray(0, end))
  if (line.includes(LF) || line.includes(CR)) {
    line.forEach((byte, at) => {
      if (isLineBreak(byte)) {
        line[at] = 0x09
      }
    })
  }
  line[end] = LF
  return line
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === LF || byte === CR
}
