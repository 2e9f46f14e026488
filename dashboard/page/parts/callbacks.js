// The tasks that followed the ends of a task.

import { read } from '../api.js';
import { html } from '../html.js';
import { useLive } from '../live.js';
import { path, withQuery } from '../where.js';
import { Problem } from './problem.js';
import { TaskTable } from './task-table.js';

/** The API keeps the latest hundred. */
const MOST = 100;

/** The callbacks of a task that has some; `data` and `problem` are missing for another. */
export function useCallbacks(task) {
  const follow = task?.on_success || task?.on_failure;
  const address = follow ? withQuery(path('tasks'), { parent_id: task.id, limit: MOST }) : null;
  return useLive(address, async (signal) => (await read(address, signal)).json, 5000);
}

export function Callbacks({ list: { data, problem, refresh } }) {
  if (!data && !problem) return null;
  return html`<section class="panel" aria-label="Callbacks">
    <h2>Callbacks</h2>
    <${Problem} problem=${problem} retry=${refresh} />
    ${data && (data.tasks.length === 0 ? html`<p class="faint">None has been made so far.</p>` : html`<${TaskTable} tasks=${data.tasks} selected=${null} />`)}
  </section>`;
}
