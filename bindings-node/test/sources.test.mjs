import assert from 'node:assert/strict'
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { CancelledError, InvalidRecordError } from 'cdp-batch'
import { emulator, folder, GUESTS, guest, guests, record } from './help.mjs'

const service = emulator()
const client = service.client()
const place = folder()
const lines = [1, 2, 3].map(number => record(number))
const text = `${lines.join('\n')}\n`
const path = join(place, 'guests.ndjson')
writeFileSync(path, text)

/** What arrives of a source. */
async function arrived(source, options) {
  service.reset()
  const report = await client.upload(source, options)
  assert.ok(report.ok)
  return service.arrived().map(of => of.text)
}

async function* later(items) {
  for (const item of items) {
    await new Promise(resolve => setImmediate(resolve))
    yield item
  }
}

const inPieces = () => [text.slice(0, 100), text.slice(100)].map(piece => Buffer.from(piece))
const SOURCES = {
  'a path': () => path,
  'a pattern': () => join(place, '*.ndjson'),
  'a URL': () => pathToFileURL(path),
  '{ path }': () => ({ path }),
  '{ path } of several': () => ({ path: [path] }),
  'a string with line breaks': () => text,
  '{ text }': () => ({ text }),
  'a JSON array as a string': () => `[${lines}]`,
  'a Buffer': () => Buffer.from(text),
  'a Uint8Array': () => new Uint8Array(Buffer.from(text)),
  'gzip in a Buffer': () => gzipSync(text),
  'a Blob': () => new Blob([text]),
  'a file stream': () => createReadStream(path, { highWaterMark: 50 }),
  'a Readable of bytes in pieces': () => Readable.from(inPieces(), { objectMode: false }),
  'a Readable of text': () => createReadStream(path, 'utf8'),
  'a Readable of objects': () => Readable.from(lines.map(line => JSON.parse(line))),
  'a Readable of lines in object mode': () => Readable.from(lines),
  'a web stream of bytes': () => new Blob([text]).stream(),
  'a web stream of objects': () => ReadableStream.from(lines.map(line => JSON.parse(line))),
  'an array of objects': () => lines.map(line => JSON.parse(line)),
  'an array of texts': () => lines,
  'an array of bytes': () => lines.map(line => Buffer.from(line)),
  'texts, bytes and objects by turns': () => [lines[0], Buffer.from(lines[1]), JSON.parse(lines[2])],
  'a set': () => new Set(lines),
  'an async generator': () => later(lines.map(line => JSON.parse(line))),
  'an async generator of bytes': () => later(lines.map(line => Buffer.from(line))),
}

for (const [name, source] of Object.entries(SOURCES)) {
  test(`${name} is a source`, async () => {
    assert.deepEqual(await arrived(source()), lines)
  })
}

test('one row, and anything else, is no source', async () => {
  await assert.rejects(client.upload(guest(1)), TypeError)
  await assert.rejects(client.upload(17), TypeError)
})

test('line breaks inside a row of text become tabs', async () => {
  const [first, second] = lines.map(line => JSON.stringify(JSON.parse(line), undefined, 1))
  assert.deepEqual(await arrived([`${first}\n`, Buffer.from(second.replaceAll('\n', '\r\n'))]), [
    first.replaceAll('\n', '\t'),
    second.replaceAll('\n', '\t\t'),
  ])
})

/** The value of the one guest that arrives. */
async function value(extra, options) {
  const [line] = await arrived([{ ...guest(1), extra }], { ...GUESTS, ...options })
  const { extra: _, ...rest } = JSON.parse(line).value
  assert.deepEqual(rest, guest(1))
  return line.slice(line.indexOf('"extra":') + 8, -2)
}

test('objects become JSON as JSON.stringify has it', async () => {
  const date = new Date(0)
  const own = { toJSON: () => 'mine' }
  const extra = { date, own, left: undefined, none: null, nested: [undefined, () => {}, new Map()], text: 'ä\n\u2028' }
  assert.equal(await value(extra), JSON.stringify(extra))
})

test('a bigint is written by its digits', async () => {
  const extra = { big: 2n ** 64n, small: [-1n], boxed: Object(5n), none: null }
  assert.equal(await value(extra), '{"big":18446744073709551616,"small":[-1],"boxed":5,"none":null}')
})

test('NaN is refused with its row and place, unless it may be null or left out', async () => {
  const extra = { list: [1, { x: Number.NaN }], none: null }
  await assert.rejects(
    client.upload([guest(1), { ...guest(2), extra }], GUESTS),
    error =>
      error instanceof InvalidRecordError &&
      error.line === 2 &&
      error.source === 'rows' &&
      error.message.startsWith('row 2: extra.list[1].x: NaN is no JSON'),
  )
  assert.equal(await value(extra, { nan: 'null' }), '{"list":[1,{"x":null}],"none":null}')
  assert.equal(await value(extra, { nan: 'omit' }), '{"list":[1,{}],"none":null}')
  assert.equal(await value({ when: new Date(Number.NaN) }, { nan: 'omit' }), '{}')
  await assert.rejects(
    client.upload([{ ...guest(1), extra: -Infinity }], { ...GUESTS, nan: 'null' }),
    /extra: -Infinity/,
  )
})

test('what JSON has no type for is refused with its row', async () => {
  await assert.rejects(client.upload([guest(1), () => {}], GUESTS), /row 2: function is no type that JSON has/)
  const cycle = {}
  cycle.cycle = cycle
  await assert.rejects(client.upload([cycle], GUESTS), error => error.line === 1 && error.cause instanceof TypeError)
})

test('a source that throws ends the run with that error as its cause, and nothing is sent', async () => {
  service.reset()
  const broken = new Error('the database went away')
  async function* source() {
    yield* later(guests(10))
    throw broken
  }
  const error = await client.upload(source(), { ...GUESTS, runId: 'broken' }).catch(error => error)
  assert.ok(error instanceof CancelledError)
  assert.equal(error.cause, broken)
  assert.equal(error.runId, 'broken')
  assert.equal(error.message, 'the source failed: the database went away')
  assert.deepEqual(service.arrived(), [])
  const report = await client.upload(guests(10), { ...GUESTS, runId: 'broken' })
  assert.equal(report.counts.confirmed, 10)
})

test('a stream that fails is the cause as well', async () => {
  const error = await client.upload(createReadStream(join(place, 'missing.ndjson'))).catch(error => error)
  assert.ok(error instanceof CancelledError)
  assert.equal(error.cause.code, 'ENOENT')
})

test('a run that ends early closes its source', async () => {
  service.setFaults({ rules: [{ on: 'allocate', do: { type: 'status', status: 401 } }] })
  let isClosed = false
  let pulled = 0
  async function* endless() {
    try {
      for (;;) {
        yield guest(pulled++)
        if (pulled % 1_000 === 0) await new Promise(resolve => setImmediate(resolve))
      }
    } finally {
      isClosed = true
    }
  }
  await assert.rejects(client.upload(endless(), { ...GUESTS, maxBatchRecords: 500 }), { code: 'unauthorized' })
  await new Promise(resolve => setTimeout(resolve))
  assert.ok(isClosed)
  const stream = Readable.from(guests(1e9))
  await assert.rejects(client.upload(stream, { ...GUESTS, maxBatchRecords: 500 }), { code: 'unauthorized' })
  assert.ok(stream.destroyed)
  service.setFaults({})
})

test('a source is asked for no more than is being packed', async () => {
  const slow = emulator({ faults: { rules: [{ on: 'allocate', do: { type: 'status', status: 503 } }] } })
  let pulled = 0
  function* counted() {
    for (const one of guests(1e7)) {
      pulled++
      yield one
    }
  }
  const patient = slow.client({ retry: { attempts: 100, baseMs: 200, maxMs: 500 } })
  const stop = new AbortController()
  const options = { ...GUESTS, maxBatchRecords: 1_000, signal: stop.signal }
  const upload = patient.upload(counted(), options).catch(error => error)
  let before = -1
  while (pulled !== before) {
    before = pulled
    await new Promise(resolve => setTimeout(resolve, 300))
  }
  assert.ok(pulled < 100_000, `${pulled} rows were pulled`)
  stop.abort()
  assert.equal(await upload, stop.signal.reason)
})
