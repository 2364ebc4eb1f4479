import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CancelledError } from 'cdp-batch'
import { emulator, GUESTS, guests, record } from './help.mjs'

const client = emulator().client()

test('events come in order, and the last is done', async () => {
  const told = []
  await client.upload(guests(10), { ...GUESTS, onEvent: event => told.push(event) })
  const types = told.map(({ type }) => type).filter(type => type !== 'progress')
  assert.deepEqual(types.slice(0, 4), ['started', 'packed', 'allocated', 'uploaded'])
  assert.equal(types.at(-1), 'done')
  assert.equal(told.find(({ type }) => type === 'packed').records, 10)
})

test('progress only grows', async () => {
  const told = []
  const options = { ...GUESTS, maxBatchRecords: 2_000, onProgress: progress => told.push(progress) }
  const report = await client.upload(guests(10_000), options)
  assert.deepEqual(told.at(-1).confirmed, report.counts.confirmed)
  assert.deepEqual(Object.keys(told[0]), [
    'read',
    'packed',
    'packedBytes',
    'sentBytes',
    'sent',
    'confirmed',
    'rejected',
  ])
  for (const name of Object.keys(told[0])) {
    for (let at = 1; at < told.length; at++) assert.ok(told[at][name] >= told[at - 1][name], name)
  }
})

test('a listener that throws stops the run', async () => {
  const broken = new Error('cannot draw')
  const onEvent = ({ type }) => {
    if (type === 'packed') throw broken
  }
  const error = await client.upload(guests(10), { ...GUESTS, runId: 'drawn', onEvent }).catch(error => error)
  assert.ok(error instanceof CancelledError)
  assert.equal(error.cause, broken)
  assert.equal(error.runId, 'drawn')
})

test('a run tells what happens until it is processed', async () => {
  const run = await client.submit([record(1)], { runId: 'hourly' })
  assert.equal(run.runId, 'hourly')
  const told = []
  for await (const event of run.events()) told.push(event)
  assert.equal(told.filter(({ type }) => type === 'status').at(-1).to, 'success')
  assert.ok((await run.wait()).ok)
  await assert.rejects(run.wait(), { code: 'closed' })
})
