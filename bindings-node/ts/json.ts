/** JSON text with the semantics of `JSON.stringify`, but for numbers that it would silently change. */

import { randomUUID } from 'node:crypto'

/** What becomes of a NaN, or of an invalid `Date`. */
export type Nan = 'error' | 'null' | 'omit'

/** Something that has no JSON, and where it is. */
export class NotJson extends Error {
  constructor(
    readonly path: string,
    what: string,
  ) {
    super(what)
  }
}

/** Stands for a bigint while `JSON.stringify` works: no data can hold it. */
const MARK = `bigint-${randomUUID()}:`
const MARKED = new RegExp(`"${MARK}(-?[0-9]+)"`, 'g')

/** The text of a value; none for what `JSON.stringify` knows no text for, such as a function. */
export function stringify(value: unknown, nan: Nan = 'error'): string | undefined {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // A bigint; or something that throws again.
    return carefully(value, nan)
  }
  // A number that is none was written as null.
  return text?.includes('null') && mayHideNumber(value) ? carefully(value, nan) : text
}

/** Whether a null in the text may stand for a number: looks at everything that has no text of its own making. */
function mayHideNumber(value: unknown): boolean {
  if (typeof value === 'number') {
    return !Number.isFinite(value)
  }
  if (typeof value !== 'object' || value === null) {
    return false
  }
  if (Array.isArray(value)) {
    return value.some(mayHideNumber)
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
  }
  if (value instanceof Number || typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return true
  }
  for (const name in value) {
    if (mayHideNumber((value as Record<string, unknown>)[name])) {
      return true
    }
  }
  return false
}

/** The same, looking at every value: slow. */
function carefully(value: unknown, nan: Nan): string | undefined {
  const paths = new Map<unknown, string>()
  let marks = false
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key: string, made: unknown): unknown {
    const path = joined(paths.get(this), Array.isArray(this), key)
    if (typeof made === 'bigint' || made instanceof BigInt) {
      marks = true
      return MARK + made.toString()
    }
    const given = this[key]
    const number = made instanceof Number ? made.valueOf() : made
    if (Number.isNaN(number) || (made === null && given instanceof Date)) {
      return notANumber(path, given instanceof Date ? 'an invalid Date' : 'NaN', nan)
    }
    if (number === Number.POSITIVE_INFINITY || number === Number.NEGATIVE_INFINITY) {
      throw new NotJson(path, `${number} is no JSON`)
    }
    if (typeof made === 'object' && made !== null) {
      paths.set(made, path)
    }
    return made
  })
  return marks ? text.replace(MARKED, '$1') : text
}

function notANumber(path: string, what: string, nan: Nan): null | undefined {
  if (nan === 'error') {
    throw new NotJson(path, `${what} is no JSON: pass nan: 'null' or nan: 'omit' to send it so`)
  }
  return nan === 'null' ? null : undefined
}

function joined(parent: string | undefined, inArray: boolean, key: string): string {
  if (parent === undefined) {
    return ''
  }
  return inArray ? `${parent}[${key}]` : parent === '' ? key : `${parent}.${key}`
}
