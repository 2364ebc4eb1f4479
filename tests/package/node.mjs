// Uses the installed package as a stranger would: `cargo xtask package-test node` runs it in a clean folder.
//
// Its arguments are the repository and the npm packages that could be installed besides: test runners, and what examples
// need. The emulator of the package is the service.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CdpBatchError } from 'cdp-batch'
import { Emulator } from 'cdp-batch/testing'

const [root, ...installed] = process.argv.slice(2)
const emulator = new Emulator()
const env = { ...process.env, ...emulator.environment() }
const programs = join(process.cwd(), 'node_modules/.bin')

/** What a program prints. */
async function output(program, args, options = {}) {
  const { stdout } = await promisify(execFile)(program, args, { env, ...options })
  return stdout
}

const EXAMPLES = { 'upload-file.mjs': [], 'stream-rows.mjs': ['better-sqlite3'], 'webhook.mjs': ['fastify'] }
for (const [example, needed] of Object.entries(EXAMPLES)) {
  if (!needed.every(name => installed.includes(name))) {
    console.log(`${example}: skipped, ${needed} could not be installed`)
    continue
  }
  const copy = join(process.cwd(), example)
  copyFileSync(join(root, 'examples/node', example), copy)
  const expected = join(root, 'examples/expected', example.replace('-', '_').replace('.mjs', '.txt'))
  assert.equal(await output(process.execPath, [copy], { cwd: root }), readFileSync(expected, 'utf8'))
  console.log(`${example}: ok`)
}

const cli = join(programs, 'cdp-batch')
assert.match(await output(cli, ['upload', 'examples/data/guests.ndjson'], { cwd: root }), /3 confirmed/)
await assert.rejects(output(cli, ['uplod']), { code: 2 })
console.log('command line: ok')

writeFileSync('same.cjs', "module.exports = require('cdp-batch').CdpBatchError\n")
assert.equal((await import(join(process.cwd(), 'same.cjs'))).default, CdpBatchError)
console.log('one class in both module systems: ok')

const test = `
  const { Emulator } = require('cdp-batch/testing')
  test('an upload', async () => {
    const emulator = new Emulator()
    const report = await emulator.client().upload(${JSON.stringify(join(root, 'examples/data/guests.ndjson'))})
    expect(report.ok).toBe(true)
    expect(emulator.arrived().length).toBe(3)
    emulator.close()
  })`
mkdirSync('jobs', { recursive: true })
writeFileSync('jobs/job.test.cjs', test)
const RUNNERS = {
  vitest: ['run', '--globals', '--dir', 'jobs'],
  jest: ['--rootDir', 'jobs', '--testMatch', '**/*.test.cjs'],
}
for (const [runner, args] of Object.entries(RUNNERS)) {
  if (!existsSync(join(programs, runner))) {
    console.log(`${runner}: skipped, it could not be installed`)
    continue
  }
  await output(join(programs, runner), args)
  console.log(`${runner}: ok`)
}
emulator.close()
