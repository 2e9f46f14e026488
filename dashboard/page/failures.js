// Failed tasks, grouped by what they failed of.

import { read } from './api.js';
import { path, withQuery } from './where.js';

/** The error of a task without what differs from one task to the next: numbers, ids and quoted words. */
export function likeness(error) {
  const message = (error?.message ?? 'no error was kept')
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '"…"')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '…')
    .replace(/\bt[A-Za-z0-9_-]{30,}\b/g, '…')
    .replace(/0x[0-9a-f]+|\d+(?:[.,]\d+)*/gi, '#');
  return `${error?.kind ?? 'unknown'}: ${message}`;
}

/** Groups of `{key, kind, tasks, latest, first, queues}`, the largest first. */
export function grouped(tasks) {
  const groups = new Map();
  for (const task of tasks) {
    const key = likeness(task.error);
    const group = groups.get(key) ?? { key, kind: task.error?.kind ?? 'unknown', tasks: [], queues: new Map() };
    group.tasks.push(task);
    group.queues.set(task.queue, (group.queues.get(task.queue) ?? 0) + 1);
    groups.set(key, group);
  }
  const all = [...groups.values()].map((group) => ({
    ...group,
    // The list has the latest failure first.
    latest: group.tasks[0],
    first: group.tasks[group.tasks.length - 1],
  }));
  return all.sort((a, b) => b.tasks.length - a.tasks.length);
}

/**
 * How many of the tasks of a list failed in each of the latest minutes, the latest last. The list has the latest failures first and may
 * end before the time does: then the minute in which it ends has at least those, and the minutes before are null.
 */
export function perMinute({ tasks, next_cursor: more }, minutes, now) {
  const values = Array(minutes).fill(0);
  const minuteOf = ({ finished_at: at }) => minutes - 1 - Math.max(0, Math.floor((now - Date.parse(at)) / 60_000));
  for (const task of tasks) if (minuteOf(task) >= 0) values[minuteOf(task)] += 1;
  const oldest = tasks[tasks.length - 1];
  const last = more ? (oldest ? minuteOf(oldest) : minutes - 1) : -1;
  return values.map((value, at) => (at > last ? value : at === last ? { at_least: value } : null));
}

export async function loadDead(parameters, signal) {
  const { json } = await read(withQuery(path('dead'), parameters), signal);
  return json;
}
