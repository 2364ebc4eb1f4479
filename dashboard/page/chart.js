// Small charts: a bar for each batch that was processed, the oldest on the left. The table below has the same figures.

import { duration, element, number } from './text.js';

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [100, 30];
/** Few batches make no broad bars. */
const FEWEST = 25;

const MEASURES = [
  { name: 'Records a second', of: batch => batch.records_per_second, say: number, kind: 'rate' },
  { name: 'Time to process', of: batch => batch.stats?.time_to_process_ms, say: duration, kind: 'took' },
];

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function chart({ name, of, say, kind }, batches) {
  const values = batches.map(of);
  const highest = Math.max(...values);
  const step = WIDTH / Math.max(values.length, FEWEST);
  const bars = values.map((value, index) => {
    const height = Math.max(0.5, (value / (highest || 1)) * HEIGHT);
    const x = WIDTH - (values.length - index) * step;
    const place = { class: kind, x, width: step * 0.75, y: HEIGHT - height, height };
    return shape('rect', place, shape('title', {}, `${batches[index].ref}: ${say(value)}`));
  });
  const newest = say(values.at(-1));
  const label = `${name} of ${values.length} batches: ${newest} for the newest, at most ${say(highest)}`;
  const frame = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label };
  const caption = element('figcaption', {},
    element('span', { class: 'quiet' }, name),
    element('strong', {}, newest),
    element('span', { class: 'quiet' }, `newest, at most ${say(highest)}`));
  return element('figure', {}, caption, shape('svg', frame, ...bars));
}

/** Draws the batches that have figures, given from the newest to the oldest; nothing without any. */
export function draw(into, batches) {
  const processed = batches.filter(batch => batch.records_per_second != null).reverse();
  into.hidden = processed.length === 0;
  if (!into.hidden) into.replaceChildren(...MEASURES.map(measure => chart(measure, processed)));
}
