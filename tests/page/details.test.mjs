import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Browser, leave, open } from './browser.mjs';
import { seed } from './seed.mjs';
import { API_TOKEN, BASIC, CLIENT_KEY, Service } from './service.mjs';

let service, browser, sent, page;

before(async () => {
  [service, browser] = await Promise.all([Service.start(), Browser.start()]);
  sent = await seed(service);
  page = await browser.visit(await service.ui('--state-dir', service.stateDir));
});

after(async () => {
  await browser.stop();
  await service.stop();
});

const close = () => page.locator('#close').click();

async function facts(details) {
  const rows = await details.locator('#facts > div').allInnerTexts();
  return Object.fromEntries(rows.map(row => row.split(/\n+/)));
}

async function download(name) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
  return { name: file.suggestedFilename(), lines: readFileSync(await file.path(), 'utf8').trim().split('\n') };
}

const copied = () => page.evaluate(() => navigator.clipboard.readText());

async function copy(language) {
  await page.locator('#languages').getByRole('button', { name: language }).click();
  await page.locator('#languages [aria-pressed=true]', { hasText: language }).waitFor();
  await page.locator('#copy').click();
  await page.locator('#copied', { hasText: 'Copied' }).waitFor();
  return copied();
}

test('the details of a batch are what the service tells of it', async () => {
  const details = await open(page, sent.refused);
  assert.equal(await details.locator('.pill').first().textContent(), 'Error');
  const { Total, Succeeded, Failed, Created, Modified, MD5, ...rest } = await facts(details);
  assert.deepEqual({ Total, Succeeded, Failed }, { Total: '95', Succeeded: '90', Failed: '5' });
  assert.match(rest['Time to process'], /^[\d.]+ (ms|s)$/);
  assert.match(rest['Records a second'], /^[\d,]+$/);
  assert.match(rest.Size, /^[\d,]+ bytes$/);
  assert.match(MD5, /^[0-9a-f]{32}$/);
  for (const moment of [Created, Modified]) assert.match(moment, /^\d+ \w{3} \d{4}, \d\d:\d\d:\d\d$/);
  assert.equal(await details.locator('.share').getAttribute('aria-label'), '90 of 95 records taken');
  assert.equal(await details.locator('#origin').textContent(), 'Part 1 of run crm-export');
});

test('refused records are grouped by reason, with what usually helps', async () => {
  const reasons = await page.locator('#reasons li').allInnerTexts();
  assert.equal(reasons.length, 2);
  assert.match(reasons[0], /^3\s+400 Not enough identifying information\s+What usually helps: give the guest an identifier/);
  assert.match(reasons[1], /^2\s+404 Guest not found\s+What usually helps: nothing has this identity/);
});

test('each refused record stands there as it was read, with its source and line', async () => {
  assert.match(await page.locator('#shown').textContent(), /^5 of 5, as they were read/);
  const places = await page.locator('#records-list strong').allTextContents();
  assert.deepEqual(places, [91, 92, 93, 94, 95].map(line => `guests.ndjson:${line}`));
  const records = await page.locator('#records-list pre').allTextContents();
  assert.deepEqual(records.map(record => JSON.parse(record).mode), ['upsert', 'upsert', 'upsert', 'delete', 'delete']);
});

test('the log is downloaded, a line for each record', async () => {
  const { name, lines } = await download('Download the log');
  assert.equal(name, `${sent.refused}.errors.ndjson`);
  const { code, message, line, batch } = JSON.parse(lines[4]);
  assert.deepEqual({ code, message, line, batch }, { code: '404', message: 'Guest not found', line: 95, batch: sent.refused });
  assert.equal(lines.length, 5);
});

test('the records are downloaded as they were read, and once fixed they are confirmed', async () => {
  const { name, lines } = await download('Download the records to fix');
  assert.equal(name, `${sent.refused}.rejects.ndjson`);
  const fixed = lines.map(JSON.parse).filter(record => record.mode === 'upsert');
  for (const record of fixed) record.value.identifiers = [{ provider: 'CRM', id: record.ref }];
  const { code, report } = await service.upload(fixed.map(record => JSON.stringify(record)));
  assert.equal(code, 0);
  assert.equal(report.counts.confirmed, 3);
  await close();
});

test('a batch that was sent from elsewhere shows its error log as it is', async () => {
  const details = await open(page, sent.elsewhere);
  await details.locator('#reasons li', { hasText: 'Not enough identifying information' }).waitFor();
  assert.match(await page.locator('#shown').textContent(), /^1 of 1, as the error log has them/);
  assert.match(await page.locator('#records-list strong').textContent(), /^[0-9a-f-]{36}$/);
  assert.equal(await page.locator('#records-list pre').count(), 0);
  assert.equal(await page.locator('#records').isVisible(), false);
  assert.equal(await details.locator('#origin').textContent(), '');
  await close();
});

test('a batch without refused records shows none', async () => {
  const details = await open(page, sent.loaded[1]);
  assert.equal(await details.locator('#rejects').isVisible(), false);
  assert.equal(await details.locator('#origin').textContent(), 'Part 2 of run nightly-guests');
  await page.keyboard.press('Escape');
});

test('the copied curl command asks for the batch, with credentials from the environment', async () => {
  await open(page, sent.refused);
  const command = await copy('curl');
  assert.match(command, /--user "\$CDP_CLIENT_KEY:\$CDP_API_TOKEN"/);
  const answer = execFileSync('sh', ['-c', command], { env: service.env, stdio: ['ignore', 'pipe', 'ignore'] });
  assert.equal(JSON.parse(answer).ref, sent.refused);
});

test('the copied code names this batch, and no credential', async () => {
  for (const [language, call] of [['Python', 'Client.from_env()'], ['Node', 'Client.fromEnv()'], ['Rust', 'Client::from_env(']]) {
    const code = await copy(language);
    assert.ok(code.includes(call) && code.includes(sent.refused), code);
    for (const secret of [CLIENT_KEY, API_TOKEN, BASIC]) assert.ok(!code.includes(secret));
    const name = { Python: 'copied.py', Node: 'copied.mjs' }[language];
    if (name) writeFileSync(path.join(service.folder, name), code);
  }
});

/** Runs what was copied; it tells of the batch and of each refused record. */
function runs(program, name) {
  const printed = execFileSync(program, [name], { env: service.env, cwd: service.folder, encoding: 'utf8' });
  assert.match(printed, new RegExp(sent.refused));
  assert.equal(printed.match(/Guest not found/g).length, 2);
}

const needs = variable => ({ skip: !process.env[variable] && `${variable} is not set` });

test('the copied Python runs as it is', needs('CDP_BATCH_PYTHON'), () => runs(process.env.CDP_BATCH_PYTHON, 'copied.py'));

test('the copied JavaScript runs as it is', needs('CDP_BATCH_NODE'), () => {
  mkdirSync(path.join(service.folder, 'node_modules'));
  symlinkSync(process.env.CDP_BATCH_NODE, path.join(service.folder, 'node_modules', 'cdp-batch'));
  runs(process.execPath, 'copied.mjs');
});

test('all of that without a request to another machine, and without a complaint', () => leave(page));
