// What the page asks its server. Every answer is JSON; a failure is an Error with one sentence.

async function ask(path) {
  let answer;
  try {
    answer = await fetch(`api/${path}`);
  } catch {
    throw new Error("The page's server does not answer; is cdp-batch still running?");
  }
  if (answer.ok) return answer.json();
  const text = await answer.text();
  throw new Error(sentence(text) ?? `The page's server answered ${answer.status}.`);
}

/** The message of a failure, which is JSON, or else plain text. */
function sentence(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return text || null;
  }
}

export const about = () => ask('about');
export const batches = query => ask(`batches?${new URLSearchParams(query)}`);
export const details = refs => ask(`details?refs=${refs}`);
export const batch = ref => ask(`batches/${ref}`);
export const rejects = ref => ask(`batches/${ref}/rejects`);
export const runs = () => ask('runs');
export const logAddress = ref => `api/batches/${ref}/errors.ndjson`;
export const recordsAddress = ref => `api/batches/${ref}/rejects.ndjson`;
