// The filters of a list, as the address has them.
import { to } from './address.js';
import { path, withQuery } from './where.js';

const PAGE = 50;

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
  return to([screen], { ...parametersOf({ queue, state, labels }), cursor });
}

/** The filters as parameters of the API. */
export function parametersOf({ queue, state, labels }) {
  return { queue, state, ...Object.fromEntries(labels.map(([name, value]) => [`label.${name}`, value])) };
}

/** Where the API has a page of the tasks that match. It has an index of the failed ones; for other states it looks at one after another. */
export function listed({ state, cursor, ...filters }) {
  const failed = state === 'failed';
  const parameters = parametersOf({ ...filters, state: failed ? '' : state });
  return withQuery(path(failed ? 'dead' : 'tasks'), { ...parameters, limit: PAGE, cursor });
}
