import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { emulator, guest, home, ran, record } from './help.mjs'

const service = emulator()
const installed = dirname(createRequire(import.meta.url).resolve('cdp-batch/package.json'))
// Below the installed package, so that it is found.
const place = mkdtempSync(join(home, 'docs-'))
after(() => rmSync(place, { recursive: true }))

const lines = [1, 2, 3].map(number => `${record(number)}\n`).join('')
writeFileSync(join(place, 'guests.ndjson'), lines)
writeFileSync(join(place, 'guests.ndjson.gz'), gzipSync(lines))

/** What the examples leave to their reader. */
const GIVEN = `
  import assert from 'node:assert/strict'
  import { createReadStream } from 'node:fs'
  import { pipeline } from 'node:stream/promises'
  import * as all from 'cdp-batch'
  const guests = ${JSON.stringify([1, 2, 3].map(guest))}
  const client = all.Client.fromEnv({ wait: { minMs: 5, maxMs: 20 } })
  const nightly = client => client.upload(guests, { schema: 'guest', mode: 'upsert', refField: 'email' })
  Object.assign(globalThis, all, { assert, createReadStream, pipeline, guests, client, nightly })`
writeFileSync(join(place, 'given.mjs'), GIVEN)

/** The code in a file's comments, or in its text, with the line it begins on. */
function* examples(file) {
  const text = readFileSync(join(installed, file), 'utf8').replace(/^ *\* ?/gm, '')
  for (const { 1: code, index } of text.matchAll(/^```(?:ts|js)\n(.*?)^```/gms)) {
    yield [`${file}:${text.slice(0, index).split('\n').length + 1}`, code]
  }
}

const types = readdirSync(join(installed, 'dist')).filter(file => file.endsWith('.d.ts'))
const found = ['README.md', ...types.map(file => join('dist', file))].flatMap(file => [...examples(file)])

test('the public names have examples', () => assert.ok(found.length >= 9, String(found.length)))

for (const [number, [name, code]] of found.entries()) {
  test(`the example at ${name} runs`, async () => {
    const path = join(place, `${number}.mjs`)
    // The oldest Node that the package is for does not know the syntax.
    writeFileSync(path, code.replace(/\bawait using\b/g, 'const'))
    const options = { cwd: place, env: service.environment() }
    const { code: exit, stderr, stdout } = await ran(process.execPath, ['--import', './given.mjs', path], options)
    service.reset()
    assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' }, stdout)
  })
}
