// The browser, and what is true of every visit: no request leaves this machine, nothing is thrown, nothing is complained of.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = process.env.CDP_BATCH_SCREENSHOTS ?? 'screenshots';
const NAMES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export class Browser {
  static async start() {
    const executablePath = process.env.CDP_BATCH_CHROMIUM ?? NAMES.find(existsSync);
    if (!executablePath) throw new Error('there is no chromium; `cargo xtask setup` says how to get it');
    const browser = new Browser();
    // No name leads anywhere: a request to another machine fails, and the test with it.
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
    browser.chromium = await chromium.launch({ executablePath, args });
    return browser;
  }

  /** Opens the page in a browser profile of its own. */
  async visit(url, options = {}) {
    const context = await this.chromium.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(url).origin });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    page.requests = [];
    page.complaints = [];
    page.on('request', request => page.requests.push(request.url()));
    page.on('pageerror', error => page.complaints.push(String(error)));
    page.on('console', message => message.type() === 'error' && page.complaints.push(message.text()));
    await page.goto(url);
    return page;
  }

  stop() {
    return this.chromium.close();
  }
}

/** Ends a visit; every request of it went to the page's own address, and nothing was complained of. */
export async function leave(page) {
  const { host } = new URL(page.url());
  const elsewhere = page.requests.filter(url => new URL(url).host !== host);
  const { complaints } = page;
  await page.context().close();
  assert.deepEqual({ elsewhere, complaints }, { elsewhere: [], complaints: [] });
}

/** Fails with what axe finds wrong with the page as it is now. */
export async function assertAccessible(page) {
  // The page's policy allows no script but its own, so this one comes in through the debugger.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${id}: ${help}: ${node.target} ${node.failureSummary}`));
  assert.deepEqual(found, []);
}

/** Fails if anything is wider than the window. */
export async function assertFits(page) {
  const { content, window } = await page.evaluate(() => {
    const dialog = document.querySelector('dialog[open]');
    const widths = [document.documentElement, dialog].filter(Boolean).map(part => part.scrollWidth);
    return { content: Math.max(...widths), window: innerWidth };
  });
  assert.ok(content <= window, `${content} px wide in a window of ${window} px`);
}

export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), animations: 'disabled' });
}

/** Refs of the list, as they are shown. */
export const refs = page => page.locator('#batches tbody [data-open]').allTextContents();

/** Waits until the list shows exactly these refs, in this order. */
export async function shows(page, expected) {
  const isShown = expected => {
    const shown = [...document.querySelectorAll('#batches tbody [data-open]')].map(button => button.textContent);
    return shown.join() === expected.join();
  };
  await page.waitForFunction(isShown, expected).catch(async () => assert.deepEqual(await refs(page), expected));
}

/** The details, once they are all there. */
export async function open(page, ref) {
  await page.locator(`#batches [data-open="${ref}"]`).click();
  await page.locator('#facts dd').first().waitFor();
  return page.locator('#details');
}
