// How many tasks come in, and what became of the latest of them. The API counts neither, so both are read off the newest tasks.

import { read } from './api.js';
import { store } from './store.js';
import { path, withQuery } from './where.js';

/** Of a page of all queues DynamoDB reads half a unit for each task, and two for each queue. */
const READ = 100;
const MINUTE = 60_000;
/** How far back the line goes, in ms. */
const SPAN = 10 * MINUTE;

/** `[time, new tasks a minute]`, the oldest first. */
export const rates = store([]);

export async function loadArrivals(signal) {
  const { json } = await read(withQuery(path('tasks'), { limit: READ }), signal);
  const at = Date.now();
  const found = arrivals(json, at);
  const rate = Math.round((found.came * MINUTE) / found.within);
  rates.set((all) => [...all.filter(([time]) => time > at - SPAN), [at, rate]]);
  return found;
}

/**
 * What a page of the newest tasks tells: how many `came` `within` how many ms, a minute unless the page does not go back so far; and of
 * its `tasks`, how many `succeeded` and `failed`.
 */
export function arrivals({ tasks, next_cursor: more }, now) {
  const ages = tasks.map(({ created_at: at }) => now - Date.parse(at));
  const oldest = ages[ages.length - 1] ?? MINUTE;
  // A clock that is behind the stack's makes no time of nothing.
  const within = more ? Math.min(Math.max(oldest, 1000), MINUTE) : MINUTE;
  const are = (end) => tasks.filter(({ state }) => state === end).length;
  return {
    came: ages.filter((age) => age <= within).length,
    within,
    tasks: tasks.length,
    succeeded: are('succeeded'),
    failed: are('failed'),
  };
}
