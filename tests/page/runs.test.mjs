import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, leave } from './browser.mjs';
import { seed } from './seed.mjs';
import { Service } from './service.mjs';

let service, browser, sent, page;

before(async () => {
  [service, browser] = await Promise.all([Service.start(), Browser.start()]);
  sent = await seed(service);
  page = await browser.visit(await service.ui('--state-dir', service.stateDir));
  await page.locator('#runs tbody tr').first().waitFor();
});

after(async () => {
  await browser.stop();
  await service.stop();
});

test('the runs of the state folder stand beside the batches, the latest first', async () => {
  const names = await page.locator('#runs tbody .mono').allTextContents();
  assert.deepEqual(names, ['halfway', 'broken-transfer', 'crm-export', 'nightly-guests']);
  const cells = run => page.locator('#runs tbody tr', { hasText: run }).locator('[data-title]').allTextContents();
  assert.deepEqual((await cells('nightly-guests')).slice(0, 5), ['finished', '3', '1,200', '1,200', '0']);
  assert.deepEqual((await cells('crm-export')).slice(0, 5), ['finished', '1', '95', '90', '5']);
  assert.deepEqual((await cells('halfway')).slice(0, 5), ['packed', '1', '20', '0', '0']);
});

test('batches of a run are marked with it in the list', async () => {
  const row = page.locator('#batches tr', { hasText: sent.loaded[2] });
  assert.equal(await row.locator('.run').textContent(), 'run nightly-guests, part 3');
  assert.equal(await page.locator('#batches tr', { hasText: sent.elsewhere }).locator('.run').count(), 0);
});

test('where journal and service tell different stories, the page says what to do', async () => {
  const findings = await page.locator('#findings li').allInnerTexts();
  assert.equal(findings.length, 2);
  assert.match(findings[0], /^Never uploaded\n.*\nPart 1 of run halfway: .*resume the run\.$/s);
  assert.match(findings[1], /^Failed\n.*\nPart 1 of run broken-transfer: .*not sent again\.$/s);
  await page.locator('#findings', { hasText: '1 batch of the list was sent from elsewhere.' }).waitFor();
});

test('a finding opens its batch', async () => {
  await page.locator('#findings [data-open]').first().click();
  await page.locator('#verdict .pill', { hasText: 'Uploading' }).waitFor();
  await page.locator('#close').click();
});

test('once the run is resumed, the finding is gone from the page as it is', async () => {
  const { code } = await service.run('resume', 'halfway', '--state-dir', service.stateDir, '--json');
  assert.equal(code, 0);
  await page.locator('#runs tbody tr', { hasText: 'halfway' }).locator('td', { hasText: 'finished' }).waitFor();
  assert.equal(await page.locator('#findings li').count(), 1);
});

test('all of that without a request to another machine, and without a complaint', () => leave(page));
