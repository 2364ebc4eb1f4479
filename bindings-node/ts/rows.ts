/** Rows become lines of JSON. */

import { InvalidRecordError } from './errors.js'
import { type Nan, NotJson, stringify } from './json.js'
import type { Encoder, Push } from './source.js'

/** Characters, or bytes, that are gathered before they are pushed. */
const CHUNK = 1 << 16

/** Makes lines of rows, in chunks of about the same size however large a row is. */
export class Rows implements Encoder {
  readonly #nan: Nan
  #taken = 0
  #text = ''

  constructor(nan: Nan) {
    if (!['error', 'null', 'omit'].includes(nan)) {
      throw new TypeError(`nan is 'error', 'null' or 'omit', but not ${String(nan)}`)
    }
    this.#nan = nan
  }

  add(row: unknown, push: Push): void {
    this.#taken += 1
    if (row instanceof Uint8Array) {
      this.end(push)
      push(lineOfBytes(row))
      return
    }
    this.#text += typeof row === 'string' ? lineOfText(row) : `${this.#json(row)}\n`
    if (this.#text.length >= CHUNK) {
      this.end(push)
    }
  }

  end(push: Push): void {
    if (this.#text !== '') {
      push(this.#text)
      this.#text = ''
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
function lineOfText(row: string): string {
  if (!row.includes('\n') && !row.includes('\r')) {
    return `${row}\n`
  }
  return `${row.replace(/[\n\r]+$/, '').replace(/[\n\r]/g, '\t')}\n`
}

function lineOfBytes(row: Uint8Array): Uint8Array {
  let end = row.length
  while (end > 0 && isLineBreak(row[end - 1])) {
    end -= 1
  }
  const line = new Uint8Array(end + 1)
  line.set(row.subarray(0, end))
  if (line.includes(0x0a) || line.includes(0x0d)) {
    line.forEach((byte, at) => {
      if (isLineBreak(byte)) {
        line[at] = 0x09
      }
    })
  }
  line[end] = 0x0a
  return line
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d
}
