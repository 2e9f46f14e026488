// Tasks: the list, its filters, and what can be done to some or to all of them.
import { actOnMany, cancelAll, redriveAll } from '../actions.js';
import { read } from '../api.js';
import { filtered, filtersOf, listed } from '../filters.js';
import { plural } from '../format.js';
import { html, useEffect, useState } from '../html.js';
import { useLive } from '../live.js';
import { FilterBar } from '../parts/filter-bar.js';
import { FirstTask } from '../parts/first-task.js';
import { Loading, Problem } from '../parts/problem.js';
import { SavedViews } from '../parts/saved-views.js';
import { mayCancel, mayRetry, mayRun } from '../parts/state.js';
import { TaskTable } from '../parts/task-table.js';
import { replace } from '../route.js';
import { useReadOnly } from '../server.js';
import { isUnfiltered } from '../views.js';

/** The pause between two pages that are looked through, in ms. */
const LOOK_AGAIN_AFTER = 600;

export function Tasks({ query }) {
  const filters = filtersOf(query);
  const address = listed(filters);
  const { data, problem, refresh } = useLive(address, async (signal) => (await read(address, signal)).json, 4000);
  const readOnly = useReadOnly();
  const [selected, setSelected] = useState(new Map());
  const looking = useLookFurther(filters, data);
  const unfiltered = isUnfiltered(filters);

  // A selection is of what the reader sees.
  useEffect(() => setSelected(new Map()), [address]);
  const select = (tasks, chosen) =>
    setSelected((last) => {
      const next = new Map(last);
      for (const task of tasks) chosen ? next.set(task.id, task) : next.delete(task.id);
      return next;
    });

  // The states may have changed since they were selected.
  const now = new Map((data?.tasks ?? []).map((task) => [task.id, task]));
  const chosen = [...selected.values()].map((task) => now.get(task.id) ?? task);
  const done = (went) => {
    if (!went) return;
    setSelected(new Map());
    refresh();
  };

  return html`
    <h1>Tasks</h1>
    <${FilterBar} screen="tasks" filters=${filters} states />
    <${SavedViews} filters=${filters} />
    ${!readOnly && (data || looking) && html`<${Actions} chosen=${chosen} filters=${filters} done=${done} clear=${() => setSelected(new Map())} />`}
    ${data && html`<${Problem} problem=${problem} retry=${refresh} />`}
    ${looking ?? (data ? html`<${Page} data=${data} filters=${filters} selected=${readOnly ? null : selected} select=${select} unfiltered=${unfiltered} />` : html`<${Loading} problem=${problem} retry=${refresh} />`)}
  `;
}

/**
 * The API looks at a thousand tasks for a page, and may find none that matches. Then this goes on to the next page by itself,
 * until there is one or the reader stops it. Returns what to show meanwhile.
 */
function useLookFurther(filters, data) {
  const sought = filtered('tasks', { ...filters, cursor: '' });
  const [state, set] = useState({ sought, pages: 0, stopped: false });
  const { pages, stopped } = state.sought === sought ? state : { pages: 0, stopped: false };
  const next = data?.tasks.length === 0 ? data.next_cursor : null;
  useEffect(() => {
    if (!next || stopped) return undefined;
    const timer = setInterval(() => {
      if (document.hidden) return;
      set({ sought, pages: pages + 1, stopped: false });
      replace(filtered('tasks', { ...filters, cursor: next }));
    }, LOOK_AGAIN_AFTER);
    return () => clearInterval(timer);
  }, [sought, next, stopped]);
  if (stopped || !(next || (pages > 0 && !data))) return null;
  return html`<p class="empty" role="status">No match on ${plural(pages + 1, 'page')} so far. Looking further back…
    <button type="button" onClick=${() => set({ sought, pages, stopped: true })}>Stop</button>
  </p>`;
}

function Page({ data, filters, selected, select, unfiltered }) {
  const { tasks, next_cursor: next } = data;
  if (tasks.length === 0 && !next && unfiltered && !filters.cursor) return html`<${FirstTask} />`;
  return html`
    ${
      tasks.length === 0
        ? html`<p class="empty">${next ? 'No task on this page matches. Older ones may.' : 'No task matches.'} ${!unfiltered && html`<a href=${filtered('tasks', { labels: [] })}>Show all</a>`}</p>`
        : html`<${TaskTable} tasks=${tasks} selected=${selected} onSelect=${select} />`
    }
    <nav class="pages" aria-label="Pages">
      ${filters.cursor && html`<a href=${filtered('tasks', { ...filters, cursor: '' })}>« Newest</a>`}
      ${next && html`<a rel="next" data-next href=${filtered('tasks', { ...filters, cursor: next })}>Older »</a>`}
    </nav>
  `;
}

function Actions({ chosen, filters, done, clear }) {
  const { state } = filters;
  if (chosen.length === 0) {
    return html`<div class="actions">
      ${(state === '' || mayCancel(state)) && html`<button type="button" onClick=${() => cancelAll(filters).then(done)}>Cancel all that match…</button>`}
      ${state === 'failed' && html`<button type="button" onClick=${() => redriveAll(filters).then(done)}>Redrive all that match…</button>`}
      <span class="faint">or select some</span>
    </div>`;
  }
  const fit = (may) => chosen.filter((task) => may(task.state)).map(({ id }) => id);
  const button = (verb, name, ids) =>
    html`<button type="button" disabled=${ids.length === 0} onClick=${() => actOnMany(verb, ids).then(done)}>${name} ${ids.length}</button>`;
  return html`<div class="actions chosen" role="toolbar" aria-label="Selected tasks">
    <strong>${plural(chosen.length, 'task')} selected</strong>
    ${button('cancel', 'Cancel', fit(mayCancel))}
    ${button('run', 'Run now', fit(mayRun))}
    ${button('retry', 'Retry', fit(mayRetry))}
    <button type="button" class="quiet" onClick=${clear}>Clear</button>
  </div>`;
}
