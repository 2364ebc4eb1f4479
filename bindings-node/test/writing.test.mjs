import assert from 'node:assert/strict'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { ClosedError } from 'cdp-batch'
import { emulator, GUESTS, guest, guests, record } from './help.mjs'

const service = emulator()
const client = service.client()

test('a writer sends rows in order, of any kind', async () => {
  const writer = client.writer()
  await writer.write(record(1))
  await writer.write(Buffer.from(record(2)))
  await writer.write(JSON.parse(record(3)))
  const report = await writer.close()
  assert.equal(report.counts.confirmed, 3)
  assert.equal(await writer.close(), report)
  assert.deepEqual(
    service.arrived().map(({ text }) => text),
    [1, 2, 3].map(number => record(number)),
  )
  await assert.rejects(writer.write(record(4)), ClosedError)
})

test('many rows may be written at once', async () => {
  const writer = client.writer(GUESTS)
  await Promise.all(Array.from(guests(20_000), row => writer.write(row)))
  assert.equal((await writer.close()).counts.confirmed, 20_000)
})

test('a writer that is left before it is closed gives up', async () => {
  service.reset()
  const writer = client.writer()
  await writer.write(record(1))
  await writer[Symbol.asyncDispose]()
  assert.deepEqual(service.arrived(), [])
  const closed = client.writer()
  await closed.write(record(1))
  await closed.close()
  await closed[Symbol.asyncDispose]()
  assert.equal(service.arrived().length, 1)
})

test('a writer whose run has ended says why', async () => {
  service.setFaults({ rules: [{ on: 'allocate', do: { type: 'status', status: 401 } }] })
  const writer = client.writer({ ...GUESTS, maxBatchRecords: 10 })
  await assert.rejects(
    async () => {
      for (let number = 0; ; number++) await writer.write(guest(number))
    },
    { code: 'unauthorized' },
  )
  await assert.rejects(writer.close(), { code: 'unauthorized' })
  service.setFaults({})
})

test('a row that is no JSON is refused, and the writer goes on', async () => {
  const writer = client.writer(GUESTS)
  await assert.rejects(writer.write({ x: Number.NaN }), { code: 'invalid_record' })
  await writer.write(guest(1))
  assert.equal((await writer.close()).counts.confirmed, 1)
})

test('a pipeline ends in an upload, of objects', async () => {
  const upload = client.createWriteStream(GUESTS)
  const doubled = new Transform({
    objectMode: true,
    transform(row, _, done) {
      done(null, { ...row, doubled: true })
    },
  })
  await pipeline(Readable.from(guests(5_000)), doubled, upload)
  assert.equal(upload.report.counts.confirmed, 5_000)
})

test('a pipeline ends in an upload, of bytes', async () => {
  const upload = client.createWriteStream({ objectMode: false })
  const pieces = [record(1).slice(0, 20), `${record(1).slice(20)}\n${record(2)}`]
  await pipeline(Readable.from(pieces, { objectMode: false }), upload)
  assert.equal(upload.report.counts.confirmed, 2)
})

test('a pipeline that breaks gives the upload up', async () => {
  service.reset()
  const broken = new Error('broken')
  const upload = client.createWriteStream(GUESTS)
  async function* source() {
    yield guest(1)
    throw broken
  }
  await assert.rejects(pipeline(source, upload), error => error === broken)
  assert.equal(upload.report, undefined)
  assert.deepEqual(service.arrived(), [])
})

test('what the service refuses ends the pipeline', async () => {
  const upload = client.createWriteStream({ objectMode: false })
  await assert.rejects(pipeline(Readable.from(['{"ref":1}\n'], { objectMode: false }), upload), {
    code: 'records_rejected',
  })
})
