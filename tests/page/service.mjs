// A service with batches in it: the real emulator, and the real command line that uploads to it.

import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = process.env.CDP_BATCH_PROGRAM;
if (!PROGRAM) throw new Error('CDP_BATCH_PROGRAM is not set; run `cargo xtask test --lang page`');

/** Credentials that no answer may hold. */
export const CLIENT_KEY = 'planted0client0key00000000000000';
export const API_TOKEN = 'planted-api-token';
export const BASIC = Buffer.from(`${CLIENT_KEY}:${API_TOKEN}`).toString('base64');

/** Starts the command line and gives the first line that begins like this. */
function started(args, beginning, env) {
  const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const lines = {};
  const found = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      for (const name of beginning) if (line.startsWith(name)) lines[name] = line.slice(name.length);
      if (beginning.every(name => lines[name])) resolve(lines);
    });
    child.on('exit', code => reject(new Error(`${args[0]} ended with ${code}`)));
  });
  return { child, found };
}

const ended = child => new Promise(resolve => {
  if (child.exitCode != null || child.signalCode != null) return resolve();
  child.removeAllListeners('exit').on('exit', resolve);
  child.kill();
});

/** A guest as the service takes it; `other` overwrites what is in it. */
export const guest = (number, other = {}) => JSON.stringify({
  ref: randomUUID(),
  schema: 'guest',
  mode: 'upsert',
  value: {
    guestType: 'customer', firstName: 'Aoife', lastName: 'Byrne', email: `aoife.${number}@example.com`,
    identifiers: [{ provider: 'CRM', id: `C-${number}` }],
  },
  ...other,
});

export const guests = count => Array.from({ length: count }, (_, number) => guest(number));

export class Service {
  #children = [];

  /** An emulator that nobody has sent anything to. */
  static async start(...args) {
    const service = new Service();
    service.folder = mkdtempSync(path.join(tmpdir(), 'cdp-batch-page-'));
    const listen = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--client-key', CLIENT_KEY, '--api-token', API_TOKEN];
    const names = ['listening on ', 'admin on '];
    const { child, found } = started(['emulator', ...listen, ...args], names);
    service.#children.push(child);
    const lines = await found;
    [service.url, service.admin] = names.map(name => lines[name]);
    service.stateDir = path.join(service.folder, 'state');
    const { CDP_REGION, ...rest } = process.env;
    service.env = { ...rest, CDP_BASE_URL: service.url, CDP_CLIENT_KEY: CLIENT_KEY, CDP_API_TOKEN: API_TOKEN };
    return service;
  }

  /** Serves the page for it; gives the address that opens it once. */
  async ui(...args) {
    const { child, found } = started(['ui', ...args], ['page on '], this.env);
    this.#children.push(child);
    return (await found)['page on '];
  }

  /** Uploads lines of records; gives the report, whatever came of it. */
  upload(lines, ...args) {
    writeFileSync(path.join(this.folder, 'guests.ndjson'), `${lines.join('\n')}\n`);
    const quick = ['wait.min_ms=5', 'wait.max_ms=40', 'retry.attempts=1'].flatMap(option => ['--set', option]);
    return this.run('upload', 'guests.ndjson', '--json', ...quick, ...args);
  }

  /** Runs the command line to its end; gives what it printed as JSON, if that is what it is. */
  run(...args) {
    return new Promise(resolve => {
      execFile(PROGRAM, args, { env: this.env, cwd: this.folder }, (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stdout, stderr, report: stdout.startsWith('{') ? JSON.parse(stdout) : null });
      });
    });
  }

  /** Lets the next requests meet faults. */
  faults(...rules) {
    return this.#tell('faults', { rules });
  }

  /** Refs of all batches, in the order of allocation. */
  async allocated() {
    return (await (await fetch(`${this.admin}/batches`)).json()).map(batch => batch.ref);
  }

  advanceClock(seconds) {
    return this.#tell('clock', { advance_seconds: seconds });
  }

  async #tell(what, body) {
    const answer = await fetch(`${this.admin}/${what}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async stop() {
    await Promise.all(this.#children.map(ended));
    rmSync(this.folder, { recursive: true });
  }
}
