/** What can be uploaded, and how it reaches the core: files are read there, everything else is fed to it. */

import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { settled } from './call.js'
import type { Trace } from './failure.js'
import type { Nan } from './json.js'
import { native, type Source as NativeSource, type Writer } from './native.js'
import { Rows } from './rows.js'

/** A record: an object, which becomes JSON as `JSON.stringify` has it, or JSON as text or bytes, sent byte for byte. */
export type Row = object | string | Uint8Array

/**
 * Where records come from.
 *
 * - `string`: a path; with `*`, `?` or `[` in it a pattern of paths. A string with a line break in it, or that begins with
 *   `{` or `[{`, is no path but the records themselves. Where a string comes from elsewhere, `{ path }` and `{ text }`
 *   leave no doubt.
 * - `URL`: a file.
 * - `{ path }`: a file, or several one after the other.
 * - `Uint8Array`, so a `Buffer` too, or a `Blob`: the content of a file. Not to be changed before the call has ended.
 * - a Node `Readable` or a web `ReadableStream` of bytes or text: the content of a file, in pieces of any size. In object
 *   mode: rows.
 * - any other iterable or async iterable: rows.
 *
 * The content of a file is NDJSON, one JSON array, or JSON over several lines; plain or gzip. A row is an object, or JSON
 * of one record as text or bytes. Rows are asked for no faster than they are packed.
 */
export type Source =
  | string
  | URL
  | { readonly path: string | URL | readonly (string | URL)[] }
  | { readonly text: string }
  | Uint8Array
  | Blob
  | Readable
  | ReadableStream
  | Iterable<Row>
  | AsyncIterable<Row>

/** Bytes that are fed at a time. */
const CHUNK_BYTES = 1 << 18

/** Something that is pulled: what it gives, what makes text of that, and how it is told that no more is wanted. */
export interface Input {
  next(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>
  close(): unknown
  readonly encoder: Encoder
}

/** Makes chunks of the values of an input. */
export interface Encoder {
  /** Takes a value; pushes what there is enough of. */
  add(value: unknown, push: Push): void
  /** Pushes the rest. */
  end(push: Push): void
}

/** Takes a chunk, which may be written over afterwards. */
export type Push = (chunk: Uint8Array | string) => void

/** A source that was opened, and what has to be fed to it. */
export interface Opened {
  readonly source: NativeSource
  readonly feed?: { readonly writer: Writer; readonly input: Input }
}

/** Opens a source. Of a web stream the first piece is awaited, because it tells bytes from rows. */
export async function opened(source: Source, nan: Nan, at: Trace, signal?: AbortSignal): Promise<Opened> {
  if (typeof source === 'string') {
    return isText(source) ? fed('bytes', pieces(Buffer.from(source))) : file(source, at)
  }
  if (source instanceof URL) {
    return { source: native.Source.paths([fileURLToPath(source)]) }
  }
  if (source instanceof Uint8Array) {
    return fed('bytes', pieces(source))
  }
  if (source instanceof Blob) {
    return fed('blob', { ...pulled(source.stream().getReader()), encoder: new Pieces() })
  }
  if (source instanceof Readable) {
    const iterator = source[Symbol.asyncIterator]()
    const encoder = source.readableObjectMode ? new Rows(nan) : new Pieces()
    return fed(nameOf(source), { next: () => iterator.next(), close: () => source.destroy(), encoder })
  }
  if (isWebStream(source)) {
    return webStream(source.getReader(), nan, signal)
  }
  return iterated(source, nan)
}

/** A path as text. */
export function pathOf(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : path
}

function isPath(path: unknown): path is string | URL {
  return typeof path === 'string' || path instanceof URL
}

function isText(source: string): boolean {
  return /[\n\r]/.test(source) || /^\s*(\{|\[\s*\{)/.test(source)
}

async function file(path: string, at: Trace): Promise<Opened> {
  if (!/[*?[]/.test(path)) {
    return { source: native.Source.paths([path]) }
  }
  return { source: await settled(native.Source.glob(path), value => value as NativeSource, at) }
}

function iterated(source: object, nan: Nan): Opened {
  const encoder = new Rows(nan)
  if (Symbol.asyncIterator in source) {
    const iterator = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    return fed('rows', { next: () => iterator.next(), close: () => iterator.return?.(), encoder })
  }
  if (Symbol.iterator in source) {
    const iterator = (source as Iterable<unknown>)[Symbol.iterator]()
    return fed('rows', { next: () => iterator.next(), close: () => iterator.return?.(), encoder })
  }
  const { path, text } = source as { path?: unknown; text?: unknown }
  const paths: unknown[] = Array.isArray(path) ? path : [path]
  if (paths.length > 0 && paths.every(isPath)) {
    return { source: native.Source.paths(paths.map(pathOf)) }
  }
  if (typeof text === 'string') {
    return fed('bytes', pieces(Buffer.from(text)))
  }
  throw new TypeError('give a path, bytes, a stream or an iterable of rows, but not one row or anything else')
}

async function webStream(reader: ReadableStreamDefaultReader, nan: Nan, signal?: AbortSignal): Promise<Opened> {
  const cancel = (): void => void reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener('abort', cancel)
  const first = await reader.read()
  signal?.removeEventListener('abort', cancel)
  signal?.throwIfAborted()
  const isText = first.value === undefined || first.value instanceof Uint8Array || typeof first.value === 'string'
  const rest = pulled(reader)
  let next: Input['next'] = () => {
    next = rest.next
    return first as IteratorResult<unknown>
  }
  const encoder = isText ? new Pieces() : new Rows(nan)
  return fed(isText ? 'stream' : 'rows', { next: () => next(), close: rest.close, encoder })
}

function pulled(reader: ReadableStreamDefaultReader): Pick<Input, 'next' | 'close'> {
  return { next: () => reader.read() as Promise<IteratorResult<unknown>>, close: () => reader.cancel() }
}

/** Bytes, some at a time, so that handing them over never takes long. */
function pieces(bytes: Uint8Array): Input {
  let position = 0
  const next = (): IteratorResult<unknown> => {
    const value = bytes.subarray(position, position + CHUNK_BYTES)
    position += value.length
    return value.length === 0 ? { done: true, value: undefined } : { done: false, value }
  }
  return { next, close: () => {}, encoder: new Pieces() }
}

/** The text of a file, however it was cut. */
export class Pieces implements Encoder {
  add(value: unknown, push: Push): void {
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw new TypeError('a stream of bytes gives bytes or text, but nothing else')
    }
    push(value)
  }

  end(): void {}
}

function fed(name: string, input: Input): Opened {
  const writer = input.encoder instanceof Rows ? native.Writer.rows() : native.Writer.stream(name)
  return { source: writer.source(), feed: { writer, input } }
}

/** What a stream is called: a file by its path. */
function nameOf(stream: Readable): string {
  const { path } = stream as { path?: unknown }
  return typeof path === 'string' ? path : 'stream'
}

function isWebStream(source: object): source is ReadableStream {
  return typeof (source as { getReader?: unknown }).getReader === 'function'
}
