import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RecordsRejectedError, RunReport } from 'cdp-batch'
import { emulator, folder, record } from './help.mjs'

const service = emulator()
const client = service.client()
const unknown = JSON.stringify({ ...JSON.parse(record(4)), value: { guestType: 'customer', email: 'nobody' } })
const LINES = [
  record(1),
  record(2).slice(0, 50),
  record(3, 'upset'),
  JSON.stringify({ ...JSON.parse(unknown), value: { guestType: 'customer' } }),
]

test('every reject is explained, and a fixed file confirms them', async () => {
  const error = await client.upload({ text: LINES.join('\n') }).catch(error => error)
  assert.ok(error instanceof RecordsRejectedError)
  const { report } = error
  assert.ok(report instanceof RunReport)
  assert.deepEqual(report.counts, { read: 4, packed: 2, sent: 2, confirmed: 1, rejected: 3, unknown: 0 })
  const rejects = []
  for await (const reject of report.rejects()) rejects.push(reject)
  assert.deepEqual(
    rejects.map(({ by, line }) => [by, line]),
    [
      ['us', 2],
      ['us', 3],
      ['service', 4],
    ],
  )
  assert.deepEqual(
    rejects.map(({ record }) => record.toString()),
    LINES.slice(1),
  )
  assert.equal(rejects[2].byteRange.length, 2)
  assert.deepEqual(
    report.summary().map(({ count }) => count),
    [1, 1, 1],
  )
  assert.equal(report.summary()[0].examples[0].line, 4)

  const path = join(folder(), 'rejects.ndjson')
  assert.equal(await report.writeRejects(path), 3)
  assert.equal(readFileSync(path, 'utf8'), `${LINES.slice(1).join('\n')}\n`)
  assert.equal(readFileSync(`${path}.reasons.jsonl`, 'utf8').trim().split('\n').length, 3)
  async function* fixed() {
    for await (const { line } of report.rejects()) yield record(line)
  }
  assert.equal((await client.upload(fixed())).counts.confirmed, 3)
})

test('rejects are read lazily, in order, and as often as wanted', async () => {
  const bad = Array.from({ length: 1_000 }, (_, number) => `{"ref":${number}}`)
  const report = await client.upload({ text: bad.join('\n') }, { raiseOn: 'never' })
  for (let round = 0; round < 2; round++) {
    let line = 0
    for await (const reject of report.rejects()) assert.equal(reject.line, ++line)
    assert.equal(line, 1_000)
  }
  for await (const reject of report.rejects()) {
    assert.equal(reject.record.toString(), '{"ref":0}')
    break
  }
})

test('a report is JSON as in every language', async () => {
  const report = await client.upload([record(1)], { runId: 'nightly' })
  const json = JSON.parse(JSON.stringify(report))
  assert.equal(json.run_id, 'nightly')
  assert.equal(json.batches[0].content_md5 ?? json.batches[0].md5, report.batches[0].md5)
})

test('batches are listed by status, time and beginning, and tell their details', async () => {
  service.reset()
  const good = await client.upload([record(1)])
  const bad = await client.upload([LINES[3]], { raiseOn: 'never' })
  const list = async query => {
    const refs = []
    for await (const batch of client.batches(query)) refs.push(batch.ref)
    return refs
  }
  const [first, second] = [good.batches[0].ref, bad.batches[0].ref]
  assert.deepEqual(await list({ sort: 'created' }), [first, second])
  assert.deepEqual(await list({ status: ['error', 'corrupted'] }), [second])
  assert.deepEqual(await list({ status: 'success' }), [first])
  assert.deepEqual(await list({ refPrefix: first.slice(0, 8) }), [first])
  assert.deepEqual(await list({ createdBefore: new Date(Date.now() - 86_400_000) }), [])
  assert.equal((await list({ createdAfter: new Date(Date.now() - 86_400_000), limit: 1 })).length, 1)
  await assert.rejects(list({ status: 'lost' }), { code: 'invalid_options' })

  const batch = client.batch(second)
  const { status, stats, hasLog } = await batch.status()
  assert.deepEqual([status, stats.total, stats.succeeded, stats.failed, hasLog], ['error', 1, 0, 1, true])
  const errors = []
  for await (const reject of await batch.errors()) errors.push([reject.code, reject.batch])
  assert.deepEqual(errors, [['400', second]])
  assert.deepEqual(
    (await client.wait([first])).map(({ status }) => status),
    ['success'],
  )
  assert.equal((await client.report([first, second])).counts.rejected, 1)
})

test('a check and a pack need no service', async () => {
  const found = await client.validate({ text: LINES.join('\n') })
  assert.deepEqual([found.ok, found.read, found.invalid], [false, 4, 2])
  for (let round = 0; round < 2; round++) {
    const findings = []
    for await (const { line, rule } of found.findings()) findings.push([line, rule])
    assert.equal(findings.length, found.errors + found.warnings)
    assert.deepEqual(findings[0], [2, 'json.syntax'])
  }
  const packed = await client.pack({ text: LINES.join('\n') }, folder())
  assert.deepEqual([packed.counts.packed, packed.parts.length, packed.parts[0].contentMd5.length], [2, 1, 24])
  const rejects = []
  for await (const { line } of packed.rejects()) rejects.push(line)
  assert.deepEqual(rejects, [2, 3])
})

test('a journal knows its runs', async () => {
  const stateful = service.client({ stateDir: folder() })
  await stateful.upload([record(1)], { runId: 'weekly' })
  assert.deepEqual(
    (await stateful.runs()).map(({ runId, state, confirmed }) => [runId, state, confirmed]),
    [['weekly', 'finished', 1]],
  )
  const { neverUploaded, unknown } = await stateful.reconcile()
  assert.deepEqual(neverUploaded, [])
  assert.ok(unknown.length > 0)
})
