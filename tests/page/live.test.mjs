import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, leave, open } from './browser.mjs';
import { Service, guests } from './service.mjs';

let service, browser, page;

before(async () => {
  // At one record a second nothing ends unless the clock is moved.
  [service, browser] = await Promise.all([Service.start('--records-per-second', '1'), Browser.start()]);
  page = await browser.visit(`${service.url}/`);
});

after(async () => {
  await browser.stop();
  await service.stop();
});

const upload = () => service.upload(guests(3600), '--set', 'wait.timeout_ms=50');
const statuses = () => page.locator('#batches .pill').allTextContents();
/** Waits until the page has asked again. */
const asked = () => page.waitForResponse(answer => answer.url().includes('api/batches?'));

test('a page without batches says how to send the first', async () => {
  await page.locator('#empty', { hasText: 'No batches in the last 30 days' }).waitFor();
  assert.equal(await page.locator('#batches').isVisible(), false);
  assert.equal(await page.locator('#charts').isVisible(), false);
});

test('a batch appears and ends on the page by itself, in the list and in its details', async () => {
  await upload();
  await page.locator('#batches .pill', { hasText: 'Processing' }).waitFor();
  const [ref] = await service.allocated();
  const details = await open(page, ref);
  assert.equal(await details.locator('.pill').textContent(), 'Processing');
  await service.advanceClock(7200);
  await details.locator('.pill', { hasText: 'Success' }).waitFor();
  assert.equal(await details.locator('#facts > div', { hasText: 'Total' }).locator('dd').textContent(), '3,600');
  await page.keyboard.press('Escape');
  await page.locator('#charts figure').first().waitFor();
  assert.deepEqual(await statuses(), ['Success']);
});

test('with Live off the page stays as it is, until it is asked', async () => {
  const live = page.getByRole('button', { name: 'Live' });
  await live.click();
  assert.equal(await live.getAttribute('aria-pressed'), 'false');
  await upload();
  const again = asked();
  assert.deepEqual(await statuses(), ['Success']);
  await page.keyboard.press('r');
  await again;
  await page.locator('#batches .pill', { hasText: 'Processing' }).waitFor();
  await live.click();
  assert.equal(await live.getAttribute('aria-pressed'), 'true');
});

test('a service that fails is said in a sentence, and the page goes on once it is back', async () => {
  await service.faults({ on: 'list', do: { type: 'status', status: 401 } });
  await page.locator('#problem', { hasText: 'API Token' }).waitFor();
  assert.equal((await statuses()).length, 2, 'what was shown stays');
  await service.faults();
  await page.locator('#problem').waitFor({ state: 'hidden' });
  // The browser itself notes each failed answer.
  page.complaints = page.complaints.filter(text => !text.startsWith('Failed to load resource'));
});

test('all of that without a request to another machine, and without a complaint', () => leave(page));
