// Changes of many tasks: one call after another until all is done. They go on while the reader looks elsewhere, and what a
// reload interrupts can be gone on with.

import { change, Refused, read } from './api.js';
import { store } from './store.js';
import { withQuery } from './where.js';

const STORED = 'taskway.bulk';
/** How long a change that is done is still shown, in ms. */
const SHOWN_AFTER = 20_000;
/** The API's most, for pages of lists and for one call of a change. */
export const MOST_AT_ONCE = 500;
/** A count ends after so many pages: each record that it looks at costs, and more is no better reason to stop or to go on. */
const PAGES_COUNTED = 20;

/**
 * Each has `steps` (calls), `at` (the next one), `cursor` (where that one goes on), and what came of it. A step is a path and a body,
 * or a path alone for one task.
 */
export const bulks = store(restored());

function restored() {
  try {
    const all = JSON.parse(sessionStorage.getItem(STORED)) ?? [];
    return all.map((one) => (one.state === 'running' ? { ...one, state: 'stopped' } : one));
  } catch {
    return [];
  }
}

bulks.listen((all) => {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(all.filter((one) => one.state !== 'done')));
  } catch {
    // Without storage, a reload forgets what was under way, and the API's calls can be made again.
  }
});

/** Starts a change. `total` is how many tasks it is about, as far as that is known. */
export function startBulk({ title, verb, steps, total }) {
  const id = Date.now();
  const one = { id, title, verb, steps, total, at: 0, cursor: null, matched: 0, done: 0, refused: null, state: 'running' };
  bulks.set((all) => [...all, one]);
  return run(id);
}

export function stopBulk(id) {
  update(id, { state: 'stopped' });
}

export function resumeBulk(id) {
  update(id, { state: 'running', problem: null });
  return run(id);
}

export function forgetBulk(id) {
  bulks.set((all) => all.filter((one) => one.id !== id));
}

const find = (id) => bulks.get().find((one) => one.id === id);

function update(id, changes) {
  bulks.set((all) => all.map((one) => (one.id === id ? { ...one, ...changes } : one)));
}

async function run(id) {
  for (let one = find(id); one?.state === 'running'; one = find(id)) {
    if (one.at >= one.steps.length) {
      update(id, { state: 'done' });
      setTimeout(() => forgetBulk(id), SHOWN_AFTER);
      return;
    }
    try {
      update(id, await step(one));
    } catch (problem) {
      update(id, { state: 'failed', problem: problem.message });
      return;
    }
  }
}

async function step({ steps, at, cursor, matched, done, refused }) {
  const { path, body } = steps[at];
  if (body === undefined) {
    try {
      await change('POST', path);
    } catch (problem) {
      // This task has moved on; the others may not have.
      if (!(problem instanceof Refused) || ![404, 409].includes(problem.status)) throw problem;
      return { at: at + 1, matched: matched + 1, refused: problem.message };
    }
    return { at: at + 1, matched: matched + 1, done: done + 1, refused };
  }
  const { json } = await change('POST', path, { ...body, cursor: cursor ?? undefined });
  const next = json.next_cursor;
  return { at: next ? at : at + 1, cursor: next, matched: matched + json.matched, done: done + json.done };
}

/** Calls that each name some of these tasks. */
export function stepsByIds(path, ids) {
  const steps = [];
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) steps.push({ path, body: { ids: ids.slice(at, at + MOST_AT_ONCE) } });
  return steps;
}

/**
 * Counts the tasks of a list that fit, page by page, and tells `progress` of each. Returns the count, and whether there may be
 * more.
 */
export async function countTasks({ path, parameters, fits }, signal, progress) {
  let counted = 0;
  let cursor = null;
  for (let pages = 0; pages < PAGES_COUNTED; pages += 1) {
    const { json } = await read(withQuery(path, { ...parameters, limit: MOST_AT_ONCE, cursor }), signal);
    counted += json.tasks.filter(fits).length;
    cursor = json.next_cursor;
    if (!cursor) return { counted, more: false };
    progress(counted);
  }
  return { counted, more: true };
}
