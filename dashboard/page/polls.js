// When the page asks again. At most two requests a second leave for it, whoever asks, and none while nobody looks.

import { connection } from './connection.js';
import { token } from './credentials.js';
import { store } from './store.js';
import { asksForToken } from './where.js';

const MOST_A_SECOND = 2;
/** A timer takes no more than 31 bits of ms, so a long wait is looked at now and then. */
const LONGEST_WAIT = 60_000;

/** Whether the page follows the stack by itself. A reader can stop it to look at something in peace. */
export const live = store(true);

const polls = new Set();
/** When the latest requests left. */
let left = [];
let timer = null;

/** Counts a request, also one that a person caused. */
export function noteRequest() {
  left = [...left.slice(-(MOST_A_SECOND - 1)), performance.now()];
}

/** Runs `ask` at once, and then `every` so many ms after it has ended. */
export function poll(ask, every) {
  const one = { ask, every, due: 0, asking: false };
  polls.add(one);
  run(one);
  return {
    stop: () => polls.delete(one),
    now: () => run(one),
  };
}

async function run(one) {
  if (one.asking) return;
  one.asking = true;
  try {
    await one.ask();
  } finally {
    one.asking = false;
    one.due = performance.now() + one.every;
    arm();
  }
}

/** Sets the clock to the next moment at which something is due and may leave. */
function arm() {
  clearTimeout(timer);
  const locked = asksForToken && token.get().value === null;
  if (document.hidden || locked || !live.get() || connection.get().down) return;
  const waiting = [...polls].filter((one) => !one.asking);
  if (waiting.length === 0) return;
  const next = waiting.reduce((a, b) => (b.due < a.due ? b : a));
  const free = left.length < MOST_A_SECOND ? 0 : left[0] + 1000;
  const pause = Math.max(next.due, free) - performance.now();
  timer = setTimeout(() => (pause > 0 ? arm() : run(next)), Math.min(Math.max(pause, 0), LONGEST_WAIT));
}

/** What was due while the page was hidden or the stack away is due now. */
function resume() {
  arm();
}

document.addEventListener('visibilitychange', resume);
live.listen(resume);
token.listen(resume);
let wasDown = false;
connection.listen(({ down }) => {
  // All that is on the screen may be out of date after a pause.
  if (wasDown && !down) for (const one of polls) one.due = 0;
  wasDown = Boolean(down);
  resume();
});
