// What the tests share.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Emulator } from 'cdp-batch/testing'

/** The folder the package is installed in. */
export const home = dirname(dirname(fileURLToPath(import.meta.url)))

/** Options that make records of guests. */
export const GUESTS = { schema: 'guest', mode: 'upsert', refField: 'email' }

/** A guest without an envelope. */
export function guest(number) {
  const identifiers = [{ provider: 'CRM', id: String(number) }]
  return { guestType: 'customer', email: `guest${number}@example.com`, identifiers }
}

export function* guests(count) {
  for (let number = 1; number <= count; number++) yield guest(number)
}

/** A record with its envelope, as text. */
export function record(number, mode = 'upsert') {
  const ref = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  return JSON.stringify({ ref, schema: 'guest', mode, value: guest(number) })
}

/** An emulator that ends with the test file. */
export function emulator(options) {
  const running = new Emulator(options)
  after(() => running.close())
  return running
}

/** A folder that goes with the test file. */
export function folder() {
  const made = mkdtempSync(join(tmpdir(), 'cdp-batch-'))
  after(() => rmSync(made, { recursive: true }))
  return made
}

/** Faults that keep batches from ever being processed: unknown at first, as every batch is, and then without an answer. */
export const NEVER_DONE = {
  rules: [
    { on: 'inspect', match: { try: [1] }, do: { type: 'status', status: 404 } },
    { on: 'inspect', match: { from: 2 }, do: { type: 'hang' } },
  ],
}

/** What a program did. */
export function ran(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: home, ...options, env: { ...process.env, ...options.env } })
    const told = { stdout: '', stderr: '' }
    child.stdout.on('data', data => (told.stdout += data))
    child.stderr.on('data', data => (told.stderr += data))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...told }))
  })
}

/** What a module with this text did, in a Node of its own. */
export function script(text, options) {
  return ran(process.execPath, ['--input-type=module', '--eval', text], options)
}
