import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as esm from 'cdp-batch'
import { emulator, folder, GUESTS, guests, record } from './help.mjs'

const cjs = createRequire(import.meta.url)('cdp-batch')
const service = emulator()
const client = service.client()

test('ESM and CommonJS have the same classes', async () => {
  const names = Object.keys(esm).filter(name => name !== 'default' && name !== 'module.exports')
  assert.ok(names.length > 25)
  for (const name of names) assert.equal(esm[name], cjs[name], name)
  const error = await client.upload('missing.ndjson').catch(error => error)
  assert.ok(error instanceof esm.IoError && error instanceof cjs.IoError && error instanceof cjs.CdpBatchError)
})

test('every class has its code', () => {
  const classes = Object.values(esm).filter(
    of => typeof of === 'function' && of.prototype instanceof esm.CdpBatchError && of !== esm.CdpBatchError,
  )
  assert.equal(classes.length, 21)
  assert.equal(new Set(classes.map(of => new of('why').code)).size, 21)
  assert.equal(new esm.TimeoutError('why').name, 'TimeoutError')
  assert.equal(String(new esm.UnavailableError('try later')), 'UnavailableError: try later')
  assert.equal(new esm.UnavailableError('try later').retryable, true)
})

test('what the operating system said is the cause', async () => {
  await assert.rejects(client.upload('missing.ndjson'), error => error.cause.code === 'ENOENT' && error.cause.errno < 0)
})

test('an error tells all it knows, and its JSON is that of every language', async () => {
  service.setFaults({ rules: [{ on: 'allocate', do: { type: 'status', status: 503 } }] })
  const error = await client.upload([record(1)], { runId: 'down' }).catch(error => error)
  service.setFaults({})
  assert.ok(error instanceof esm.UnavailableError)
  assert.equal(error.attempts, 6)
  assert.equal(error.httpStatus, 503)
  assert.equal(error.runId, 'down')
  assert.equal(error.report.counts.packed, 1)
  assert.equal(
    Object.keys(JSON.parse(JSON.stringify(error))).join(' '),
    'code message stage retryable attempts http_status request_id retry_after_ms run_id refs source line',
  )
})

async function theCaller(call) {
  await call()
}

const FAILING = {
  upload: () => client.upload('missing.ndjson'),
  validate: () => client.validate([record(1)], { level: 99 }),
  'batch.status': () => client.batch('no ref').status(),
  batches: () => client.batches({ createdAfter: 'never' }).next(),
  runs: () => client.runs(),
}

for (const [name, call] of Object.entries(FAILING)) {
  test(`the stack of what ${name} throws begins at its caller`, async () => {
    const error = await theCaller(call).catch(error => error)
    assert.ok(error instanceof esm.CdpBatchError)
    const [first, second, third] = error.stack.split('\n')
    assert.equal(first, `${error.name}: ${error.message}`)
    assert.match(second, /errors\.test\.mjs/)
    assert.match(third, /theCaller/)
  })
}

test('a constructor throws at its caller too', () => {
  const error = (() => {
    try {
      return new esm.Client({ region: 'mars', clientKey: 'k', apiToken: 't' })
    } catch (error) {
      return error
    }
  })()
  assert.ok(error instanceof esm.InvalidOptionsError)
  assert.match(error.stack.split('\n')[1], /errors\.test\.mjs/)
})

test('a closed client says so', async () => {
  const closed = service.client()
  await closed[Symbol.asyncDispose]()
  await assert.rejects(closed.upload([record(1)]), esm.ClosedError)
  assert.throws(() => new esm.Client({ clientKey: 'k', apiToken: 't' }), esm.InvalidOptionsError)
})

test('options are camel case, also in messages, exact, and unknown ones refused', async () => {
  for (const [options, message] of [
    [{ maxBatchByte: 1 }, /there is no option maxBatchByte; the nearest one is maxBatchBytes/],
    [{ wait: { timeouts: 1 } }, /there is no option wait\.timeouts; the nearest one is timeoutMs/],
    [{ maxBatchBytes: 2n ** 63n }, /maxBatchBytes is 9223372036854775808/],
    [{ refField: 'email' }, /refField/],
  ]) {
    await assert.rejects(client.upload([record(1)], options), error => {
      assert.ok(error instanceof esm.InvalidOptionsError)
      assert.match(error.message, message)
      return true
    })
  }
  assert.throws(
    () => new esm.Client({ baseUrl: 'ftp://x_y.example', clientKey: 'k', apiToken: 't' }),
    /^[^_]*baseUrl[^_]*$/,
  )
  const report = await client.upload(guests(3), { ...GUESTS, maxBatchBytes: 10_000n, level: undefined })
  assert.equal(report.counts.confirmed, 3)
  const stateful = service.client({ stateDir: new URL(`file://${folder()}/`) })
  await stateful.upload([record(1)], { runId: 'kept' })
  assert.equal((await stateful.runs())[0].runId, 'kept')
})
