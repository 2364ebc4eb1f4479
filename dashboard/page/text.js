// How things are spelt on the page, and how an element is made without innerHTML: nothing the service says is markup.

/** The service's statuses, in the order of a batch's life. */
export const STATUSES = {
  uploading: 'Uploading',
  file_uploaded: 'File uploaded',
  processing: 'Processing',
  success: 'Success',
  error: 'Error',
  corrupted: 'Corrupted',
};
const ENDS = ['success', 'error', 'corrupted'];
const NOTHING = '–';

const counts = new Intl.NumberFormat('en');
const moments = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export const label = status => STATUSES[status] ?? status;
export const hasEnded = batch => ENDS.includes(batch.status);
export const number = value => (value == null ? NOTHING : counts.format(Math.round(value)));

/** A moment on the reader's clock. */
export function time(text) {
  const moment = Date.parse(text ?? '');
  if (Number.isNaN(moment)) return text || NOTHING;
  return element('time', { datetime: text, title: text }, moments.format(moment));
}

export function duration(milliseconds) {
  if (milliseconds == null) return NOTHING;
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${number(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** element('td', { class: 'ref' }, 'text', child) */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export const pill = status => element('span', { class: `pill ${status in STATUSES ? status : 'unknown'}` }, label(status));

/** A ref that opens its batch, wherever on the page it stands. */
export const opener = ref => element('button', { type: 'button', class: 'ref', 'data-open': ref }, ref);

/** Says something once: what is the same already is not said again. */
export function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
