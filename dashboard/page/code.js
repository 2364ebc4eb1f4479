// How to ask for a batch elsewhere. Credentials stay in the environment: the page never had them.

import { element, say } from './text.js';

const LANGUAGES = { curl: 'curl.sh', Python: 'python.py', Node: 'node.mjs', Rust: 'rust.rs' };
const REF = '00000000-0000-0000-0000-000000000000';
const BASE = 'https://service.example';

const group = document.querySelector('#languages');
const code = document.querySelector('#code');
const copied = document.querySelector('#copied');
const chosen = { language: 'curl', ref: '', base: '' };

async function write() {
  const { language, ref, base } = chosen;
  const text = await (await fetch(`code/${LANGUAGES[language]}`)).text();
  if (language !== chosen.language || ref !== chosen.ref) return; // Another was chosen meanwhile.
  code.textContent = text.replaceAll(REF, ref).replaceAll(BASE, base);
  for (const button of group.children) button.setAttribute('aria-pressed', button.textContent === language);
  say(copied, '');
}

/** Shows the code for a batch of the service at `base`. */
export function show(ref, base) {
  Object.assign(chosen, { ref, base });
  return write();
}

async function copy() {
  try {
    await navigator.clipboard.writeText(code.textContent);
    say(copied, 'Copied');
  } catch {
    say(copied, 'The browser does not allow it');
  }
}

group.append(...Object.keys(LANGUAGES).map(language => element('button', { type: 'button' }, language)));
group.addEventListener('click', event => {
  const language = event.target.closest('button')?.textContent;
  if (!language) return;
  chosen.language = language;
  write();
});
document.querySelector('#copy').addEventListener('click', copy);
