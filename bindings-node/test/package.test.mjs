import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { emulator, folder, GUESTS, home, ran, record } from './help.mjs'

const service = emulator()
const require = createRequire(import.meta.url)
const installed = dirname(require.resolve('cdp-batch/package.json'))

test('the command line comes along', async () => {
  const program = join(home, 'node_modules/.bin/cdp-batch')
  const { version } = require('cdp-batch/package.json')
  assert.equal((await ran(program, ['--version'])).stdout, `cdp-batch ${version}\n`)
  assert.equal((await ran(program, ['uplod'])).code, 2)
  const path = join(folder(), 'guests.ndjson')
  writeFileSync(path, record(1))
  const { code, stdout } = await ran(program, ['upload', '--json', path], { env: service.environment() })
  assert.equal(code, 0)
  assert.equal(JSON.parse(stdout).counts.confirmed, 1)
})

test('without its native half the package says for which platform, what was tried, and what to do', async () => {
  const place = join(folder(), 'node_modules/cdp-batch')
  mkdirSync(place, { recursive: true })
  cpSync(installed, place, { recursive: true })
  for (const file of readdirSync(place).filter(file => file.endsWith('.node'))) rmSync(join(place, file))
  const { code, stderr } = await ran(process.execPath, ['--eval', "require('cdp-batch')"], {
    cwd: dirname(dirname(place)),
  })
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`no native half for ${process.platform} ${process.arch}`))
  assert.match(stderr, /Install again without --omit=optional/)
  assert.match(stderr, /Tried:\n {2}.*cdp-batch\..*\.node: Cannot find module.*\n {2}cdp-batch-.*: Cannot find module/)
})

test('the public types know no any, and every public name has a comment', () => {
  const types = readdirSync(join(installed, 'dist')).filter(file => /\.d\.m?ts$/.test(file))
  assert.ok(types.length > 15)
  for (const file of types) {
    const lines = readFileSync(join(installed, 'dist', file), 'utf8').split('\n')
    for (const [at, line] of lines.entries()) {
      const code = line.replace(/^\s*\*.*|\/\*.*?\*\/|'[^']*'/g, '')
      assert.doesNotMatch(code, /\bany\b/, `${file}:${at + 1}`)
      // The native half is nobody else's.
      const isNamed = /^export (declare )?(abstract )?(class|interface|function|const|type) \w/.test(line)
      if (isNamed && file !== 'native.d.ts') {
        assert.match(lines[at - 1], /\*\/\s*$/, `${file}:${at + 1} has no comment`)
      }
    }
  }
})

const JOB = `
  const { Client, CdpBatchError } = require('cdp-batch')
  const { Emulator } = require('cdp-batch/testing')
  async function main() {
    const emulator = new Emulator()
    const client = emulator.client()
    function* rows() { for (let at = 0; at < 1000; at++) yield {
      guestType: 'customer', email: at + '@example.com', identifiers: [{ provider: 'CRM', id: String(at) }] } }
    const report = await client.upload(rows(), ${JSON.stringify(GUESTS)})
    const error = await client.upload('missing.ndjson').catch(error => error)
    const stop = new AbortController()
    const stopped = client.upload((async function* () { await new Promise(() => {}) })(), { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 20)
    const reason = await stopped.catch(error => error.message)
    emulator.close()
    console.log(report.counts.confirmed, error instanceof CdpBatchError, error.code, reason)
  }
  main()`

const RUNTIMES = {
  node: [],
  bun: ['run'],
  deno: ['run', '--allow-all', '--quiet'],
}

for (const [name, args] of Object.entries(RUNTIMES)) {
  const program = name === 'node' ? process.execPath : join(home, 'node_modules/.bin', name)
  const skip = existsSync(program) ? false : `${name} could not be installed from the registry`
  test(`the same job runs in ${name}`, { skip }, async () => {
    const path = join(home, `job-${name}.cjs`)
    writeFileSync(path, JOB)
    const { code, stdout, stderr } = await ran(program, [...args, path])
    rmSync(path)
    assert.equal(stdout, '1000 true io enough\n', stderr)
    assert.equal(code, 0)
  })
}
