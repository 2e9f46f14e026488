/**
 * The page as the API serves it: below /dashboard, and every call of the API needs a token. The program here stands in for API Gateway
 * and its authorizer, before the embedded stack; that the submit function serves the page so is tested beside it, in Rust.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { accessible, fits, open } from './browser.js';
import { browser, stack } from './running.js';
import { until } from './stack.js';

const UNDER = '/stage/dashboard/0123456789abcdef';
const HERE = '<meta name="taskway-api" content="./">';
const ABOVE = '<meta name="taskway-api" content="../../" data-sign-in="token">';

let gateway;
let url;
/** The one token that is accepted. */
let good = 'first-token';
/** What came without it. */
let strangers = [];

before(async () => {
  gateway = createServer(async (request, response) => {
    const path = request.url;
    const passes = request.headers.authorization === `Bearer ${good}`;
    const file = path.startsWith(`${UNDER}/`);
    if (!file && path !== '/stage/healthz' && !passes) {
      strangers.push(path);
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Unauthorized"}');
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const to = file ? path.slice(UNDER.length) : path.slice('/stage'.length);
    const type = request.headers['content-type'];
    const headers = type ? { 'content-type': type } : {};
    const answer = await fetch(`${stack.url}${to}`, { method: request.method, headers, body });
    const text = await answer.text();
    const kept = [...answer.headers].filter(([name]) => !['content-length', 'transfer-encoding', 'connection'].includes(name));
    response.writeHead(answer.status, Object.fromEntries(kept)).end(text.replace(HERE, ABOVE));
  });
  await new Promise((listening) => gateway.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${gateway.address().port}`;
});
after(() => {
  gateway.closeAllConnections();
  gateway.close();
});

const expected = /401/;
const show = (t, options) => open(t, browser, url, { path: `${UNDER.slice(1)}/index.html`, expected, ...options });

async function signIn(page, token) {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('the page asks for a token first, and calls the API with it', async (t) => {
  const { id } = await stack.call('POST', 'tasks', { target: { handler: 'echo' }, queue: 'signed', delay_seconds: 3600 });
  strangers = [];
  const page = await show(t, { hash: `#/tasks/${id}`, width: 375 });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await accessible(page, 'the sign-in');
  await fits(page, 'the sign-in');
  assert.deepEqual(strangers, [], 'nothing is asked without a token');
  await signIn(page, ` Bearer ${good}\n`);
  await page.getByRole('region', { name: 'Timeline' }).waitFor();
  // A change carries it too.
  await page.getByRole('button', { name: 'Cancel…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the task' }).click();
  await until('it is cancelled', async () => (await stack.call('GET', `tasks/${id}`)).state === 'cancelled');
  assert.deepEqual(strangers, []);
});

test('the token is in no address and in no storage, and a reload forgets it', async (t) => {
  const page = await show(t);
  await signIn(page, good);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
  );
  assert.ok(!kept.includes(good), kept);
  assert.ok(!page.asked.some((asked) => asked.line.includes(good)));
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a token that is not taken is asked for again, and the screen comes back', async (t) => {
  const page = await show(t, { hash: '#/queues' });
  await signIn(page, 'wrong');
  await page.getByRole('alert').getByText('The API did not take that token').waitFor();
  await signIn(page, good);
  await page.getByRole('heading', { name: 'Queues' }).waitFor();
  good = 'second-token';
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await signIn(page, good);
  await page.getByRole('heading', { name: 'Queues' }).waitFor();
});

test('a token that no header can hold is refused at once', async (t) => {
  const page = await show(t);
  await signIn(page, 'first-to…');
  await page.getByRole('alert').getByText('A token has letters').waitFor();
  await signIn(page, good);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
});

test('what was typed is there again after a new token', async (t) => {
  const page = await show(t, { hash: '#/submit' });
  await signIn(page, good);
  const payload = page.getByRole('textbox', { name: 'Payload' });
  await payload.fill('{"typed": 1}');
  good = 'third-token';
  const before = await stack.call('GET', 'tasks?queue=default');
  await page.getByRole('button', { name: 'Submit the task' }).click();
  await page.getByRole('alert').getByText('The API did not take that token').waitFor();
  await signIn(page, good);
  await page.getByRole('heading', { name: 'Submit' }).waitFor();
  assert.equal(await payload.inputValue(), '{"typed": 1}');
  assert.deepEqual(await stack.call('GET', 'tasks?queue=default'), before);
  // The first try was refused, and the second one is taken.
  await page.getByRole('button', { name: 'Submit the task' }).click();
  await until(
    'it is there',
    async () => (await stack.call('GET', 'tasks?queue=default')).tasks.length === before.tasks.length + 1,
  );
});

test('commands to paste have the URL of the API', async (t) => {
  const page = await show(t, { hash: '#/about' });
  await signIn(page, good);
  await page.getByText(`${url}/stage`, { exact: true }).waitFor();
});
