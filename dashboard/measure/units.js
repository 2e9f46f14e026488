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
/** In each thousand of late tasks and of unreadable messages. */
const COUNTED = 40;

const most = (count) => (typeof count === 'number' ? count : (count?.at_least ?? 0));
const keys = (count) => READ * Math.max(1, Math.ceil(count / KEYS));

/** `queues` is how many there are in the stack. */
export function unitsOf(url, answer, queues) {
  const { pathname, searchParams: query } = new URL(url);
  const [, , kind, name] = pathname.split('/');
  if (kind === 'stats') {
    const late = (COUNTED * (most(answer.due_backlog) + most(answer.unreadable))) / 1000;
    return 5 * READ + READ * AGENDA_SHARDS + late;
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
