// Whether the stack answers, and the question that is asked until it does.

import { store } from './store.js';
import { API } from './where.js';

/** How long to wait between two questions, in ms. The last one holds from then on. */
const PAUSES = [1000, 1000, 2000, 3000, 5000];
const PROBE_WITHIN = 5000;

/** `down` is null while the stack answers, and else says since when it does not, why, and when it is asked again. */
export const connection = store({ down: null });

let timer = null;
let asked = 0;

/** A request was answered, whatever the answer says. */
export function answered() {
  if (!connection.get().down) return;
  clearTimeout(timer);
  asked = 0;
  connection.set({ down: null });
}

/** A request got no answer. */
export function unanswered(detail) {
  if (connection.get().down) return;
  asked = 0;
  connection.set({ down: { since: Date.now(), detail } });
  askAgain();
}

/** Asks now instead of at the end of the pause. */
export function askNow() {
  clearTimeout(timer);
  return probe();
}

function askAgain() {
  clearTimeout(timer);
  const pause = PAUSES[Math.min(asked, PAUSES.length - 1)];
  asked += 1;
  connection.set(({ down }) => ({ down: { ...down, next: Date.now() + pause } }));
  timer = setTimeout(probe, pause);
}

async function probe() {
  // Nobody looks at a hidden page; it asks when it is shown again.
  if (document.hidden) return;
  try {
    const answer = await fetch(`${API}healthz`, { signal: AbortSignal.timeout(PROBE_WITHIN), cache: 'no-store' });
    if (answer.status !== 502 && answer.status !== 504) return answered();
  } catch {
    // Still no answer.
  }
  if (connection.get().down) askAgain();
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && connection.get().down) askNow();
});
