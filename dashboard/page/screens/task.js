// One task: what it is, what came of it, and what can be done to it.

import { act } from '../actions.js';
import { to } from '../address.js';
import { read } from '../api.js';
import { duration, target } from '../format.js';
import { html, useState } from '../html.js';
import { member } from '../json.js';
import { useLive } from '../live.js';
import { Callbacks, useCallbacks } from '../parts/callbacks.js';
import { Copy, Snippet } from '../parts/copy.js';
import { Credentials } from '../parts/credentials.js';
import { Json } from '../parts/json-view.js';
import { Loading, Problem } from '../parts/problem.js';
import { mayCancel, mayRetry, mayRun, State } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { Timeline } from '../parts/timeline.js';
import { server, useApiUrl, useReadOnly } from '../server.js';
import { useStore } from '../store.js';
import { asCommand, asCurl, asJson, asPython, submitted } from '../take-along.js';
import { path } from '../where.js';

export function Task({ id }) {
  const live = useLive(
    `task ${id}`,
    async (signal) => {
      const { json, text } = await read(path('tasks', id), signal);
      return { task: json, text };
    },
    2000,
  );
  const callbacks = useCallbacks(live.data?.task);
  if (!live.data) return html`<h1>Task</h1><${Loading} problem=${live.problem} retry=${live.refresh} />`;
  const { task, text } = live.data;
  return html`
    <header class="head">
      <h1>${target(task.target)}</h1>
      <${State} of=${task.state} />
      <p class="faint"><code>${task.id}</code> <${Copy} text=${task.id} label="Copy id" /></p>
    </header>
    <${Problem} problem=${live.problem} retry=${live.refresh} />
    <${Actions} task=${task} refresh=${live.refresh} />
    ${task.error && html`<${Failure} error=${task.error} state=${task.state} />`}
    ${task.progress && html`<${Progress} progress=${task.progress} />`}
    <${Callbacks} list=${callbacks} />
    <div class="columns">
      <div>
        <${Body} name="Payload" text=${member(text, 'payload') ?? 'null'} />
        ${task.result != null && html`<${Body} name="Result" text=${member(text, 'result')} />`}
        <${TakeAlong} task=${task} text=${text} />
      </div>
      <div><${Timeline} task=${task} callbacks=${callbacks.data?.tasks ?? []} /><${Fields} task=${task} /></div>
    </div>
  `;
}

function Actions({ task, refresh }) {
  if (useReadOnly()) return null;
  const button = (verb, name, may, key, tone = '') =>
    html`<button type="button" class=${tone} data-key=${key} disabled=${!may(task.state)} title=${`key ${key}`} onClick=${() => act(verb, task.id).then(refresh)}>${name}</button>`;
  return html`<div class="actions">
    ${button('run', 'Run now', mayRun, 'n')}
    ${button('retry', 'Retry…', mayRetry, 'r')}
    <a class="button" data-key="e" title="key e" href=${to(['submit'], { from: task.id })}>Edit and submit again</a>
    ${button('cancel', 'Cancel…', mayCancel, 'c', 'danger')}
  </div>`;
}

function Failure({ error, state }) {
  const latest = state === 'failed' ? 'It failed' : 'The latest attempt that failed';
  return html`<section class="panel failure">
    <h2>${latest}: ${error.kind}</h2>
    <pre class="message" tabindex="0">${error.message}</pre>
    <p class="faint">attempt ${error.attempt}, <${Ago} at=${error.at} /></p>
  </section>`;
}

function Progress({ progress }) {
  const { done, total, at } = progress;
  return html`<section class="panel">
    <h2>Progress</h2>
    <progress max=${total || 1} value=${done} aria-label="Progress of the task"></progress>
    <p><span class="number">${done} / ${total}</span> <span class="faint">reported <${Ago} at=${at} /></span></p>
  </section>`;
}

function Body({ name, text }) {
  return html`<section class="panel">
    <h2>${name} <${Copy} text=${text} label=${`Copy ${name.toLowerCase()}`} /></h2>
    <${Json} text=${text} label=${name} />
  </section>`;
}

function Fields({ task }) {
  const { retry, labels, target: of } = task;
  const waits = `${retry.min_backoff_seconds} s to ${retry.max_backoff_seconds} s, ×${retry.multiplier}`;
  const headers = Object.entries(of.http?.headers ?? {});
  const rows = [
    ['queue', html`<a href=${to(['queues', task.queue])}>${task.queue}</a>`],
    ['lane', task.priority],
    ['attempts', `${task.attempt} of ${retry.max_attempts}`],
    ['waits between attempts', waits],
    ['timeout of an attempt', `${task.timeout_seconds} s`],
    ['fairness key', task.fairness_key],
    ['idempotency key', task.idempotency_key],
    ['expected duration', task.expected_duration_ms == null ? null : duration(task.expected_duration_ms)],
    ['schedule', task.schedule && html`<a href=${to(['schedules', task.schedule])}>${task.schedule}</a>`],
    ['callback of', task.parent_id && html`<a href=${to(['tasks', task.parent_id])}>${task.parent_id}</a>`],
    ['after a success', task.on_success && target(task.on_success.target)],
    ['after a failure', task.on_failure && target(task.on_failure.target)],
    ['invocation', of.lambda?.invocation],
    ['tenant', of.lambda?.tenant_id],
    ['trace', task.traceparent && html`<code>${task.traceparent}</code>`],
    ['generation', task.generation],
  ];
  return html`<section class="panel">
    <h2>Fields</h2>
    <dl class="fields">
      ${rows.map(([name, value]) => value != null && html`<dt>${name}</dt><dd>${value}</dd>`)}
      ${headers.map(([name, value]) => html`<dt>header ${name}</dt><dd><code>${value}</code></dd>`)}
      ${Object.entries(labels).map(([name, value]) => html`<dt>label ${name}</dt><dd><a href=${to(['tasks'], { [`label.${name}`]: value })}>${value === '' ? 'no value' : value}</a></dd>`)}
    </dl>
  </section>`;
}

const FORMS = { JSON: asJson, curl: asCurl, 'Command line': asCommand, Python: asPython };

/** The same task again, for use elsewhere. */
function TakeAlong({ task, text }) {
  const [form, setForm] = useState('JSON');
  const about = useStore(server);
  const api = useApiUrl();
  const given = submitted(task, text);
  const again = FORMS[form](given, api, about?.sender);
  return html`<section class="panel">
    <h2>The same again</h2>
    <div class="tabs" role="group" aria-label="Form">
      ${Object.keys(FORMS).map((name) => html`<button type="button" class="tab" key=${name} aria-pressed=${name === form} onClick=${() => setForm(name)}>${name}</button>`)}
    </div>
    <${Snippet} text=${again} label=${`The task as ${form}`} />
    ${form === 'curl' && html`<${Credentials} />`}
    ${again.includes('*masked*') && html`<p class="faint">Answers mask credentials. Put the credential in the place of <code>*masked*</code>.</p>`}
  </section>`;
}
