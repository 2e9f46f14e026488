// Schedules: what repeats, when, and what it made last.

import { to } from '../address.js';
import { target } from '../format.js';
import { html } from '../html.js';
import { useLive } from '../live.js';
import { Snippet } from '../parts/copy.js';
import { Loading, Problem } from '../parts/problem.js';
import { Ago } from '../parts/time.js';
import { loadSchedules } from '../schedules.js';
import { useApiUrl, useReadOnly } from '../server.js';

export function Schedules({ query }) {
  const cursor = query.get('cursor') ?? '';
  const { data, problem, refresh } = useLive(`schedules ${cursor}`, (signal) => loadSchedules(cursor, signal), 10_000);
  const readOnly = useReadOnly();
  if (!data) return html`<h1>Schedules</h1><${Loading} problem=${problem} retry=${refresh} />`;
  return html`
    <h1>Schedules</h1>
    <${Problem} problem=${problem} retry=${refresh} />
    ${!readOnly && html`<div class="actions"><a class="button" href=${to(['schedules', 'new'])}>New schedule</a></div>`}
    ${data.schedules.length === 0 ? html`<${None} />` : html`<${List} schedules=${data.schedules} />`}
    <nav class="pages" aria-label="Pages">
      ${cursor && html`<a href=${to(['schedules'])}>« First</a>`}
      ${data.next_cursor && html`<a rel="next" data-next href=${to(['schedules'], { cursor: data.next_cursor })}>More »</a>`}
    </nav>
  `;
}

function List({ schedules }) {
  return html`<div class="scroll"><table class="rows">
    <thead><tr><th scope="col">Schedule</th><th scope="col">When</th><th scope="col" class="wide">Task</th><th scope="col">Next</th><th scope="col" class="wide">Last</th></tr></thead>
    <tbody>${schedules.map(
      (one) => html`<tr key=${one.name} data-row>
        <th scope="row"><a class="row" href=${to(['schedules', one.name])}>${one.name}</a></th>
        <td class="said">${one.description}</td>
        <td class="wide">${target(one.task.target)}</td>
        <td>${one.paused ? html`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>` : one.next_runs[0] ? html`<${Ago} at=${one.next_runs[0]} />` : html`<span class="faint">never again</span>`}</td>
        <td class="wide">${one.last_run ? html`<a href=${to(['tasks', one.last_run.task_id])}><${Ago} at=${one.last_run.at} /></a>` : html`<span class="faint">not yet</span>`}</td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}

function None() {
  const api = useApiUrl();
  return html`<section class="panel teach">
    <h2>No schedule yet</h2>
    <p>A schedule submits a task again and again, by the calendar of a time zone or at intervals. Paste this into a shell, or press <em>New schedule</em>.</p>
    <${Snippet} label="A first schedule" text=${`taskway --url ${api} schedule put nightly --cron '0 3 * * *' --zone Europe/Berlin echo '{"report": "daily"}'`} />
  </section>`;
}
