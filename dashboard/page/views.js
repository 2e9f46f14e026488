// Filters of the list of tasks, kept in this browser under a name: queue, state and labels, and nothing of a task.
import { store } from './store.js';

const KEY = 'taskway.views';

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]').filter(isView);
  } catch {
    // The browser keeps nothing for this page, or something else wrote there.
    return [];
  }
}

const areTexts = (all) => all.every((one) => typeof one === 'string');
const isLabel = (label) => Array.isArray(label) && label.length === 2 && areTexts(label);

function isView(view) {
  const { name, queue, state, labels } = view ?? {};
  return areTexts([name, queue, state]) && Array.isArray(labels) && labels.every(isLabel);
}

/** `{name, queue, state, labels}`, by name. */
export const views = store(kept());

// Another tab has saved or deleted one.
window.addEventListener('storage', ({ key }) => (key === KEY || key === null) && views.set(kept()));

/** Keeps these filters, instead of others that have this name. Returns whether the browser does keep them. */
export function saveView(name, { queue, state, labels }) {
  return keep([...kept().filter((view) => view.name !== name), { name, queue, state, labels }]);
}

export function deleteView(name) {
  return keep(kept().filter((view) => view.name !== name));
}

function keep(all) {
  all.sort((a, b) => a.name.localeCompare(b.name));
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    return false;
  }
  views.set(all);
  return true;
}

export function isUnfiltered({ queue, state, labels }) {
  return !queue && !state && labels.length === 0;
}

/** Whether two filters find the same, whatever the order of their labels. */
export function isSame(one, other) {
  const key = ({ queue, state, labels }) => JSON.stringify([queue, state, labels.map((label) => JSON.stringify(label)).sort()]);
  return key(one) === key(other);
}
