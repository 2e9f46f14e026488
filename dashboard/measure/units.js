/**
 * What a request of the page costs in read units of DynamoDB. The stack does not tell what it reads, so this is reckoned from the answer
 * by the costs in docs/architecture.md.
 */

/** An eventually consistent read of up to 4 KB, and one that is consistent. */
const READ = 0.5;
const CONSISTENT = 1;
/** So many keys or names are 4 KB. */
const KEYS = 60;
/** Of `CatalogShards`, which divide the list of a queue. */
const CATALOG_SHARDS = 4;
const AGENDA_SHARDS = 1;
/** Of each late task and each unreadable message that is counted. */
const LATE = 0.04;
const UNREADABLE = 0.02;

/** What DynamoDB asks for a million, in dollars: the price that docs/deploying.md reckons with. */
const A_MILLION = 0.125;

export const price = (units) => `$${((units * A_MILLION) / 1e6).toFixed(4)}`;

const most = (count) => (typeof count === 'number' ? count : (count?.at_least ?? 0));
const keys = (count) => READ * Math.max(1, Math.ceil(count / KEYS));

/** `queues` is how many there are in the stack. */
export function unitsOf(url, answer, queues) {
  const { pathname, searchParams: query } = new URL(url);
  const [, , kind, name] = pathname.split('/');
  if (kind === 'stats') {
    // Four lists, one of which has two reads when tasks ended in most minutes of the last hour.
    const lists = 5 * READ + READ * AGENDA_SHARDS;
    return lists + LATE * most(answer.due_backlog) + UNREADABLE * most(answer.unreadable);
  }
  if (kind === 'tasks' && name) return CONSISTENT;
  if (kind === 'tasks' || kind === 'dead') {
    const lists = query.has('queue') ? 1 : queues;
    const partitions = kind === 'dead' ? lists : lists * CATALOG_SHARDS;
    const found = answer.tasks.length;
    const shards = kind === 'dead' ? 0 : READ;
    const names = query.has('queue') ? 0 : keys(queues);
    return partitions * READ + Math.floor(found / KEYS) * READ + found * READ + shards + names;
  }
  // The settings, the tasks that are held back, and those that failed.
  if (kind === 'queues' && name) return CONSISTENT + keys(most(answer.held)) + keys(most(answer.failed));
  // The names, and the settings of each.
  if (kind === 'queues') return keys(answer.queues.length) + READ * answer.queues.length;
  if (kind === 'schedules') return keys(answer.schedules.length) + READ * answer.schedules.length;
  throw new Error(`nobody knows what ${pathname} costs`);
}
