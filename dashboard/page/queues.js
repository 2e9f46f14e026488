// The queues, and what is known of each. The API tells counts of one queue at a time, so the page asks for one after another.

import { read } from './api.js';
import { store } from './store.js';
import { path, withQuery } from './where.js';

/** The API's most in one page. */
const MOST = 100;

/** What is known of each queue by its name. */
export const details = store(new Map());

export async function loadQueues(signal) {
  const { json } = await read(withQuery(path('queues'), { limit: MOST }), signal);
  return json;
}

export async function loadQueue(name, signal) {
  const { json } = await read(path('queues', name), signal);
  details.set((all) => new Map(all).set(name, { ...json, at: Date.now() }));
  return json;
}

/** Asks for the queue that was asked for the longest ago. */
export async function loadNext(names, signal) {
  const all = details.get();
  const age = (name) => all.get(name)?.at ?? 0;
  const [oldest] = [...names].sort((a, b) => age(a) - age(b));
  if (oldest !== undefined) await loadQueue(oldest, signal);
  return null;
}

export function isLimited(queue) {
  return Boolean(queue.concurrency ?? queue.rate ?? queue.per_key?.concurrency ?? queue.per_key?.rate);
}
