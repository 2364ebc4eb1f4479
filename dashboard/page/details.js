// One batch: its facts, its refused records by reason and one by one, and how to ask for it elsewhere.

import * as code from './code.js';
import * as service from './service.js';
import { duration, element, hasEnded, number, pill, say, time } from './text.js';

const dialog = document.querySelector('#details');
const find = id => dialog.querySelector(`#${id}`);
const problem = find('details-problem');
let shown = null;

/** Opens the details of a batch; `base` is where the service is. */
export async function open(ref, base) {
  shown = { ref, isWhole: false };
  find('details-title').textContent = ref;
  say(find('origin'), '');
  find('verdict').replaceChildren();
  find('facts').replaceChildren();
  find('rejects').hidden = true;
  problem.hidden = true;
  if (!dialog.open) dialog.showModal();
  find('details-title').focus();
  dialog.scrollTop = 0;
  await Promise.all([refresh(), code.show(ref, base)]);
}

/** Reads the open batch again, if one is open that can still change. */
export async function refresh() {
  if (!dialog.open || shown.isWhole) return;
  const { ref } = shown;
  try {
    const batch = await service.batch(ref);
    if (shown.ref !== ref) return;
    showFacts(batch);
    if (batch.has_log) await showRejects(ref);
    problem.hidden = true;
    if (shown.ref === ref) shown.isWhole = hasEnded(batch) && (batch.status !== 'error' || batch.has_log);
  } catch (error) {
    if (shown.ref !== ref) return;
    say(problem, error.message);
    problem.hidden = false;
  }
}

function showFacts(batch) {
  const { stats } = batch;
  say(find('origin'), batch.run_id ? `Part ${batch.part + 1} of run ${batch.run_id}` : '');
  find('verdict').replaceChildren(pill(batch.status), ...(stats?.total ? [share(stats)] : []));
  const facts = {
    'Time to process': duration(stats?.time_to_process_ms),
    'Total': number(stats?.total),
    'Succeeded': number(stats?.succeeded),
    'Failed': number(stats?.failed),
    'Records a second': number(batch.records_per_second),
    'Size': batch.size == null ? '–' : `${number(batch.size)} bytes`,
    'Created': time(batch.created_at),
    'Modified': time(batch.modified_at),
  };
  const rows = Object.entries(facts).map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value)));
  if (batch.checksum) rows.push(element('div', { class: 'wide' }, element('dt', {}, 'MD5'), element('dd', { class: 'mono' }, batch.checksum)));
  find('facts').replaceChildren(...rows);
}

/** How much of the batch was taken, as a bar. */
function share({ succeeded, total }) {
  const text = `${number(succeeded)} of ${number(total)} records taken`;
  const bar = element('span', { class: 'share', role: 'img', 'aria-label': text });
  bar.style.setProperty('--taken', `${(100 * (succeeded ?? 0)) / total}%`);
  return bar;
}

async function showRejects(ref) {
  const { reasons, repeats, total, rejects, has_records } = await service.rejects(ref);
  if (shown.ref !== ref) return;
  find('rejects').hidden = false;
  find('log').href = service.logAddress(ref);
  find('records').href = service.recordsAddress(ref);
  find('records').hidden = !has_records;
  const again = repeats.map(reason => ({ ...reason, isRepeat: true }));
  find('reasons').replaceChildren(...[...reasons, ...again].map(reason));
  const all = has_records
    ? 'as they were read, with the line each is on'
    : 'as the error log has them: --state-dir of the run would tell their source, line and text';
  say(find('shown'), `${number(rejects.length)} of ${number(total)}, ${all}.`);
  find('records-list').replaceChildren(...rejects.map(reject));
}

function reason({ count, code: number_, message, help, isRepeat }) {
  const item = element('li', { class: isRepeat ? 'repeat' : '' },
    element('span', { class: 'badge' }, number(count)),
    element('span', { class: 'why' }, element('code', {}, number_), ` ${message}`));
  const advice = isRepeat ? 'Taken, but to be sent again: ' : 'What usually helps: ';
  if (help) item.append(element('p', { class: 'quiet' }, `${advice}${help}.`));
  return item;
}

function reject({ source, line, ref, code: number_, message, record }) {
  const place = source ? `${source}:${line}` : ref ?? 'a line without a ref';
  const item = element('li', {},
    element('strong', {}, place),
    element('span', { class: 'why' }, element('code', {}, number_), ` ${message}`));
  if (record) item.append(element('pre', { tabindex: '0', 'aria-label': `Record of ${place}` }, record));
  return item;
}

find('close').addEventListener('click', () => dialog.close());
dialog.addEventListener('click', event => {
  // A click outside lands on the dialog itself, never on what is in it.
  if (event.target === dialog && event.offsetX < 0) dialog.close();
});
