// The list of batches: what is asked for, and the table that shows it.

import { STATUSES, duration, element, label, number, opener, pill, say, time } from './text.js';

const PAGE = 25;
const table = document.querySelector('#batches');
const body = table.tBodies[0];
const form = document.querySelector('#filter');
const search = document.querySelector('#search');
const statuses = document.querySelector('#statuses');
const empty = document.querySelector('#empty');

const asked = { offset: 0, sort: '-modified', status: new Set() };
/** Counts and times of batches that have ended, by ref: lists do not tell them. */
const figures = new Map();

/** What to ask the server for. */
export function query() {
  const { offset, sort, status } = asked;
  return { ref: search.value.trim(), status: [...status].join(','), sort, offset, limit: PAGE };
}

/** Calls `changed` whenever something else is asked for. */
export function listen(changed) {
  const again = () => { asked.offset = 0; changed(); };
  const turn = by => () => { asked.offset = Math.max(0, asked.offset + by); changed(); };
  search.addEventListener('input', again);
  statuses.addEventListener('click', event => {
    const status = event.target.closest('button')?.dataset.status;
    if (!status) return;
    if (!asked.status.delete(status)) asked.status.add(status);
    again();
  });
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('reset', () => { asked.status.clear(); search.value = ''; search.focus(); again(); });
  document.querySelector('#previous').addEventListener('click', turn(-PAGE));
  document.querySelector('#next').addEventListener('click', turn(PAGE));
  table.tHead.addEventListener('click', event => {
    const head = event.target.closest('[data-sort]');
    if (!head) return;
    sortBy(head);
    again();
  });
}

function sortBy(head) {
  const newestFirst = head.getAttribute('aria-sort') !== 'descending';
  for (const other of table.querySelectorAll('[data-sort]')) other.setAttribute('aria-sort', 'none');
  head.setAttribute('aria-sort', newestFirst ? 'descending' : 'ascending');
  asked.sort = (newestFirst ? '-' : '') + head.dataset.sort;
}

/** Shows a part of the list; what has the focus keeps it. */
export function show({ items, total, offset, counts }) {
  const focused = document.activeElement?.closest('#batches tbody, #statuses') && document.activeElement.dataset;
  showStatuses(counts);
  body.replaceChildren(...items.map(row));
  if (focused?.open) body.querySelector(`[data-open="${focused.open}"]`)?.focus();
  if (focused?.status) statuses.querySelector(`[data-status="${focused.status}"]`)?.focus();
  const isFiltered = search.value.trim() !== '' || asked.status.size > 0;
  document.querySelector('#clear').hidden = !isFiltered;
  showEmpty(total, isFiltered);
  const last = offset + items.length;
  say(document.querySelector('#range'), total ? `${number(offset + 1)}–${number(last)} of ${number(total)}` : '');
  document.querySelector('#paging').hidden = total <= PAGE;
  document.querySelector('#previous').disabled = offset === 0;
  document.querySelector('#next').disabled = last >= total;
}

/** A switch for each status that there is, with how many batches have it. */
function showStatuses(counts) {
  const all = new Set([...Object.keys(STATUSES), ...Object.keys(counts)]);
  const used = [...all].filter(status => counts[status] || asked.status.has(status));
  statuses.replaceChildren(...used.map(status => {
    const attributes = { type: 'button', class: status, 'data-status': status, 'aria-pressed': asked.status.has(status) };
    return element('button', attributes, label(status), element('span', { class: 'badge' }, number(counts[status] ?? 0)));
  }));
}

function showEmpty(total, isFiltered) {
  table.hidden = total === 0;
  empty.hidden = total > 0;
  if (empty.hidden) return;
  const [what, how] = isFiltered
    ? ['No batch matches', 'Clear the search and the statuses to see all of them.']
    : ['No batches in the last 30 days', 'cdp-batch upload guests.ndjson sends the first one.'];
  empty.replaceChildren(element('strong', {}, what), element('p', {}, how));
}

function row(batch) {
  const { stats } = figures.get(batch.ref) ?? batch;
  const name = element('td', {}, opener(batch.ref));
  if (batch.run_id) name.append(element('span', { class: 'quiet run' }, `run ${batch.run_id}, part ${batch.part + 1}`));
  const cell = (title, value, kind = '') => element('td', { 'data-title': title, class: kind }, value);
  const count = (title, text, kind = stats ? '' : 'none') => cell(title, text, `count ${kind}`);
  return element('tr', {},
    name,
    element('td', {}, pill(batch.status)),
    count('Records', number(stats?.total)),
    count('Failed', number(stats?.failed), stats?.failed ? 'bad' : undefined),
    count('Time to process', duration(stats?.time_to_process_ms)),
    cell('Created', time(batch.created_at)),
    cell('Modified', time(batch.modified_at)));
}

/** The refs whose figures are not known yet. */
export const unknown = items => items.filter(batch => !figures.has(batch.ref)).map(batch => batch.ref);

export function learn(batches) {
  for (const batch of batches) figures.set(batch.ref, batch);
}

export const known = items => items.map(batch => figures.get(batch.ref) ?? batch);

/** Moves the focus by some rows, from the row that has it. */
export function move(by) {
  const refs = [...body.querySelectorAll('[data-open]')];
  const at = refs.indexOf(document.activeElement);
  refs.at(at < 0 ? 0 : Math.max(0, Math.min(refs.length - 1, at + by)))?.focus();
}

export const focusSearch = () => search.focus();
