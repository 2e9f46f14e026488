// Overview: how much is in the stack, where, and what fails.
import { to } from '../address.js';
import { loadArrivals, rates } from '../arrivals.js';
import { lastHour } from '../ended.js';
import { grouped, loadDead, perMinute } from '../failures.js';
import { amount, count, duration, percent, plural } from '../format.js';
import { html, useMemo } from '../html.js';
import { useLive } from '../live.js';
import { FirstTask } from '../parts/first-task.js';
import { Handlers } from '../parts/handler-table.js';
import { Loading, Problem } from '../parts/problem.js';
import { QueueTable } from '../parts/queue-table.js';
import { Columns, Spark } from '../parts/spark.js';
import { Ago } from '../parts/time.js';
import { details, loadNext, loadQueues } from '../queues.js';
import { LANES, loadStats, samples } from '../stats.js';
import { useStore } from '../store.js';

const MINUTES = 15;
/** Of a page of failed tasks DynamoDB reads half a unit each. */
const FAILURES_READ = 100;
const KEYS_SHOWN = 8;

export function Overview() {
  const stats = useLive('stats', loadStats, 2000);
  const queues = useLive('queues', loadQueues, 10_000);
  const failures = useLive('overview-dead', (signal) => loadDead({ limit: FAILURES_READ }, signal), 15_000);
  const names = (queues.data?.queues ?? []).map(({ name }) => name);
  // With more queues than these, each of which a page of all tasks looks into, it is not worth its price.
  const few = queues.data && !queues.data.next_cursor && names.length > 0;
  const arrivals = useLive(few ? 'arrivals' : null, loadArrivals, 30_000);
  useLive(names.length > 0 ? `details ${names.join(' ')}` : null, (signal) => loadNext(names, signal), 2000);

  const handlers = stats.data && html`<${Handlers} programs=${stats.data.programs} />`;
  if (queues.data && names.length === 0) return html`<h1>Overview</h1><${FirstTask} /><div class="teach">${handlers}</div>`;
  return html`
    <h1>Overview</h1>
    <${Problem} problem=${stats.problem} retry=${stats.refresh} />
    ${stats.data ? html`<${Tiles} stats=${stats.data} dead=${failures.data} arrivals=${few && arrivals.data} />` : !stats.problem && html`<${Loading} />`}
    <div class="columns">
      <div>
        <section class="panel">
          <h2>Queues</h2>
          ${queues.data ? html`<${QueueTable} queues=${queues.data.queues} more=${queues.data.next_cursor} />` : html`<${Loading} problem=${queues.problem} retry=${queues.refresh} />`}
        </section>
        <section class="panel">
          <h2>Lanes</h2>
          ${stats.data ? html`<${Lanes} stats=${stats.data} />` : html`<${Loading} problem=${stats.problem} retry=${stats.refresh} />`}
        </section>
      </div>
      <div>
        <section class="panel">
          <h2>Failures</h2>
          ${failures.data ? html`<${Failures} list=${failures.data} />` : html`<${Loading} problem=${failures.problem} retry=${failures.refresh} />`}
        </section>
        <${BusyKeys} />
        ${handlers}
      </div>
    </div>
  `;
}

function Tiles({ stats, dead, arrivals }) {
  const points = useStore(samples);
  const came = useStore(rates);
  const line = (field) => points.map((sample) => [sample.at, sample[field]]);
  const sum = (field) => LANES.reduce((all, lane) => all + stats.lanes[lane][field], 0);
  const lag = stats.promotion_lag_seconds;
  const unreadable = amount(stats.unreadable);
  const failed = dead && perMinute(dead, MINUTES, Date.now());
  return html`
    <div class="tiles">
      ${arrivals && html`<${Tile} name="New tasks" value=${arrivals.came} line="New tasks a minute" points=${came} note=${told(arrivals)} />`}
      <${Tile} name="Waiting" value=${sum('waiting')} note="for an executor" points=${line('waiting')} />
      <${Tile} name="Running" value=${sum('in_flight')} note="in flight" points=${line('in_flight')} tone="run" />
      <${Tile} name="Delayed" value=${sum('delayed')} note="due within 15 min" points=${line('delayed')} tone="wait" />
      <div class=${`tile ${amount(stats.due_backlog) > 0 ? 'warn' : ''}`}>
        <h2>Late</h2>
        <p class="big">${count(stats.due_backlog)}</p>
        <p class="faint">${lag > 0 ? `the oldest by ${duration(lag * 1000)}` : 'nothing is past its time'}</p>
      </div>
      ${stats.ended && html`<${Ended} hour=${lastHour(stats.ended, Date.now())} />`}
      <div class="tile">
        <h2>Failures</h2>
        <p class="big">${failed ? count(failed[MINUTES - 1]) : '–'}</p>
        ${failed ? html`<${Columns} name="Failures" values=${failed} each="minute" tone="fail" />` : ''}
        <p class="faint">in the latest minute</p>
      </div>
      ${
        unreadable > 0 &&
        html`<div class="tile warn"><h2>Unreadable</h2><p class="big">${count(stats.unreadable)}</p>
        <p class="faint">messages wait for a person</p></div>`
      }
    </div>
  `;
}

function Ended({ hour: { minutes, ended, failed } }) {
  const share = ended === 0 ? '' : `, ${percent(failed / ended)}`;
  return html`<div class="tile">
    <h2>Ended</h2>
    <p class="big">${count(ended)}</p>
    <${Columns} name="Ended tasks" values=${minutes} each="minute" />
    <p class="faint">in the last hour; ${count(failed)} failed${share}</p>
  </div>`;
}

function Tile({ name, value, line = name, note, points, tone }) {
  return html`<div class="tile">
    <h2>${name}</h2>
    <p class="big">${count(value)}</p>
    <${Spark} name=${line} points=${points} tone=${tone} />
    <p class="faint">${note}</p>
  </div>`;
}

function told({ within, tasks, succeeded, failed }) {
  const time = within < 60_000 ? duration(within) : 'a minute';
  return `in ${time}; of the newest ${tasks}, ${succeeded} succeeded, ${failed} failed`;
}

function Lanes({ stats }) {
  return html`<table>
    <thead><tr><th scope="col">Lane</th><th scope="col" class="num">Waiting</th><th scope="col" class="num">Running</th><th scope="col" class="num">Delayed</th></tr></thead>
    <tbody>
      ${LANES.map((lane) => html`<tr key=${lane}><th scope="row">${lane}</th>${numbers(stats.lanes[lane])}</tr>`)}
      <tr><th scope="row">dead letters</th>${numbers(stats.dead_letters)}</tr>
    </tbody>
  </table>`;
}

function numbers({ waiting, in_flight: running, delayed }) {
  return [waiting, running, delayed].map(
    (value) => html`<td class=${`num ${value === 0 ? 'faint' : ''}`}>${count(value)}</td>`,
  );
}

function Failures({ list }) {
  const groups = useMemo(() => grouped(list.tasks), [list]);
  if (groups.length === 0) return html`<p class="faint">No task has failed.</p>`;
  return html`
    <ul class="plain failures">
      ${groups.slice(0, 5).map(
        (group) => html`<li key=${group.key}>
          <a href=${to(['dead'], { group: group.key })}><span class="num">${count(group.tasks.length)}</span><span class="message">${group.key}</span></a>
          <span class="faint"><${Ago} at=${group.latest.finished_at} /></span>
        </li>`,
      )}
    </ul>
    <p class="faint">Of the ${list.next_cursor ? 'latest ' : ''}${plural(list.tasks.length, 'failed task')}. <a href=${to(['dead'])}>All dead letters</a></p>
  `;
}

function BusyKeys() {
  const all = [...useStore(details).values()];
  const keys = all.flatMap((queue) => (queue.keys ?? []).map((key) => ({ ...key, queue: queue.name })));
  keys.sort((a, b) => amount(b.held) - amount(a.held));
  if (keys.length === 0) return null;
  return html`<section class="panel">
    <h2>Busiest keys</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Queue</th><th scope="col" class="num">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>
        ${keys.slice(0, KEYS_SHOWN).map(
          (key) => html`<tr key=${`${key.queue} ${key.key}`}>
            <th scope="row">${key.key}</th>
            <td><a href=${to(['queues', key.queue])}>${key.queue}</a></td>
            <td class="num">${count(key.running)}</td>
            <td class="num">${count(key.held)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
