// The counts of the stack, and what they were in the latest minutes.

import { read } from './api.js';
import { store } from './store.js';
import { path } from './where.js';

/** How far back the lines go, in ms. */
const SPAN = 10 * 60_000;
const LANES = ['high', 'normal', 'low'];

/** Samples `{at, waiting, in_flight, delayed, late, lanes}`, the oldest first. */
export const samples = store([]);

export async function loadStats(signal) {
  const { json } = await read(path('stats'), signal);
  const sum = (field) => LANES.reduce((all, lane) => all + json.lanes[lane][field], 0);
  const sample = { at: Date.now(), waiting: sum('waiting'), in_flight: sum('in_flight'), delayed: sum('delayed') };
  samples.set((all) => [...all.filter(({ at }) => at > sample.at - SPAN), sample]);
  return json;
}

export { LANES };
