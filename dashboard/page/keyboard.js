// What keys do. Native controls do the rest: rows hold links, so Enter opens the one that has the focus.
import { to } from './address.js';
import { live } from './polls.js';
import { go } from './route.js';
import { store } from './store.js';

/** Whether the list of keys is shown. */
export const help = store(false);

/** After `g`, a letter goes to a screen. */
export const PLACES = {
  o: ['Overview', []],
  t: ['Tasks', ['tasks']],
  d: ['Dead letters', ['dead']],
  q: ['Queues', ['queues']],
  s: ['Schedules', ['schedules']],
  n: ['Submit', ['submit']],
  a: ['About', ['about']],
};

/** How long `g` waits for its letter. */
const SECOND_KEY_WITHIN = 1500;
let goingUntil = 0;

const KEYS = {
  '/': () => (document.querySelector('[data-filter]') ?? document.querySelector('[data-jump]')).focus(),
  j: () => step(1),
  k: () => step(-1),
  x: () => row()?.querySelector('input[type=checkbox]')?.click(),
  ']': () => document.querySelector('[data-next]')?.click(),
  '[': () => window.history.back(),
  l: () => live.set((on) => !on),
  '?': () => help.set(true),
};

export function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector('dialog[open]'))
      return;
    if (event.target.closest('input:not([type=checkbox]), textarea, select')) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    if (press(event.key)) event.preventDefault();
  });
}

function press(key) {
  if (performance.now() < goingUntil && key in PLACES) {
    goingUntil = 0;
    go(to(PLACES[key][1]));
    return true;
  }
  if (key === 'g') {
    goingUntil = performance.now() + SECOND_KEY_WITHIN;
    return true;
  }
  if (key in KEYS) {
    KEYS[key]();
    return true;
  }
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button || button.disabled) return false;
  button.click();
  return true;
}

const row = () => document.activeElement?.closest('[data-row]');

/** Moves the focus to the next row's link, or to the first one. */
function step(by) {
  const rows = [...document.querySelectorAll('[data-row]')];
  if (rows.length === 0) return;
  const at = rows.indexOf(row());
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  next.querySelector('a.row').focus();
  next.scrollIntoView({ block: 'nearest' });
}
