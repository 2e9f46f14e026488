/** What the page offers to copy makes the same task again: by curl, by the command line, and in Python. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { member, pretty } from '../page/json.js';
import { launch, open } from './browser.js';
import { BINARY, startStack } from './stack.js';

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

let stack;
let browser;
let directory;

before(async () => {
  [stack, browser] = await Promise.all([startStack(), launch()]);
  directory = await mkdtemp(join(tmpdir(), 'taskway-dashboard-'));
  await symlink(BINARY, join(directory, 'taskway'));
});
after(async () => {
  await browser?.close();
  await stack?.stop();
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
