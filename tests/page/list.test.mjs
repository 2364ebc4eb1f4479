import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, leave, refs, shows } from './browser.mjs';
import { seed } from './seed.mjs';
import { Service, guests } from './service.mjs';

let service, browser, sent, page, allocated;

before(async () => {
  [service, browser] = await Promise.all([Service.start(), Browser.start()]);
  sent = await seed(service);
  allocated = await service.allocated();
  page = await browser.visit(`${service.url}/`);
});

after(async () => {
  await browser.stop();
  await service.stop();
});

const range = text => page.locator('#range', { hasText: text }).waitFor();
const clear = () => page.locator('#clear').click();
const filter = name => page.locator('#statuses').getByRole('button', { name }).click();
const sortBy = name => page.getByRole('button', { name }).click();
const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.id);

test('the emulator serves the page, with every batch of the last 30 days', async () => {
  await range('1–8 of 8');
  const shown = await refs(page);
  assert.ok([sent.elsewhere, ...sent.loaded, sent.refused, ...sent.corrupted].every(ref => shown.includes(ref)));
});

test('every status has its label', async () => {
  const labels = new Set(await page.locator('#batches .pill').allTextContents());
  assert.deepEqual(labels, new Set(['Uploading', 'Corrupted', 'Error', 'Success']));
});

test('the newest change comes first, until another order is asked for', async () => {
  // Each batch of the seed was done with before the next was allocated, so both orders are that of allocation.
  await shows(page, allocated.toReversed());
  await sortBy('Modified');
  await shows(page, allocated);
  await sortBy('Created');
  await shows(page, allocated.toReversed());
  await sortBy('Created');
  await shows(page, allocated);
  assert.equal(await page.locator('[aria-sort=ascending]').textContent(), 'Created');
  await sortBy('Modified');
  await shows(page, allocated.toReversed());
});

test('a batch is found by the beginning of its ref, in either case', async () => {
  await page.locator('#search').fill(sent.refused.slice(0, 13).toUpperCase());
  await shows(page, [sent.refused]);
  await clear();
  await range('1–8 of 8');
});

test('statuses filter the list, together or alone, and are cleared at once', async () => {
  await filter('Success');
  await shows(page, sent.loaded.toReversed());
  await filter('Corrupted');
  await range('1–5 of 5');
  assert.equal(await page.locator('#statuses [aria-pressed=true]').count(), 2);
  await clear();
  await range('1–8 of 8');
  assert.equal(await page.locator('#statuses [aria-pressed=true]').count(), 0);
});

test('a search that finds nothing says so', async () => {
  await page.locator('#search').fill('not a ref');
  await page.locator('#empty', { hasText: 'No batch matches' }).waitFor();
  await clear();
  await range('1–8 of 8');
});

test('counts and times to process are beside each batch that has ended', async () => {
  const row = page.locator('#batches tr', { hasText: sent.refused });
  await row.locator('[data-title=Failed]', { hasText: '5' }).waitFor();
  assert.equal(await row.locator('[data-title=Records]').textContent(), '95');
  assert.match(await row.locator('[data-title="Time to process"]').textContent(), /^[\d.]+ (ms|s)$/);
});

test('throughput and duration are charts, which say the same in words', async () => {
  const labels = await page.locator('#charts svg').evaluateAll(charts => charts.map(chart => chart.getAttribute('aria-label')));
  assert.equal(labels.length, 2);
  assert.match(labels[0], /^Records a second of 5 batches: [\d,]+ for the newest, at most [\d,]+$/);
  assert.match(labels[1], /^Time to process of 5 batches: [\d.]+ (ms|s) for the newest, at most [\d.]+ (ms|s)$/);
  assert.equal(await page.locator('#charts .rate').count(), 5);
  assert.equal(await page.locator('#charts .took').count(), 5);
});

test('the keyboard alone goes through the list, into a batch, and back', async () => {
  await page.locator('h1').click();
  await page.keyboard.press('/');
  assert.equal(await focused(), 'search');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), allocated.at(-1));
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), allocated.at(-3));
  await page.keyboard.press('k');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), allocated.at(-1), 'the first row is where it ends');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid', 'the focus is visible');
  await page.keyboard.press('Enter');
  await page.locator('#details-title', { hasText: allocated.at(-1) }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#details').waitFor({ state: 'hidden' });
  assert.equal(await focused(), allocated.at(-1), 'the focus is back where it was');
  await page.locator('#search').fill('abc');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#search').inputValue(), '');
  const asked = page.waitForRequest(request => request.url().includes('api/batches?'));
  await page.locator('h1').click();
  await page.keyboard.press('r');
  await asked;
});

test('what has the focus keeps it while the list is refreshed', async () => {
  await page.locator(`#batches [data-open="${sent.refused}"]`).focus();
  const row = await page.locator('#batches tr', { hasText: sent.refused }).elementHandle();
  await page.keyboard.press('r');
  await row.waitForElementState('hidden');
  assert.equal(await focused(), sent.refused);
});

test('a row is opened by a click anywhere on it', async () => {
  await page.locator('#batches tr', { hasText: sent.elsewhere }).locator('.pill').click();
  await page.locator('#details-title', { hasText: sent.elsewhere }).waitFor();
  await page.locator('#close').click();
  await page.locator('#details').waitFor({ state: 'hidden' });
});

test('a click beside the details closes them', async () => {
  await page.locator(`#batches [data-open="${sent.refused}"]`).click();
  await page.locator('#facts dd').first().waitFor();
  await page.mouse.click(60, 400);
  await page.locator('#details').waitFor({ state: 'hidden' });
});

test('without a state folder there are no runs', async () => {
  assert.equal(await page.locator('#runs').isVisible(), false);
  assert.equal(await page.locator('#batches .run').count(), 0);
});

test('a long list is turned page by page', async () => {
  await service.upload(guests(54), '--max-batch-records', '2', '--max-in-flight', '4');
  await range('1–25 of 35');
  await page.getByRole('button', { name: 'Older' }).click();
  await range('26–35 of 35');
  assert.equal((await refs(page)).at(-1), allocated[0]);
  assert.equal(await page.locator('#next').isDisabled(), true);
  await page.getByRole('button', { name: 'Newer' }).click();
  await range('1–25 of 35');
  assert.equal(await page.locator('#previous').isDisabled(), true);
});

test('all of that without a request to another machine, and without a complaint', () => leave(page));
