// Measures the dashboard in a browser while the stack is full and busy: npm run measure -- --help
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { needBoard, startBoard } from './measure/board.js';
import { interact } from './measure/interactions.js';
import { Changes, fill, QUEUES } from './measure/load.js';
import { fresh, openings } from './measure/opening.js';
import { price } from './measure/units.js';
import { heap, listen, size, watch, whileHidden } from './measure/watching.js';
import { workOf } from './measure/work.js';
import { launch } from './tests/browser.js';
import { startStack, stopAll } from './tests/stack.js';

const HELP = `npm run measure -- [options]
  --minutes N     how long one tab is watched; 10
  --tasks N       how many tasks the stack has; 100000
  --changes N     how many changes a second are asked for; 2000
  --bull-board    compares with bull-board; needs its packages, by npm ci in compare, and redis-server
  --json          writes results/measure.json too
  --quick         a smoke run: a minute, few tasks, few repetitions; its figures mean nothing`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    tasks: { type: 'string' },
    changes: { type: 'string', default: '2000' },
    'bull-board': { type: 'boolean' },
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const minutes = Number(values.minutes ?? (values.quick ? 1 : 10));
const tasks = Number(values.tasks ?? (values.quick ? 5000 : 100_000));
const wanted = Number(values.changes);
const times = values.quick ? 2 : 9;
const rounds = values.quick ? 1 : 5;

const ROWS = { rows: 'tr[data-row]', least: 50, data: '/v1/tasks' };
const TILES = { rows: '.tiles .tile', least: 4, data: '/v1/stats' };
const SELECT = { click: 'tbody input[type=checkbox]', result: 'tr.chosen' };
const BOARD_ROWS = { rows: 'main a[href^="/queue/"][href*="/"][class*="jobLink"]', least: 10, data: '/api/queues' };
const BOARD_TAB = { click: 'main [role=tab]:nth-of-type(2)', result: 'main [role=tab]:nth-of-type(2)[aria-selected=true]' };

/** Of measured times: the one below which this share of them is. */
function quantile(list, share) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
const median = (list) => quantile(list, 0.5);
const ms = (value) => `${Math.round(value)} ms`;

const table = [];
/** Notes a measure. `most` is its aim, if it has one. */
function note(name, value, shown, most, aim) {
  const over = most !== undefined && value > most;
  table.push({ name, value, shown, aim: aim ?? '', over });
  console.log(`${name}: ${shown}${aim ? ` (${aim}${over ? ', over' : ''})` : ''}`);
}

/** When the data was asked for and answered, and when its rows were painted. */
function steps(list, cache) {
  const [asked, answered, rows] = ['asked', 'answered', 'rows'].map((what) =>
    Math.round(median(list.map((one) => one[cache][what]))),
  );
  return `asked at ${asked}, answered at ${answered}, painted at ${rows} ms`;
}

function noteOpening(name, list) {
  const [first, rows] = ['first', 'rows'].map((what) => median(list.map(({ cold }) => cold[what])));
  note(`${name}, first paint`, first, ms(first), 300, '≤ 300 ms');
  note(`${name}, its content`, rows, ms(rows), 300, '≤ 300 ms');
  console.log(`  ${steps(list, 'cold')}`);
}

const [others] = loadavg();
if (values['bull-board']) await needBoard();
const stack = await startStack();
// bull-board asks a server of fonts before it shows anything. Without one it is as fast as it can be.
const browser = await launch(['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']);
let [board, changes] = [null, null];
try {
  console.log(`filling the stack with ${tasks} tasks…`);
  const work = await workOf(stack);
  await fill(work, tasks);
  changes = new Changes(work, wanted);
  await changes.start();
  await sleep(5000);

  const opened = await openings(
    browser,
    { Overview: { url: `${stack.url}/`, ...TILES }, Tasks: { url: `${stack.url}/#/tasks`, ...ROWS } },
    times,
  );
  noteOpening('Overview', opened.Overview);
  noteOpening('Tasks', opened.Tasks);

  const page = await fresh(browser, ROWS);
  const asked = listen(page, QUEUES.length + 1);
  await page.goto(`${stack.url}/`);
  await page.locator('.tiles').waitFor();
  const early = await heap(page);
  const { latencies, shown } = await interact(page, rounds);
  const p95 = quantile(latencies, 0.95);
  note(`${latencies.length} interactions, p95 until the next frame`, p95, ms(p95), 100, '≤ 100 ms');
  note('the same, median', median(latencies), `≤ ${ms(median(latencies))}`);
  note('the same, slowest', Math.max(...latencies), ms(Math.max(...latencies)));
  note(`${shown.length} new screens and lists, p95 until their rows`, quantile(shown, 0.95), ms(quantile(shown, 0.95)));
  note('the same, median', median(shown), ms(median(shown)));

  const [{ id }] = (await stack.call('GET', 'dead?limit=1')).tasks;
  const hashes = {
    Overview: '',
    Tasks: '#/tasks',
    'a task': `#/tasks/${id}`,
    Queues: '#/queues',
    'a queue': `#/queues/${QUEUES[0]}`,
    'Dead letters': '#/dead',
    Schedules: '#/schedules',
  };
  const names = Object.keys(hashes);
  const screens = {};
  for (const name of names) screens[name] = await watch(page, asked, hashes[name], (minutes * 60_000) / names.length);
  const memory = await heap(page);
  note(`heap after ${minutes} min`, memory.reachable, `${memory.reachable.toFixed(1)} MB`, 60, '≤ 60 MB');
  note('heap of the Overview, just opened', early.reachable, `${early.reachable.toFixed(1)} MB`);
  note(`heap after ${minutes} min, with garbage`, memory.whole, `${memory.whole.toFixed(1)} MB`, 60, '≤ 60 MB');
  for (const name of names) {
    const { aSecond, most, unitsAnHour } = screens[name];
    note(`${name}, requests a second`, most, `${aSecond.toFixed(2)}, at most ${most}`, 2, '≤ 2');
    note(`${name}, read units an hour`, unitsAnHour, `${Math.round(unitsAnHour).toLocaleString('en')}, ${price(unitsAnHour)}`);
  }
  const hidden = await whileHidden(page, asked, values.quick ? 5000 : 30_000);
  note('requests while hidden', hidden, `${hidden}`, 0, '0');
  const { files, plain, gzipped } = await size(stack.url);
  note(`${files} files, gzipped`, gzipped, `${gzipped.toFixed(1)} KB of ${plain.toFixed(1)} KB`, 120, '≤ 120 KB');
  await page.context().close();
  await changes.stop();
  const reached = await changes.reached();
  note('changes a second', reached, `${Math.round(reached)} of ${wanted}`);

  if (values['bull-board']) {
    board = await startBoard(tasks, wanted);
    const queue = QUEUES[0];
    const ours = { url: `${stack.url}/#/tasks?queue=${queue}`, ...ROWS, control: SELECT };
    const theirs = { url: `${board.url}/queue/${queue}`, ...BOARD_ROWS, control: BOARD_TAB };
    const compare = async (when, pages) => {
      const { taskway, other } = await openings(browser, pages, times);
      for (const cache of ['cold', 'warm']) {
        const [a, b] = [taskway, other].map((list) => median(list.map((one) => one[cache].usable)));
        const how = `${when}, ${cache === 'cold' ? 'empty cache' : 'again'}`;
        note(`usable list ${how}: Taskway · bull-board`, a, `${ms(a)} · ${ms(b)}`);
        note(`usable list ${how}: ratio`, a / b, (a / b).toFixed(2), 0.5, '≤ 0.5');
        console.log(`  Taskway: ${steps(taskway, cache)}; bull-board: ${steps(other, cache)}`);
      }
    };
    await compare('at rest', { taskway: ours, other: theirs });
    // Each has its own changes only while it is opened, for both together are more than the machine can do.
    const busy = (page, load) => ({ ...page, before: () => load.start().then(() => sleep(2000)), after: () => load.stop() });
    await compare('busy', { taskway: busy(ours, changes), other: busy(theirs, board.changes) });
    const [mine, its] = [await changes.reached(), await board.changes.reached()];
    note('changes a second: Taskway · bull-board', mine, `${Math.round(mine)} · ${Math.round(its)}`);
  }
  print();
} finally {
  // What it sends to a stack that is gone would hide why this ends.
  await changes?.stop().catch(() => {});
  await browser.close();
  await board?.stop();
  await stopAll();
}

function print() {
  const rows = table.map(({ name, shown, aim, over }) => [name, shown, aim, over ? 'over' : '']);
  console.log(`\n| measure | measured | aim | |\n| --- | --- | --- | --- |`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  const { length: cores } = cpus();
  console.log(`\n${cores} cores, a load of ${others.toFixed(1)} before, Chromium ${browser.version()}, ${tasks} tasks`);
}

if (values.json) {
  const out = new URL('results/', import.meta.url);
  await mkdir(out, { recursive: true });
  await writeFile(new URL('measure.json', out), `${JSON.stringify({ tasks, minutes, measures: table }, null, 2)}\n`);
}
