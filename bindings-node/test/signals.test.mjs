import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { CancelledError } from 'cdp-batch'
import { emulator, folder, GUESTS, guests, NEVER_DONE, record } from './help.mjs'

const stuck = emulator({ faults: NEVER_DONE })
const client = stuck.client()

/** A signal that is aborted once `event` was told. */
function abortedAt(event, reason) {
  const controller = new AbortController()
  const onEvent = told => told.type === event && controller.abort(reason)
  return { signal: controller.signal, onEvent }
}

const CALLS = {
  upload: signal => client.upload(guests(3), { ...GUESTS, signal }),
  submit: signal => client.submit(guests(3), { ...GUESTS, signal }),
  validate: signal => client.validate(guests(3), { ...GUESTS, signal }),
  pack: signal => client.pack(guests(3), folder(), { ...GUESTS, signal }),
  wait: signal => client.wait(['00000000-0000-4000-8000-000000000000'], { signal }),
  report: signal => client.report(['00000000-0000-4000-8000-000000000000'], { signal }),
  resume: signal => client.resume('none', { signal }),
  runs: signal => client.runs({ signal }),
  reconcile: signal => client.reconcile({ signal }),
  'batch.status': signal => client.batch('00000000-0000-4000-8000-000000000000').status({ signal }),
  'batch.wait': signal => client.batch('00000000-0000-4000-8000-000000000000').wait({ signal }),
  'batch.errors': signal => client.batch('00000000-0000-4000-8000-000000000000').errors({ signal }),
  batches: signal => client.batches({ signal }).next(),
  writer: async signal => client.writer({ signal }),
  createWriteStream: async signal => client.createWriteStream({ signal }),
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} rejects with the reason of a signal that is already aborted`, async () => {
    const reason = new Error('not today')
    await assert.rejects(call(AbortSignal.abort(reason)), error => error === reason)
    assert.deepEqual(stuck.requests(), [])
  })
}

test('a call that is aborted rejects with the reason, and tells how to carry on', async () => {
  const reason = new Error('enough')
  const { signal, onEvent } = abortedAt('uploaded', reason)
  let heard = 0
  signal.onabort = () => heard++
  const error = await client.upload(guests(3), { ...GUESTS, runId: 'stopped', signal, onEvent }).catch(error => error)
  assert.equal(error, reason)
  assert.equal(heard, 1)
  assert.ok(error.cause instanceof CancelledError)
  assert.equal(error.cause.runId, 'stopped')
  assert.equal(error.cause.refs.length, 1)
  assert.equal(getEventListeners(signal, 'abort').length, 1)
  stuck.setFaults({})
  const report = await client.upload(guests(3), { ...GUESTS, runId: 'stopped' })
  assert.ok(report.resumed)
  assert.equal(stuck.batches().length, 1)
  stuck.reset()
})

test('the reason may be anything', async () => {
  const { signal, onEvent } = abortedAt('uploaded', 'a word')
  assert.equal(await client.upload(guests(3), { ...GUESTS, signal, onEvent }).catch(error => error), 'a word')
  const timeout = AbortSignal.timeout(50)
  await assert.rejects(client.upload(guests(3), { ...GUESTS, signal: timeout }), { name: 'TimeoutError' })
})

test('no listener stays on a signal', async () => {
  const service = emulator()
  const { signal } = new AbortController()
  const calls = service.client()
  await calls.upload(guests(3), { ...GUESTS, signal })
  await calls.upload([record(1, 'wrong')], { signal }).catch(() => {})
  for await (const _ of calls.batches({ signal }));
  const writer = calls.writer({ ...GUESTS, signal })
  await writer.write(record(1))
  await writer.close()
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('a signal stops a source that waits forever, and a web stream too', async () => {
  const stop = new AbortController()
  async function* silent() {
    yield record(1)
    await new Promise(() => {})
  }
  const upload = client.upload(silent(), { signal: stop.signal })
  setTimeout(() => stop.abort(new Error('bored')), 50)
  await assert.rejects(upload, /bored/)
  const again = new AbortController()
  const stream = new ReadableStream({})
  setTimeout(() => again.abort(new Error('bored again')), 50)
  await assert.rejects(client.upload(stream, { signal: again.signal }), /bored again/)
})

test('a signal stops a writer', async () => {
  const stop = new AbortController()
  const writer = client.writer({ ...GUESTS, signal: stop.signal })
  await writer.write(record(1))
  stop.abort(new Error('closing time'))
  await assert.rejects(writer.write(record(2)), /closing time/)
  await assert.rejects(writer.close(), /closing time/)
})
