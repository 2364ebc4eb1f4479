// What the page looks like, in light and dark, broad and narrow; the pictures are kept.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, assertAccessible, assertFits, leave, open, screenshot } from './browser.mjs';
import { seed } from './seed.mjs';
import { Service } from './service.mjs';

let service, browser, sent;

before(async () => {
  [service, browser] = await Promise.all([Service.start(), Browser.start()]);
  sent = await seed(service);
});

after(async () => {
  await browser.stop();
  await service.stop();
});

const VIEWS = {
  list: async () => {},
  details: async page => {
    await open(page, sent.refused);
    await page.locator('#records-list pre').first().waitFor();
  },
};

async function visit(options) {
  const page = await browser.visit(await service.ui('--state-dir', service.stateDir), options);
  await Promise.all(['#charts figure', '#runs tbody tr', '#batches .bad'].map(part => page.locator(part).first().waitFor()));
  return page;
}

for (const colorScheme of ['light', 'dark']) {
  for (const [width, height] of [[1280, 900], [400, 850]]) {
    for (const [view, show] of Object.entries(VIEWS)) {
      test(`the ${view} in ${colorScheme}, ${width} px wide, is accessible and fits`, async () => {
        const page = await visit({ colorScheme, viewport: { width, height } });
        await show(page);
        await screenshot(page, `${view}-${colorScheme}-${width}`);
        await assertAccessible(page);
        await assertFits(page);
        await leave(page);
      });
    }
  }
}

test('light and dark follow the system, until the button says otherwise, and that is kept', async () => {
  const page = await visit({ colorScheme: 'dark' });
  const isDark = () => page.evaluate(() => getComputedStyle(document.body).color === 'rgb(232, 234, 240)');
  assert.equal(await isDark(), true);
  await page.getByRole('button', { name: 'Change between light and dark' }).click();
  assert.equal(await isDark(), false);
  await page.reload();
  await page.locator('#batches tbody tr').first().waitFor();
  assert.equal(await isDark(), false);
  await page.getByRole('button', { name: 'Change between light and dark' }).click();
  assert.equal(await isDark(), true);
  await leave(page);
});
