// The page: asks, shows, and asks again while "Live" is on.

import { draw } from './chart.js';
import * as details from './details.js';
import * as list from './list.js';
import * as runs from './runs.js';
import * as service from './service.js';
import { hasEnded, say } from './text.js';

const EVERY_MS = 5000;
const problem = document.querySelector('#problem');
const live = document.querySelector('#live');
const charts = document.querySelector('#charts');
let base = '';
let asking = 0;

/** Asks for what the list shows; a later question overtakes an earlier one. */
async function refresh() {
  const mine = ++asking;
  try {
    if (!base) await introduce();
    const page = await service.batches(list.query());
    if (mine !== asking) return;
    list.show(page);
    say(document.querySelector('#refreshed'), `as of ${new Date().toLocaleTimeString('en-GB')}`);
    await Promise.all([fillIn(page, mine), showRuns(), details.refresh()]);
    problem.hidden = true;
  } catch (error) {
    if (mine !== asking) return;
    say(problem, error.message);
    problem.hidden = false;
  }
}

async function introduce() {
  const { base_url, version } = await service.about();
  base = base_url;
  say(document.querySelector('#service'), `${base_url} · cdp-batch ${version}`);
}

/** Adds counts and times, which the service tells of each batch alone. */
async function fillIn(page, mine) {
  const refs = list.unknown(page.items.filter(hasEnded));
  if (refs.length) list.learn(await service.details(refs));
  if (mine !== asking) return;
  if (refs.length) list.show(page);
  draw(charts, list.known(page.items));
}

const isLive = () => live.getAttribute('aria-pressed') === 'true';

async function showRuns() {
  runs.show(await service.runs());
}

function onKey(event) {
  const isTyping = event.target.matches('input');
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const down = { ArrowDown: () => list.move(1) };
  const keys = {
    ...down, ArrowUp: () => list.move(-1), j: () => list.move(1), k: () => list.move(-1), r: refresh, '/': list.focusSearch,
    Escape: () => document.querySelector('#clear').click(),
  };
  const action = (isTyping ? { ...down, Escape: keys.Escape } : keys)[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

list.listen(refresh);
document.addEventListener('keydown', onKey);
document.addEventListener('click', event => {
  const row = event.target.closest('[data-open], #batches tbody tr');
  if (row) details.open((row.dataset.open ? row : row.querySelector('[data-open]')).dataset.open, base);
});
live.addEventListener('click', () => {
  live.setAttribute('aria-pressed', !isLive());
  if (isLive()) refresh();
});

/** Asks again a while after each answer, so that a slow service is not asked twice at once. */
async function keepUp() {
  if (isLive() && !document.hidden) await refresh();
  setTimeout(keepUp, EVERY_MS);
}

await refresh();
setTimeout(keepUp, EVERY_MS);
