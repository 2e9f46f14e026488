// The tasks that followed the ends of a task.
import { path, read, withQuery } from '../api.js';
import { html } from '../html.js';
import { useLive } from '../live.js';
import { Problem } from './problem.js';
import { TaskTable } from './task-table.js';

/** The API keeps the latest hundred. */
const MOST = 100;

export function Callbacks({ of }) {
  const address = withQuery(path('tasks'), { parent_id: of, limit: MOST });
  const { data, problem, refresh } = useLive(address, async (signal) => (await read(address, signal)).json, 5000);
  if (!data && !problem) return null;
  return html`<section class="panel" aria-label="Callbacks">
    <h2>Callbacks</h2>
    <${Problem} problem=${problem} retry=${refresh} />
    ${data && (data.tasks.length === 0 ? html`<p class="faint">None has been made so far.</p>` : html`<${TaskTable} tasks=${data.tasks} selected=${null} />`)}
  </section>`;
}
