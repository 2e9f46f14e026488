// Failed tasks, grouped by their error. Each group can be started again by itself.

import { redriveAll, redriveMany } from '../actions.js';
import { to } from '../address.js';
import { MOST_AT_ONCE } from '../bulk.js';
import { grouped, loadDead } from '../failures.js';
import { filtered, filtersOf, parametersOf } from '../filters.js';
import { count, plural } from '../format.js';
import { html, useEffect, useMemo, useState } from '../html.js';
import { useLive } from '../live.js';
import { FilterBar } from '../parts/filter-bar.js';
import { Loading, Problem } from '../parts/problem.js';
import { TaskTable } from '../parts/task-table.js';
import { Ago } from '../parts/time.js';
import { replace } from '../route.js';
import { useReadOnly } from '../server.js';

/** Of a group, so many tasks are drawn. */
const SHOWN = 50;

export function Dead({ query }) {
  const filters = { ...filtersOf(query), state: '' };
  const parameters = parametersOf(filters);
  const key = `dead ${JSON.stringify(parameters)}`;
  const first = useLive(key, (signal) => loadDead({ ...parameters, limit: MOST_AT_ONCE }, signal), 15_000);
  const older = useOlder(key, parameters);
  const readOnly = useReadOnly();

  const tasks = useMemo(() => joined(first.data?.tasks ?? [], older.tasks), [first.data, older.tasks]);
  const groups = useMemo(() => grouped(tasks), [tasks]);
  const next = older.pages > 0 ? older.next : first.data?.next_cursor;
  const open = query.get('group');
  const done = (went) => went && first.refresh();

  if (!first.data)
    return html`<h1>Dead letters</h1><${FilterBar} screen="dead" filters=${filters} /><${Loading} problem=${first.problem} retry=${first.refresh} />`;
  return html`
    <h1>Dead letters</h1>
    <${FilterBar} screen="dead" filters=${filters} />
    <${Problem} problem=${first.problem} retry=${first.refresh} />
    ${
      tasks.length === 0
        ? html`<${Empty} filters=${filters} />`
        : html`
        <div class="actions">
          ${!readOnly && html`<button type="button" onClick=${() => redriveAll(filters).then(done)}>Redrive all that match…</button>`}
          <span>${plural(next ? { at_least: tasks.length } : tasks.length, 'failed task')} in ${plural(groups.length, 'group')}</span>
          ${next && html`<button type="button" disabled=${older.reading} onClick=${() => older.read(next)}>${older.reading ? 'Reading…' : `Read ${MOST_AT_ONCE} older`}</button>`}
        </div>
        <${Problem} problem=${older.problem} />
        <ol class="plain groups">
          ${groups.map((group) => html`<${Group} key=${group.key} group=${group} open=${open === group.key} filters=${filters} readOnly=${readOnly} done=${done} />`)}
        </ol>`
    }
  `;
}

/** The tasks of the first page, which changes, and of the older ones, each once. */
function joined(first, older) {
  const all = new Map([...first, ...older].map((task) => [task.id, task]));
  return [...all.values()];
}

/** Older pages, read one by one when the reader asks. */
function useOlder(key, parameters) {
  const none = { key, tasks: [], next: null, pages: 0, reading: false };
  const [state, set] = useState(none);
  useEffect(() => set(none), [key]);
  const mine = state.key === key ? state : none;
  const read = async (cursor) => {
    set({ ...mine, reading: true, problem: null });
    try {
      const page = await loadDead({ ...parameters, limit: MOST_AT_ONCE, cursor });
      set({ ...mine, tasks: [...mine.tasks, ...page.tasks], next: page.next_cursor, pages: mine.pages + 1, reading: false });
    } catch (problem) {
      set({ ...mine, reading: false, problem });
    }
  };
  return { ...mine, read };
}

function Group({ group, open, filters, readOnly, done }) {
  const { key, tasks, latest, first, queues } = group;
  const ids = tasks.map(({ id }) => id);
  const labels = Object.fromEntries(filters.labels.map(([name, value]) => [`label.${name}`, value]));
  const address = to(['dead'], { queue: filters.queue, ...labels, group: open ? '' : key });
  const redrive = () =>
    redriveMany(ids, `${plural(ids.length, 'task')} that failed with “${key}” start again. Their attempts are counted from 0.`);
  return html`<li class="panel group" data-row>
    <div class="group-head">
      <span class="big num">${count(tasks.length)}</span>
      <div class="grow">
        <a class="row message" aria-expanded=${open} href=${address} onClick=${(event) => {
          // Opening a group is no step to go back from.
          event.preventDefault();
          replace(address);
        }}>${key}</a>
        <p class="faint">latest <${Ago} at=${latest.finished_at} />${tasks.length > 1 && html`, first <${Ago} at=${first.finished_at} />`} · ${[...queues].map(([name, number]) => html`<a key=${name} href=${filtered('dead', { ...filters, queue: name })}>${name}</a> ${count(number)} `)}</p>
      </div>
      ${!readOnly && html`<button type="button" onClick=${() => redrive().then(done)}>Redrive ${count(tasks.length)}…</button>`}
    </div>
    ${open && html`<${TaskTable} tasks=${tasks.slice(0, SHOWN)} selected=${null} />${tasks.length > SHOWN && html`<p class="faint">The latest ${SHOWN} of ${count(tasks.length)}.</p>`}`}
  </li>`;
}

function Empty({ filters }) {
  const unfiltered = !filters.queue && filters.labels.length === 0;
  return html`<section class="panel teach">
    <h2>${unfiltered ? 'No task has failed' : 'No failed task matches'}</h2>
    <p>A task comes here when no attempt is left, or when an attempt fails for good. It stays until it is started again or its record's time is over.</p>
    ${!unfiltered && html`<p><a href=${to(['dead'])}>Show all</a></p>`}
  </section>`;
}
