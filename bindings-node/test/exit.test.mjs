import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { emulator, GUESTS, guests, NEVER_DONE, script } from './help.mjs'

/** Workers that are terminated, each way. `CDP_BATCH_ROUNDS=1000 cargo xtask test --lang node` is for a long look. */
const ROUNDS = Number(process.env.CDP_BATCH_ROUNDS ?? 50)

const service = emulator()
const stuck = emulator({ faults: NEVER_DONE })

/** A module whose `client` is one of a service, and whose `guests` are some. */
function module(of, text) {
  return `
    import { Client } from 'cdp-batch'
    process.on('unhandledRejection', error => { console.log('UNHANDLED', error); process.exit(9) })
    const client = new Client(${JSON.stringify({
      baseUrl: of.baseUrl,
      clientKey: of.clientKey,
      apiToken: of.apiToken,
      wait: { minMs: 5, maxMs: 40 },
    })})
    const options = ${JSON.stringify(GUESTS)}
    const guest = number => ({ guestType: 'customer', email: number + '@example.com', identifiers: [] })
    function* guests(count) { for (let at = 0; at < count; at++) yield guest(at) }
    ${text}`
}

/** What a process prints that ends by itself, and well. */
async function printed(of, text, expected = 0) {
  const { code, signal, stdout, stderr } = await script(module(of, text))
  assert.deepEqual({ code, signal, stderr }, { code: expected, signal: null, stderr: '' }, stdout)
  return stdout.trim()
}

test('the process ends by itself when the work is done', async () => {
  const text = `const report = await client.upload(guests(3), { ...options, check: 'none', raiseOn: 'never' })
    console.log(report.counts.sent)`
  assert.equal(await printed(service, text), '3')
})

test('a client, a writer and a run that nobody waits for keep no process alive', async () => {
  const text = `const writer = client.writer(options)
    await writer.write(guest(1))
    const run = await client.submit(guests(3), { ...options, check: 'none' })
    console.log(run.refs.length)`
  assert.equal(await printed(stuck, text), '1')
})

test('a call that nobody waits for keeps its process alive', async () => {
  const text = `client.upload(guests(3), { ...options, raiseOn: 'never' }).then(report => console.log(report.counts.read))`
  assert.equal(await printed(service, text), '3')
})

test('process.exit in the middle ends the process', async () => {
  const text = `client.upload(guests(1e9), { ...options, onEvent: ({ type }) => {
      if (type === 'progress') process.exit(7)
    } })`
  for (let round = 0; round < 5; round++) assert.equal(await printed(stuck, text, 7), '')
})

test('what is thrown in the middle ends the process as always', async () => {
  const text = `client.upload(guests(1e9), options); setTimeout(() => { throw new Error('elsewhere') }, 50)`
  const { code, stderr } = await script(module(stuck, text))
  assert.equal(code, 1)
  assert.match(stderr, /Error: elsewhere/)
})

test('200 calls at once', async () => {
  const client = service.client()
  const uploads = Array.from({ length: 200 }, () => client.upload(guests(20), GUESTS))
  const reports = await Promise.all(uploads)
  assert.equal(
    reports.reduce((sum, report) => sum + report.counts.confirmed, 0),
    4_000,
  )
})

test('200 calls at once, all of them stopped', async () => {
  const client = stuck.client()
  const stop = new AbortController()
  const uploads = Array.from({ length: 200 }, () => client.upload(guests(20), { ...GUESTS, signal: stop.signal }))
  setTimeout(() => stop.abort(), 200)
  const ends = await Promise.allSettled(uploads)
  assert.ok(ends.every(({ reason }) => reason === stop.signal.reason))
})

/** A worker that does what the text says, and tells when it is in the middle of it. */
function worker(of, text) {
  const source = module(of, `import { parentPort } from 'node:worker_threads'\n${text}`)
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(bare(source))}`))
}

/** A data URL knows no packages. */
function bare(source) {
  return source.replaceAll("'cdp-batch'", JSON.stringify(import.meta.resolve('cdp-batch')))
}

test('a worker uploads', async () => {
  const text = `parentPort.postMessage((await client.upload(guests(3), { ...options, raiseOn: 'never' })).counts.read)`
  const [read] = await once(worker(service, text), 'message')
  assert.equal(read, 3)
})

test('workers that are terminated in the middle harm nobody', async () => {
  const text = `client.upload(guests(1e9), { ...options, onEvent: ({ type }) => {
      if (type === 'progress') parentPort.postMessage(type)
    } })`
  for (let round = 0; round < ROUNDS; round++) {
    const working = worker(stuck, text)
    await once(working, 'message')
    assert.equal(await working.terminate(), 1)
  }
  const report = await service.client().upload(guests(3), GUESTS)
  assert.equal(report.counts.confirmed, 3)
})

test('the package may be loaded in a worker alone', async () => {
  const inside = `import { parentPort } from 'node:worker_threads'\n${module(
    stuck,
    `client.upload(guests(1e9), {
    ...options, onEvent: ({ type }) => { if (type === 'progress') parentPort.postMessage(type) } })`,
  )}`
  const text = `
    import { once } from 'node:events'
    import { Worker } from 'node:worker_threads'
    for (let round = 0; round < ${ROUNDS}; round++) {
      const working = new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(bare(inside))})))
      await once(working, 'message')
      await working.terminate()
    }
    console.log('all gone')`
  const { code, signal, stdout, stderr } = await script(text)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  assert.equal(stdout, 'all gone\n')
})
