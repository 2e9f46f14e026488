/** Who gets through to the stack, what the browser is told to refuse, and the server for deployed APIs. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accessible, open } from './browser.js';
import { browser, stack } from './running.js';
import { startUi, until } from './stack.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

let ui;
let reader;

before(async () => {
  [ui, reader] = await Promise.all([startUi(stack.url), startUi(stack.url, ['--read-only'])]);
});

/** A request as it is: `fetch` would set some of these headers itself, and resolve the path. */
function ask(url, { method = 'GET', path = '/', headers = {}, body } = {}) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode, headers: answer.headers, text });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('the program serves the page of this checkout', async () => {
  const page = fileURLToPath(new URL('../built', import.meta.url));
  const files = (await readdir(page, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  assert.ok(files.length >= 5);
  for (const { parentPath, path, name } of files) {
    const file = join(parentPath ?? path, name);
    const { status, text } = await ask(stack.url, { path: file.slice(page.length).replaceAll('\\', '/') });
    assert.equal(status, 200, file);
    assert.ok(text === (await readFile(file, 'utf8')), `${file} is newer than the program: build it again`);
  }
});

test('the page has a strict policy wherever it is served', async () => {
  for (const { url } of [stack, ui, reader]) {
    for (const path of ['/', '/first.js', '/app.js', '/style.css', '/ui.json']) {
      const { status, headers } = await ask(url, { path });
      assert.equal(status, 200);
      assert.equal(headers['content-security-policy'], POLICY, path);
      assert.equal(headers['x-frame-options'], 'DENY', path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
    }
  }
});

test('no page of another origin gets through', async () => {
  const json = { 'content-type': 'application/json' };
  for (const { url } of [stack, ui, reader]) {
    for (const path of ['/', '/app.js', '/v1/stats']) {
      for (const headers of [
        { host: 'evil.example' },
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
      ]) {
        assert.equal((await ask(url, { path, headers })).status, 403, `${path} ${JSON.stringify(headers)}`);
      }
      for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
        const { port } = new URL(url);
        assert.equal((await ask(url, { path, headers: { host: `${host}:${port}` } })).status, 200, `${path} ${host}`);
      }
    }
    const simple = await ask(url, {
      method: 'POST',
      path: '/v1/tasks/cancel?all=true',
      headers: { 'content-type': 'text/plain' },
    });
    assert.equal(simple.status, 415);
    const forged = await ask(url, {
      method: 'POST',
      path: '/v1/tasks/cancel?all=true',
      headers: { ...json, origin: 'http://localhost:1' },
    });
    assert.equal(forged.status, 403);
  }
});

test('taskway ui passes the API on, and nothing else', async () => {
  const json = { 'content-type': 'application/json' };
  const body =
    '{"target": {"handler": "echo"}, "queue": "passed", "labels": {"a b": "c+d/é"}, "payload": 12345678901234567890}';
  const made = await ask(ui.url, { method: 'POST', path: '/v1/tasks', headers: { ...json, 'idempotency-key': 'k' }, body });
  assert.equal(made.status, 202, made.text);
  const { id } = JSON.parse(made.text);
  assert.equal(made.headers.location, `/v1/tasks/${id}`);
  const again = await ask(ui.url, { method: 'POST', path: '/v1/tasks', headers: { ...json, 'idempotency-key': 'k' }, body });
  assert.equal(again.headers['idempotent-replayed'], 'true');
  const filters = new URLSearchParams({ queue: 'passed', 'label.a b': 'c+d/é' });
  const listed = await ask(ui.url, { path: `/v1/tasks?${filters}` });
  assert.deepEqual(
    JSON.parse(listed.text).tasks.map((task) => task.id),
    [id],
  );
  for (const path of ['/v1/../healthz', '/v1/%2e%2e/x', '/v2/tasks', '/favicon.ico', '/v1//tasks']) {
    assert.equal((await ask(ui.url, { path })).status, 404, path);
  }
  const refused = await ask(ui.url, { method: 'POST', path: '/v1/tasks', headers: json, body: '{"target": {}}' });
  assert.equal(refused.status, 422);
  assert.match(refused.headers['content-type'], /problem\+json/);
  assert.ok(refused.headers['x-request-id']);
});

test('--read-only is the server’s, and the page leaves its buttons out', async (t) => {
  const { id } = await stack.call('POST', 'tasks', { target: { handler: 'echo' }, queue: 'looked-at', delay_seconds: 3600 });
  const json = { 'content-type': 'application/json' };
  for (const [method, path] of [
    ['POST', `/v1/tasks/${id}/cancel`],
    ['POST', '/v1/tasks'],
    ['PATCH', '/v1/queues/looked-at'],
    ['PUT', '/v1/schedules/a'],
    ['DELETE', '/v1/schedules/a'],
    ['OPTIONS', '/v1/tasks'],
  ]) {
    const { status, text } = await ask(reader.url, { method, path, headers: json, body: method === 'POST' ? '{}' : undefined });
    assert.equal(status, 403, `${method} ${path}`);
    assert.match(text, /read-only/);
  }
  assert.equal((await stack.call('GET', `tasks/${id}`)).state, 'scheduled');

  const page = await open(t, browser, reader.url, { hash: `#/tasks/${id}` });
  await page.getByText('read only').waitFor();
  await page.getByRole('heading', { name: 'echo' }).waitFor();
  for (const hash of [`#/tasks/${id}`, '#/tasks', '#/queues/looked-at', '#/schedules', '#/submit']) {
    await page.evaluate((to) => {
      window.location.hash = to;
    }, hash);
    await page.waitForLoadState('networkidle');
    const names = await page.locator('main').getByRole('button').allInnerTexts();
    const changing = names.filter((name) => /Cancel|Retry|Run|Pause|Purge|Redrive|limits|Submit|New/.test(name));
    assert.deepEqual(changing, [], hash);
    assert.equal(await page.locator('main').getByRole('checkbox').count(), 0, hash);
  }
  await accessible(page, 'read only');
});

test('taskway ui is the whole dashboard', async (t) => {
  const { id } = await stack.call('POST', 'tasks', { target: { handler: 'echo' }, queue: 'by-ui', delay_seconds: 3600 });
  const page = await open(t, browser, ui.url, { hash: '#/about' });
  await page.getByText(stack.url).waitFor();
  await page.evaluate((to) => {
    window.location.hash = to;
  }, `#/tasks/${id}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  await until('it ran', async () => (await stack.call('GET', `tasks/${id}`)).state === 'succeeded');
});

test('taskway ui says why the API does not answer', async (t) => {
  const lost = await startUi('http://127.0.0.1:9');
  const page = await open(t, browser, lost.url, { expected: /502/ });
  await page.getByRole('alert').getByText('nothing answers at http://127.0.0.1:9').first().waitFor();
});

test('the browser keeps no secret, and nothing stands in the address', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/submit?template=fails' });
  await page.getByRole('button', { name: 'Submit the task' }).click();
  await page.locator('.head .state.failed').waitFor();
  await page.keyboard.press('r');
  await page.getByRole('dialog').getByRole('button', { name: 'Start it again' }).click();
  await page.getByText('It starts again.').waitFor();
  const kept = await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]);
  assert.deepEqual(kept, [[], [], '']);
  assert.match(page.url(), /#\/tasks\/t[\w-]+$/);
});
