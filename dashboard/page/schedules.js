// Schedules, and the definition that is put back to change one.

import { change, read } from './api.js';
import { member, withMembers } from './json.js';
import { path, withQuery } from './where.js';

const PAGE = 50;
/** What a definition has; the rest of an answer is what the API says of it. */
const DEFINED = ['cron', 'every_seconds', 'time_zone', 'overlap', 'misfire', 'start_at', 'end_at', 'jitter_seconds', 'paused'];

export async function loadSchedules(cursor, signal) {
  const { json } = await read(withQuery(path('schedules'), { limit: PAGE, cursor }), signal);
  return json;
}

/** A schedule, and the text of its task, because a payload must keep its digits. */
export async function loadSchedule(name, signal) {
  const { json, text } = await read(path('schedules', name), signal);
  return { schedule: json, task: member(text, 'task') };
}

export function definition(schedule) {
  return Object.fromEntries(DEFINED.filter((field) => schedule[field] != null).map((field) => [field, schedule[field]]));
}

/** Puts a definition with the text of its task. */
export function putSchedule(name, fields, task) {
  return change('PUT', path('schedules', name), withMembers(fields, { task }));
}

/** Pauses a schedule, or lets it go on: puts it back as it is now, but for that. */
export async function setPaused(name, paused) {
  const { schedule, task } = await loadSchedule(name);
  return putSchedule(name, { ...definition(schedule), paused }, task);
}
