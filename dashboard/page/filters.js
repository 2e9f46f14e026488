// The filters of a list, as the address has them.
import { go, to } from './route.js';

/** `{queue, state, labels: [[name, value]], cursor}`. */
export function filtersOf(query) {
  return {
    queue: query.get('queue') ?? '',
    state: query.get('state') ?? '',
    labels: [...query]
      .filter(([name]) => name.startsWith('label.'))
      .map(([name, value]) => [name.slice('label.'.length), value]),
    cursor: query.get('cursor') ?? '',
  };
}

/** The address of a screen with these filters, on its first page unless they have a cursor. */
export function filtered(screen, { queue, state, labels, cursor = '' }) {
  const parameters = { queue, state, ...Object.fromEntries(labels.map(([name, value]) => [`label.${name}`, value])), cursor };
  return to([screen], parameters);
}

export function refine(screen, filters, changes) {
  go(filtered(screen, { ...filters, cursor: '', ...changes }));
}
