// One schedule: its times on two clocks, its task, and what can be changed.

import { attempt } from '../actions.js';
import { to } from '../address.js';
import { change } from '../api.js';
import { duration, onClock } from '../format.js';
import { html, useState } from '../html.js';
import { useLive } from '../live.js';
import { confirm } from '../parts/confirm.js';
import { Json } from '../parts/json-view.js';
import { Loading, Problem } from '../parts/problem.js';
import { ScheduleForm } from '../parts/schedule-form.js';
import { Ago } from '../parts/time.js';
import { go } from '../route.js';
import { loadSchedule, setPaused } from '../schedules.js';
import { useReadOnly } from '../server.js';
import { path } from '../where.js';

const RUNS_SHOWN = 5;

export function NewSchedule() {
  return html`<h1>New schedule</h1><${ScheduleForm} done=${(name) => go(to(name ? ['schedules', name] : ['schedules']))} />`;
}

export function Schedule({ name }) {
  const { data, problem, refresh } = useLive(`schedule ${name}`, (signal) => loadSchedule(name, signal), 5000);
  const readOnly = useReadOnly();
  const [editing, setEditing] = useState(false);
  if (!data) return html`<h1>${name}</h1><${Loading} problem=${problem} retry=${refresh} />`;
  const { schedule, task } = data;
  return html`
    <header class="head">
      <h1>${name}</h1>
      ${schedule.paused && html`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p>${schedule.description}</p>
    </header>
    <${Problem} problem=${problem} retry=${refresh} />
    ${!readOnly && html`<${Actions} schedule=${schedule} refresh=${refresh} edit=${() => setEditing(!editing)} editing=${editing} />`}
    ${
      editing &&
      html`<${ScheduleForm} schedule=${schedule} task=${task} done=${() => {
        setEditing(false);
        refresh();
      }} />`
    }
    ${schedule.notes.length > 0 && html`<ul class="notes">${schedule.notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>`}
    <div class="columns">
      <div><${Runs} schedule=${schedule} /><section class="panel"><h2>Task of each firing</h2><${Json} text=${task} label="Task of each firing" /></section></div>
      <${Fields} schedule=${schedule} />
    </div>
  `;
}

function Actions({ schedule, refresh, edit, editing }) {
  const { name, paused } = schedule;
  const run = async () => {
    await attempt(() => change('POST', path('schedules', name, 'run')), 'Its task is submitted.');
    refresh();
  };
  const steer = async () => {
    const text = 'Nothing fires until it goes on, and firings that have not started are cancelled.';
    if (!paused && !(await confirm({ title: `Pause ${name}?`, text, verb: 'Pause the schedule', danger: false }))) return;
    await attempt(() => setPaused(name, !paused), paused ? `${name} goes on.` : `${name} is paused.`);
    refresh();
  };
  const remove = async () => {
    const text = 'It fires no more, and firings that have not started are cancelled. Its tasks stay.';
    if (!(await confirm({ title: `Delete ${name}?`, text, verb: 'Delete the schedule', typed: name }))) return;
    if (await attempt(() => change('DELETE', path('schedules', name)), `${name} is deleted.`)) go(to(['schedules']));
  };
  return html`<div class="actions">
    <button type="button" data-key="n" title="key n" onClick=${run}>Run now</button>
    <button type="button" data-key="p" title="key p" onClick=${steer}>${paused ? 'Resume' : 'Pause…'}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${editing} onClick=${edit}>Edit</button>
    <button type="button" class="danger" onClick=${remove}>Delete…</button>
  </div>`;
}

function Runs({ schedule }) {
  const { next_runs: utc, next_runs_local: local, time_zone: zone } = schedule;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (utc.length === 0)
    return html`<section class="panel"><h2>Next runs</h2><p class="faint">${schedule.paused ? 'A paused schedule has none.' : 'There are none.'}</p></section>`;
  return html`<section class="panel">
    <h2>Next runs</h2>
    <div class="scroll"><table class="clocks">
      <thead><tr><th scope="col">In</th><th scope="col">${zone}</th><th scope="col">Here: ${here}</th></tr></thead>
      <tbody>${utc
        .slice(0, RUNS_SHOWN)
        .map(
          (at, index) =>
            html`<tr key=${at}><td class="when"><${Ago} at=${at} /></td><td class="number">${clock(local[index])}</td><td class="number">${onClock(at)}</td></tr>`,
        )}</tbody>
    </table></div>
  </section>`;
}

/**
 * `2026-11-30T02:30:00.000+01:00` as `2026-11-30 02:30:00 +01:00`: the clock of its zone, which no reader's browser changes. It breaks
 * after the date.
 */
function clock(text) {
  const [date, time] = text.replace('.000', '').split('T');
  return html`${date} <span class="when">${time.replace(/([+-]\d\d:\d\d)$/, ' $1')}</span>`;
}

function Fields({ schedule }) {
  const rows = [
    ['cron', schedule.cron && html`<code>${schedule.cron}</code>`],
    ['every', schedule.every_seconds && duration(schedule.every_seconds * 1000)],
    ['time zone', schedule.time_zone],
    ['overlap', schedule.overlap === 'skip' ? 'skip: no firing while the latest has not ended' : 'allow'],
    ['missed times', { once: 'once: the latest fires for all', skip: 'skip: none fires', all: 'all fire' }[schedule.misfire]],
    ['jitter', schedule.jitter_seconds > 0 ? `up to ${schedule.jitter_seconds} s` : null],
    ['not before', schedule.start_at && html`<${Ago} at=${schedule.start_at} />`],
    ['not after', schedule.end_at && html`<${Ago} at=${schedule.end_at} />`],
    ['created', html`<${Ago} at=${schedule.created_at} />`],
    [
      'last run',
      schedule.last_run && html`<a href=${to(['tasks', schedule.last_run.task_id])}><${Ago} at=${schedule.last_run.at} /></a>`,
    ],
  ];
  return html`<section class="panel"><h2>Fields</h2>
    <dl class="fields">${rows.map(([name, value]) => value != null && html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
  </section>`;
}
