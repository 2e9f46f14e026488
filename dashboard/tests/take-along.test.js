/** What the page offers to copy makes the same task again: by curl, by the command line, and in Python. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { member, pretty } from '../page/json.js';
import { asCurl, curlOf } from '../page/take-along.js';
import { accessible, fits, open } from './browser.js';
import { browser, stack } from './running.js';
import { BINARY, startStack, startUi } from './stack.js';

const CLIENT = fileURLToPath(new URL('../../clients/python/src', import.meta.url));

/** Prints what the Python client would send. */
const PRINTING = `
import json, taskway
from taskway.tasks import NewTask
class Printing:
    def __init__(self, url): pass
    def __enter__(self): return self
    def __exit__(self, *all): pass
    def submit(self, target, payload=None, **options):
        print(json.dumps(NewTask(target, payload, **options).to_document()))
        return type("Task", (), {"id": ""})
taskway.Taskway = Printing
`;

const BODIES = [
  `{"target":{"handler":"echo"},"payload":{"it's":"\\"q\\" \\\\ \\u00e9 \\ud83d\\ude00 $HOME \`id\`\\n","big":12345678901234567890,"x":1.0,"e":[],"o":{},"n":null,"t":true}}`,
  `{"target":{"http":{"url":"https://example.com/a?b='c'","method":"PUT","headers":{"x-a":"it's"}}},"payload":[1,"two"],"queue":"q","priority":"high","labels":{"a=b":"c d","C:\\\\":"=\\\\="},"fairness_key":"k","timeout_seconds":30,"retry":{"max_attempts":2,"min_backoff_seconds":5,"max_backoff_seconds":50,"multiplier":1.5},"expected_duration_ms":250,"retain_seconds":3600,"delay_seconds":3600}`,
  `{"target":{"handler":"echo"},"on_success":{"target":{"handler":"echo"},"queue":"q","payload":{"big":12345678901234567890,"none":null},"labels":{"a":"b"}},"on_failure":{"target":{"http":{"url":"https://example.com/failed"}}},"delay_seconds":3600}`,
  `{"target":{"lambda":{"function":"report:live","invocation":"event","tenant_id":"t1"}},"delay_seconds":3600}`,
];

let directory;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'taskway-dashboard-'));
  await symlink(BINARY, join(directory, 'taskway'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

const sh = (command, env = {}) => execFileSync('sh', ['-c', command], { encoding: 'utf8', env: { ...process.env, ...env } });

/** What a task asks for, as the API answers it: all but what belongs to the one task. */
async function asked(id) {
  const text = await (await fetch(`${stack.url}/v1/tasks/${id}`)).text();
  const { target, queue, priority, timeout_seconds, retry, fairness_key, expected_duration_ms, retain_seconds, labels } =
    JSON.parse(text);
  const [payload, on_success, on_failure] = ['payload', 'on_success', 'on_failure'].map((name) => pretty(member(text, name)));
  return {
    target,
    queue,
    priority,
    timeout_seconds,
    retry,
    fairness_key,
    expected_duration_ms,
    retain_seconds,
    labels,
    on_success,
    on_failure,
    payload,
  };
}

BODIES.forEach((body, at) => {
  test(`a task of kind ${at + 1} is made again`, async (t) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${stack.url}/v1/tasks`, { method: 'POST', headers, body });
    const { id } = await answer.json();
    assert.equal(answer.status, 202);
    const expected = await asked(id);
    const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
    const copied = async (form) => {
      await page.getByRole('button', { name: form, exact: true }).click();
      await page.getByRole('region', { name: `The task as ${form}` }).waitFor();
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await page.getByText('Copied.').first().waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };

    const json = await copied('JSON');
    const again = await fetch(`${stack.url}/v1/tasks`, { method: 'POST', headers, body: json });
    assert.equal(again.status, 202, json);
    assert.deepEqual(await asked((await again.json()).id), expected);

    const curl = await copied('curl');
    assert.deepEqual(await asked(JSON.parse(sh(curl)).id), expected, curl);

    const command = await copied('Command line');
    const made = sh(command, { PATH: `${directory}${delimiter}${process.env.PATH}` });
    assert.deepEqual(await asked(made.split(' ')[0]), expected, command);

    const python = await copied('Python');
    const sent = execFileSync('python3', ['-c', PRINTING + python], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: CLIENT },
    });
    const document = sent.split('\n')[0];
    const fromPython = await fetch(`${stack.url}/v1/tasks`, { method: 'POST', headers, body: document });
    const text = await fromPython.text();
    assert.equal(fromPython.status, 202, `${python}\n${document}\n${text}`);
    const { payload, ...rest } = await asked(JSON.parse(text).id);
    const { payload: expectedPayload, ...expectedRest } = expected;
    assert.deepEqual(rest, expectedRest, python);
    assert.deepEqual(JSON.parse(payload), JSON.parse(expectedPayload));
  });
});

test('curl signs, or sends a token, by what the shell has', async (t) => {
  const { id } = await stack.call('POST', 'tasks', { target: { handler: 'echo' }, payload: null, delay_seconds: 3600 });
  const secrets = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 's3cr3t-key',
    AWS_SESSION_TOKEN: 's3cr3t-session',
    AWS_REGION: 'eu-west-1',
  };
  const got = [];
  const server = createServer((request, answer) => {
    got.push(request.headers);
    answer.end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  for (const [options, env, expected] of [
    [['--sign=always'], secrets, /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/execute-api\/aws4_request/],
    [[], { TASKWAY_TOKEN: 's3cr3t-token' }, /^Bearer s3cr3t-token$/],
    [[], {}, undefined],
  ]) {
    const ui = await startUi(stack.url, options, env);
    const page = await open(t, browser, ui.url, { hash: `#/tasks/${id}` });
    await page.getByRole('button', { name: 'curl', exact: true }).click();
    const curl = await page.getByRole('region', { name: 'The task as curl' }).textContent();
    assert.ok(!/s3cr3t|AKID/.test((await page.content()) + (await (await fetch(`${ui.url}/ui.json`)).text())), 'no credential');
    const there = curl.replace(stack.url, `http://127.0.0.1:${server.address().port}`);
    await promisify(execFile)('sh', ['-c', there], { env: { ...process.env, ...env } });
    const { authorization, 'x-amz-security-token': session } = got.pop();
    if (!expected) assert.equal(authorization, undefined, curl);
    else assert.match(authorization, expected, curl);
    assert.equal(session, env.AWS_SESSION_TOKEN);
  }
});

test('every header that curl signs is sent, with a session and without', async () => {
  const sent = [];
  const server = createServer((request, answer) => {
    sent.push(request.headers);
    request.resume().on('end', () => answer.end('{}'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const curl = curlOf('{"a": 1}', `http://127.0.0.1:${server.address().port}`, 'signature');
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 's3cr3t', AWS_REGION: 'eu-west-1' };
  for (const AWS_SESSION_TOKEN of ['session/taken', '']) {
    await promisify(execFile)('sh', ['-c', curl], { env: { ...process.env, ...credentials, AWS_SESSION_TOKEN } });
    const headers = sent.pop();
    assert.equal(headers['x-amz-security-token'] ?? '', AWS_SESSION_TOKEN);
    const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization)[1].split(';');
    assert.deepEqual(
      signed.filter((name) => !headers[name]),
      [],
    );
  }
  server.close();
});

test('before an API that takes signatures, the first task and the command line are signed too', async (t) => {
  const empty = await startStack();
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 's3cr3t', AWS_REGION: 'eu-west-1' };
  const env = { ...credentials, AWS_SESSION_TOKEN: '', PATH: `${directory}${delimiter}${process.env.PATH}` };
  const ui = await startUi(empty.url, ['--sign=always'], credentials);
  const page = await open(t, browser, ui.url, { width: 375 });
  await page.getByText('curl signs with the AWS credentials').waitFor();
  await accessible(page, 'a signed first task');
  await fits(page, 'a signed first task');
  const curl = await page.getByRole('region', { name: 'A first task with curl' }).textContent();
  const command = await page.getByRole('region', { name: 'A first task with the taskway command' }).textContent();
  assert.match(curl, /--aws-sigv4 /);
  assert.match(command, / --sign submit /);
  sh(curl, env);
  sh(command, env);
  assert.equal((await empty.call('GET', 'tasks')).tasks.length, 2);
});

test('the region of a signature is the one that the API’s host names', () => {
  const task = { fields: { target: { handler: 'echo' } }, callbacks: {}, payload: '1' };
  const curl = (host) => asCurl(task, `https://${host}`, 'signature');
  assert.match(curl('a1b2.execute-api.us-gov-east-1.amazonaws.com'), /"aws:amz:us-gov-east-1:execute-api"/);
  assert.match(curl('tasks.example.com'), /"aws:amz:\$AWS_REGION:execute-api"/);
  assert.doesNotMatch(asCurl(task, 'http://127.0.0.1:8080', 'nobody'), /--user|authorization/);
});

test('a browser that copies gives the payload as it was sent', async (t) => {
  const answer = await fetch(`${stack.url}/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: BODIES[0],
  });
  const { id } = await answer.json();
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
  await page.getByRole('button', { name: 'Copy payload' }).click();
  await page.getByText('Copied.').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, member(BODIES[0], 'payload'));
});
