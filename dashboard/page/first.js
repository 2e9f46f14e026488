// Asks the API for what the first screen shows, while the rest of the page is still on its way. `api.js` takes the answer.
import { placeOf } from './address.js';
import { filtersOf, listed } from './filters.js';
import { asksForToken, path } from './where.js';

/** Within so many ms every read ends. */
export const READ_WITHIN = 10_000;

/** What the screen at this place shows first. `null` for those that people seldom begin with. */
function shownFirst({ parts: [screen, name], query }) {
  if (screen === undefined) return path('stats');
  if (screen === 'tasks') return name ? path('tasks', name) : listed(filtersOf(query));
  if (screen === 'queues' && name) return path('queues', name);
  return null;
}

const asked = asksForToken ? null : shownFirst(placeOf(window.location.hash));
let answer = asked && answerTo(asked, { signal: AbortSignal.timeout(READ_WITHIN), cache: 'no-store' });
// Who takes it hears of a failure.
answer?.catch(() => {});

/** The answer to a request, with its whole text. */
export async function answerTo(path, init) {
  const answer = await fetch(path, init);
  return { answer, text: await answer.text() };
}

/** The answer for a path that was asked for here, once: if it is there, it is drawn in the first frame. Otherwise `null`. */
export function takeFirst(path) {
  if (path !== asked) return null;
  const taken = answer;
  answer = null;
  return taken;
}
