// Who may see the page of `cdp-batch ui`, and what it never tells. No browser: these are the requests of others.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { seed } from './seed.mjs';
import { API_TOKEN, BASIC, CLIENT_KEY, Service } from './service.mjs';

let service, sent, opening, origin, cookie;

before(async () => {
  service = await Service.start();
  sent = await seed(service);
  opening = await service.ui('--state-dir', service.stateDir);
  origin = new URL(opening).origin;
});

after(() => service.stop());

/** Status, headers and text of an answer. */
function get(url, headers = {}) {
  return new Promise((resolve, reject) => {
    http.get(url, { headers }, answer => {
      let text = '';
      answer.setEncoding('utf8').on('data', part => { text += part; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    }).on('error', reject);
  });
}

const PATHS = ['/', '/app.js', '/api/about', '/api/batches?ref=&status=&sort=-modified&offset=0&limit=25', '/api/runs'];

test('it is served on loopback alone, behind a token that is long', () => {
  const url = new URL(opening);
  assert.equal(url.hostname, '127.0.0.1');
  assert.match(url.searchParams.get('token'), /^[0-9a-f]{32}$/);
});

test('a request without the cookie is refused', async () => {
  for (const path of PATHS) assert.equal((await get(origin + path)).status, 403, path);
});

test('a wrong token is refused, and does not use up the right one', async () => {
  for (const token of ['', '0'.repeat(32), opening.split('token=')[1].slice(1)]) {
    assert.equal((await get(`${origin}/?token=${token}`)).status, 403);
  }
});

test('a foreign name that leads here is refused, even with the token', async () => {
  for (const host of ['evil.example', `evil.example:${new URL(origin).port}`, `localhost:${new URL(origin).port}`]) {
    assert.equal((await get(opening, { host })).status, 403, host);
  }
});

test('the token is good once, for a cookie that no script and no other site can use', async () => {
  const first = await get(opening);
  assert.equal(first.status, 200);
  const [set] = first.headers['set-cookie'];
  assert.match(set, /; HttpOnly; SameSite=Strict; Path=\/$/);
  [cookie] = set.split(';');
  assert.ok(!cookie.includes(opening.split('token=')[1]), 'the cookie is not the token');
  assert.equal((await get(opening)).status, 403);
});

test('the cookie opens everything, but not under another name', async () => {
  for (const path of PATHS) assert.equal((await get(origin + path, { cookie })).status, 200, path);
  assert.equal((await get(`${origin}/api/runs`, { cookie, host: 'evil.example' })).status, 403);
});

test('every answer forbids scripts, frames and requests of others, refused ones too', async () => {
  for (const [path, headers] of [['/', { cookie }], ['/api/about', { cookie }], ['/nothing', { cookie }], ['/', {}]]) {
    const answer = await get(origin + path, headers);
    const policy = answer.headers['content-security-policy'];
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.includes(rule), `${path}: ${policy}`);
    }
    assert.ok(!policy.includes('unsafe'), policy);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['referrer-policy'], 'no-referrer');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  }
});

test('no answer holds a credential or a presigned URL', async () => {
  const of = ref => ['', '/rejects', '/errors.ndjson', '/rejects.ndjson'].map(what => `/api/batches/${ref}${what}`);
  const refs = [sent.elsewhere, sent.refused, ...sent.loaded, ...sent.corrupted];
  const paths = [...PATHS, `/api/details?refs=${refs}`, ...refs.flatMap(of), '/api/batches/no-ref', '/api/batches?sort=up'];
  for (const path of paths) {
    const { text, headers } = await get(origin + path, { cookie });
    const told = text + JSON.stringify(headers);
    for (const secret of [CLIENT_KEY, API_TOKEN, BASIC, 'X-Amz-', '/s3/', 'import.gz']) {
      assert.ok(!told.includes(secret), `${path} tells ${secret}`);
    }
  }
});

test('a state folder that holds no journal is said on the command line', async () => {
  const { code, stderr } = await service.run('ui', '--state-dir', 'nowhere');
  assert.equal(code, 2);
  assert.match(stderr, /nowhere holds no journal/);
});

test('what cannot be answered is one sentence', async () => {
  const unknown = await get(`${origin}/api/batches/00000000-0000-4000-8000-000000000000`, { cookie });
  assert.equal(unknown.status, 404);
  assert.equal(JSON.parse(unknown.text).code, 'not_found');
  const order = await get(`${origin}/api/batches?ref=&status=&sort=sideways&offset=0&limit=25`, { cookie });
  assert.equal(order.status, 400);
  assert.match(JSON.parse(order.text).message, /sort is "sideways", but must be/);
});
