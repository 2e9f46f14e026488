/** What a person does on the page, with real keys and clicks. */
import { setTimeout as sleep } from 'node:timers/promises';

const ROW = 'main tr[data-row], main li[data-row]';
/** What a person waits at least between two of them. */
const PAUSE_MS = 120;
/** The browser does not report what took less. */
const LEAST_MS = 16;

/** Does all of it so many times. Returns how long each took until its next frame, and each new screen until its rows were there. */
export async function interact(page, rounds) {
  await page.evaluate(() => {
    window.measured.events = [];
    window.measured.before = performance.interactionCount;
  });
  for (let round = 0; round < rounds; round += 1) await once(page);
  await sleep(500);
  const { events, count, shown } = await page.evaluate(async () => ({
    events: window.measured.events,
    count: performance.interactionCount - window.measured.before,
    shown: await Promise.all(window.measured.shown),
  }));
  // A click is several events. Its slowest one is what the person waits for.
  const slowest = new Map();
  for (const { interactionId, duration } of events)
    slowest.set(interactionId, Math.max(duration, slowest.get(interactionId) ?? 0));
  const quick = Array(Math.max(0, count - slowest.size)).fill(LEAST_MS);
  return { latencies: [...slowest.values(), ...quick], shown };
}

async function once(page) {
  const press = async (key, times = 1) => {
    for (let time = 0; time < times; time += 1) {
      await page.keyboard.press(key);
      await sleep(PAUSE_MS);
    }
  };
  const click = async (selector, at = 0) => {
    await page.locator(selector).nth(at).click();
    await sleep(PAUSE_MS);
  };
  /** Does what leads to another address, and waits for its rows. */
  const lead = async (act, selector = ROW) => {
    await page.evaluate((what) => window.measured.follow(what), selector);
    await act();
    await page.evaluate(() => window.measured.followed());
    await sleep(PAUSE_MS);
  };
  const goTo = async (letter, selector) => {
    await press('g');
    await lead(() => press(letter), selector);
  };

  await goTo('t');
  for (const state of ['failed', 'succeeded', 'all']) await lead(() => click(`nav.tabs >> text="${state}"`));
  await lead(() => click('a[data-next]'));
  await lead(() => press('['));
  for (const at of [0, 1, 2]) await click('tbody input[type=checkbox]', at);
  await click('thead input[type=checkbox]');
  await click('thead input[type=checkbox]');
  await press('j', 6);
  await press('x');
  await press('k', 3);
  await press('x');
  await lead(() => press('Enter'), '.timeline');
  await lead(() => press('['));
  await lead(() => click('tbody td.wide a'));
  await lead(() => click('.inputs >> text="Clear"'));
  await goTo('d');
  await press('j', 2);
  await goTo('q');
  await press('j', 3);
  await lead(() => press('Enter'), 'dl.fields');
  for (const name of ['Dead letters', 'Tasks', 'Queues']) await lead(() => click(`header.top nav >> text="${name}"`));
  await goTo('o', '.tiles');
}
