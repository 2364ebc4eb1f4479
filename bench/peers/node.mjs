// node.mjs ENGINE KIND INPUT FOLDER: makes packed parts of a file's bytes (`stream`) or of objects (`rows`), and prints the
// seconds, the bytes of the parts, and the longest delay of the event loop in milliseconds as JSON.
//
// ENGINE is `cdp-batch`, which checks nothing like the other, or `checked`, which does, or `zlib`: `createGzip` and an MD5
// on the way into files, as a script would have it. The objects are made, and what making them left behind is collected,
// before the clock starts (`--expose-gc`).
//
// node.mjs memory COUNT - FOLDER packs so many objects of a generator, for its peak memory.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Client } from 'cdp-batch'

const LEVEL = 6
const THREADS = 2
const CHUNK = 1 << 16

/** Gzips and hashes what a source gives. */
async function zlib(source, folder) {
  const md5 = createHash('md5')
  let size = 0
  const hashed = new Transform({
    transform(chunk, _, done) {
      md5.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(source, createGzip({ level: LEVEL }), hashed, createWriteStream(join(folder, 'part.json.gz')))
  md5.digest('hex')
  return size
}

async function ours(source, folder, check) {
  const client = new Client({ baseUrl: 'http://127.0.0.1:1', clientKey: 'k', apiToken: 't' })
  const { parts } = await client.pack(source, folder, { level: LEVEL, threads: THREADS, check })
  return parts.reduce((sum, { size }) => sum + size, 0)
}

/** Lines of objects, gathered so that zlib is not called for each. */
function* lines(rows) {
  let text = ''
  for (const row of rows) {
    text += `${JSON.stringify(row)}\n`
    if (text.length >= CHUNK) {
      yield text
      text = ''
    }
  }
  yield text
}

function* generated(count) {
  for (let number = 0; number < count; number++) {
    yield {
      ref: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      schema: 'guest',
      mode: 'upsert',
      value: {
        guestType: 'customer',
        email: `customer${number}@example.com`,
        identifiers: [{ provider: 'CRM', id: `C-${number}` }],
      },
    }
  }
}

/** Every object of a file; its text is let go. */
function parsed(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

const [engine, kind, input, folder] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
if (engine === 'memory') {
  await ours(generated(Number(kind)), folder, 'envelope')
} else {
  const rows = kind === 'rows' ? parsed(input) : undefined
  const stream = () => createReadStream(input, { highWaterMark: 1 << 18 })
  globalThis.gc()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  await new Promise(resolve => setTimeout(resolve, 50))
  delay.enable()
  const start = performance.now()
  const check = engine === 'checked' ? 'envelope' : 'none'
  const source = rows ?? stream()
  const bytes =
    engine === 'zlib'
      ? await zlib(rows ? Readable.from(lines(rows)) : source, folder)
      : await ours(source, folder, check)
  const seconds = (performance.now() - start) / 1_000
  delay.disable()
  console.log(JSON.stringify({ seconds, bytes, delay: delay.max / 1e6 }))
}
