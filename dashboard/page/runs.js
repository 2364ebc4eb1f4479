// What this machine's journal knows, and where it and the service tell different stories.

import { element, number, opener, time } from './text.js';

const section = document.querySelector('#runs');
const FINDINGS = {
  never_uploaded: ['Never uploaded', 'packed here, but storage does not have it: resume the run'],
  processing: ['Not finished', 'uploaded, and its outcome is not in the journal yet'],
  failed: ['Failed', 'the service could not read it, and it was not sent again'],
};

/** Shows the runs; null means that there is no journal. */
export function show(journal) {
  section.hidden = !journal;
  if (!journal) return;
  const { runs, reconciliation } = journal;
  section.querySelector('tbody').replaceChildren(...runs.map(row));
  const open = Object.keys(FINDINGS).flatMap(kind => reconciliation[kind].map(batch => finding(kind, batch)));
  const others = reconciliation.unknown.length;
  const rest = [
    open.length ? null : 'Journal and service agree.',
    others ? `${number(others)} ${others === 1 ? 'batch of the list was' : 'batches of the list were'} sent from elsewhere.` : null,
  ].filter(Boolean).join(' ');
  section.querySelector('#findings').replaceChildren(
    ...(open.length ? [element('ul', {}, ...open)] : []),
    ...(rest ? [element('p', { class: 'quiet' }, rest)] : []));
}

function finding(kind, { ref, run_id, part }) {
  const [name, what] = FINDINGS[kind];
  return element('li', { class: kind },
    element('span', { class: `pill ${kind}` }, name),
    element('div', {}, opener(ref), element('p', { class: 'quiet' }, `Part ${part + 1} of run ${run_id}: ${what}.`)));
}

function row(run) {
  const cell = (title, value, kind = '') => element('td', { 'data-title': title, class: kind }, value);
  const name = element('td', {}, element('span', { class: 'mono' }, run.run_id));
  name.append(element('span', { class: 'quiet run' }, run.sources.join(', ')));
  return element('tr', {},
    name,
    cell('State', run.state),
    cell('Parts', number(run.parts), 'count'),
    cell('Packed', number(run.packed), 'count'),
    cell('Confirmed', number(run.confirmed), 'count'),
    cell('Rejected', number(run.rejected), run.rejected ? 'count bad' : 'count'),
    cell('Begun', time(run.created_at)));
}
