/** One tab for a long time: what it asks for, what that costs, and what it keeps in memory. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { unitsOf } from './units.js';

/** What a screen asks for when it is opened is no watching. */
const OPENED_WITHIN_MS = 1500;
/** A browser's event comes some ms early or late. */
const SECOND_MS = 950;

/** Notes each request of the page to the API, and what it costs. */
export function listen(page, queues) {
  const asked = [];
  const read = async (response) => {
    const url = response.url();
    if (!new URL(url).pathname.startsWith('/v1/')) return;
    const one = asked.find(({ request }) => request === response.request());
    // A page that is left gives up what it asked for.
    const answer = await response.json().catch(() => null);
    if (one && answer) one.units = unitsOf(url, answer, queues);
  };
  page.on('request', (request) => asked.push({ at: performance.now(), request, units: 0 }));
  page.on('response', read);
  return asked;
}

/** Watches a screen for so long. */
export async function watch(page, asked, hash, ms) {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, hash);
  await page.locator('h1').waitFor();
  await sleep(OPENED_WITHIN_MS);
  const from = performance.now();
  await sleep(ms - OPENED_WITHIN_MS);
  const seen = asked.filter(({ at }) => at >= from);
  const seconds = (performance.now() - from) / 1000;
  const within = (first) => seen.filter(({ at }) => at >= first && at < first + SECOND_MS).length;
  return {
    aSecond: seen.length / seconds,
    most: Math.max(0, ...seen.map(({ at }) => within(at))),
    unitsAnHour: (seen.reduce((sum, { units }) => sum + units, 0) / seconds) * 3600,
  };
}

/** How many requests leave while the page is hidden. */
export async function whileHidden(page, asked, ms) {
  const show = (hidden) =>
    // Headless Chromium shows every page, so the page is told.
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (value ? 'hidden' : 'visible') });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await show(true);
  await sleep(500);
  const before = asked.length;
  await sleep(ms);
  const count = asked.length - before;
  await show(false);
  return count;
}

/** The memory of the page's JavaScript in MB: what is reachable, and what it is before the garbage is collected. */
export async function heap(page) {
  const client = await page.context().newCDPSession(page);
  const used = async () => (await client.send('Runtime.getHeapUsage')).usedSize / 1e6;
  const whole = await used();
  await client.send('HeapProfiler.collectGarbage');
  const reachable = await used();
  await client.detach();
  return { reachable, whole };
}

/** The page's files as the server sends them, without the licences that no page loads: their size, and gzipped, in KB. */
export async function size(url) {
  const root = new URL('../built/', import.meta.url);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.txt'));
  let [plain, gzipped] = [0, 0];
  for (const { parentPath, name } of files) {
    const path = `${parentPath.slice(root.pathname.length)}/${name}`.replace(/^\//, '');
    const answer = await fetch(`${url}/${path}`);
    if (!answer.ok) throw new Error(`the binary does not have ${path}: build it again`);
    const body = Buffer.from(await answer.arrayBuffer());
    const here = await readFile(new URL(path, root));
    if (!body.equals(here)) console.log(`${path} differs from the binary's: build it again to measure this one`);
    plain += body.length;
    gzipped += gzipSync(body).length;
  }
  return { files: files.length, plain: plain / 1024, gzipped: gzipped / 1024 };
}
