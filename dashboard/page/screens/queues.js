// The queues, and one queue: its limits, what it holds back, and what can be changed.

import { attempt, purge } from '../actions.js';
import { to } from '../address.js';
import { change, read } from '../api.js';
import { count, rate } from '../format.js';
import { html, useState } from '../html.js';
import { useLive } from '../live.js';
import { confirm } from '../parts/confirm.js';
import { FirstTask } from '../parts/first-task.js';
import { Limits } from '../parts/limits-form.js';
import { Loading, Problem } from '../parts/problem.js';
import { QueueTable } from '../parts/queue-table.js';
import { Gauge } from '../parts/spark.js';
import { TaskTable } from '../parts/task-table.js';
import { loadNext, loadQueue, loadQueues } from '../queues.js';
import { useReadOnly } from '../server.js';
import { path, withQuery } from '../where.js';

/** Of one queue. */
const LATEST_SHOWN = 15;

export function Queues() {
  const { data, problem, refresh } = useLive('queues', loadQueues, 10_000);
  const names = (data?.queues ?? []).map(({ name }) => name);
  useLive(names.length > 0 ? `details ${names.join(' ')}` : null, (signal) => loadNext(names, signal), 1000);
  if (!data) return html`<h1>Queues</h1><${Loading} problem=${problem} retry=${refresh} />`;
  if (names.length === 0) return html`<h1>Queues</h1><${FirstTask} />`;
  return html`
    <h1>Queues</h1>
    <${Problem} problem=${problem} retry=${refresh} />
    <section class="panel"><${QueueTable} queues=${data.queues} more=${data.next_cursor} /></section>
    <p class="faint">A queue is there with its first task. Open one to pause it or to give it limits.</p>
  `;
}

export function Queue({ name }) {
  const { data, problem, refresh } = useLive(`queue ${name}`, (signal) => loadQueue(name, signal), 2000);
  const readOnly = useReadOnly();
  const [editing, setEditing] = useState(false);
  if (!data) return html`<h1>${name}</h1><${Loading} problem=${problem} retry=${refresh} />`;
  return html`
    <header class="head">
      <h1>${name}</h1>
      ${data.paused && html`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p><a href=${to(['tasks'], { queue: name })}>Tasks</a> · <a href=${to(['dead'], { queue: name })}>Failed tasks</a></p>
    </header>
    <${Problem} problem=${problem} retry=${refresh} />
    ${!readOnly && html`<${Actions} queue=${data} refresh=${refresh} edit=${() => setEditing(!editing)} editing=${editing} />`}
    ${
      editing &&
      html`<${Limits} queue=${data} done=${() => {
        setEditing(false);
        refresh();
      }} />`
    }
    <div class="columns">
      <section class="panel">
        <h2>Limits and counts</h2>
        <dl class="fields">
          <dt>running</dt><dd>${data.concurrency ? html`<${Gauge} name="running" value=${data.running ?? 0} of=${data.concurrency} />` : html`<span class="faint">no limit, so it is not counted</span>`}</dd>
          <dt>rate</dt><dd>${rate(data.rate)}</dd>
          <dt>of each key, running</dt><dd>${data.per_key.concurrency ?? 'no limit'}</dd>
          <dt>of each key, rate</dt><dd>${rate(data.per_key.rate)}</dd>
          <dt>held back</dt><dd>${count(data.held)}</dd>
          <dt>failed</dt><dd>${data.failed ? html`<a class="bad" href=${to(['dead'], { queue: name })}>${count(data.failed)}</a>` : count(data.failed)}</dd>
        </dl>
      </section>
      ${data.keys?.length > 0 && html`<${Keys} keys=${data.keys} most=${data.per_key.concurrency} />`}
    </div>
    <${Latest} name=${name} />
  `;
}

function Latest({ name }) {
  const address = withQuery(path('tasks'), { queue: name, limit: LATEST_SHOWN });
  const { data, problem, refresh } = useLive(address, async (signal) => (await read(address, signal)).json, 5000);
  if (!data) return html`<${Loading} problem=${problem} retry=${refresh} />`;
  if (data.tasks.length === 0) return html`<p class="empty">This queue has no task.</p>`;
  return html`<h2>Latest tasks</h2><${TaskTable} tasks=${data.tasks} selected=${null} />`;
}

function Actions({ queue, refresh, edit, editing }) {
  const { name, paused } = queue;
  const steer = async () => {
    const verb = paused ? 'resume' : 'pause';
    const text =
      'From 5 s on, no task of this queue starts. What runs ends as usual, new tasks are accepted, and nothing is lost.';
    if (!paused && !(await confirm({ title: `Pause ${name}?`, text, verb: 'Pause the queue', danger: false }))) return;
    await attempt(() => change('POST', path('queues', name, verb)), paused ? `${name} goes on.` : `${name} is paused.`);
    refresh();
  };
  return html`<div class="actions">
    <button type="button" data-key="p" title="key p" onClick=${steer}>${paused ? 'Resume' : 'Pause…'}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${editing} onClick=${edit}>Change limits</button>
    <button type="button" class="danger" onClick=${() => purge(name).then(refresh)}>Purge…</button>
  </div>`;
}

function Keys({ keys, most }) {
  return html`<section class="panel">
    <h2>Keys that hold back most</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>${keys.map(
        ({ key, running, held }) => html`<tr key=${key}>
          <th scope="row">${key}</th>
          <td>${most ? html`<${Gauge} name=${`running of ${key}`} value=${running ?? 0} of=${most} />` : count(running)}</td>
          <td class="num">${count(held)}</td>
        </tr>`,
      )}</tbody>
    </table>
  </section>`;
}
