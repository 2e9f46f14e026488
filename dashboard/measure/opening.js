/** How long it takes until a page shows something, and until it can be worked with. */
import { setTimeout as sleep } from 'node:timers/promises';
import { probe } from './probe.js';

const VIEW = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };

/** A window without a cache, in which every page is watched by the probe. */
export async function fresh(browser, watched) {
  const context = await browser.newContext(VIEW);
  await context.addInitScript(probe, watched);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/**
 * Opens an address without a cache, and again with what the browser kept. Each time tells the `first` paint, when the data of the rows
 * was `asked` for and `answered`, when the `rows` were painted, and when one of them could be worked with: `usable` adds the time that
 * a click on `control` took until it was painted.
 */
async function opening(browser, url, { rows, least, data, control }) {
  const page = await fresh(browser, { rows, least });
  const times = {};
  for (const cache of ['cold', 'warm']) {
    await page.goto('about:blank');
    await page.goto(url);
    await page.waitForFunction(() => window.measured.rowsAt > 0);
    times[cache] = await page.evaluate((path) => {
      const [first] = performance.getEntriesByName('first-contentful-paint');
      const request = performance.getEntriesByType('resource').find(({ name }) => new URL(name).pathname.startsWith(path));
      const { startTime: asked, responseEnd: answered } = request;
      return { first: first.startTime, asked, answered, rows: window.measured.rowsAt };
    }, data);
    if (control) times[cache].usable = times[cache].rows + (await clicked(page, control));
  }
  await page.context().close();
  return times;
}

/** The time from a click, as the browser stamped it, until the change that it made was painted. The driver's own time is left out. */
async function clicked(page, { click, result }) {
  await page.evaluate((selector) => {
    window.measured.answer = new Promise((resolve) => {
      let begun = null;
      window.addEventListener(
        'pointerdown',
        ({ timeStamp }) => {
          begun = timeStamp;
        },
        { capture: true, once: true },
      );
      const look = () => {
        if (begun === null || !document.querySelector(selector)) return false;
        window.measured.painted().then((at) => resolve(at - begun));
        return true;
      };
      new MutationObserver((_, observer) => look() && observer.disconnect()).observe(document, {
        childList: true,
        subtree: true,
        attributes: true,
      });
    });
  }, result);
  await page.locator(click).first().click();
  return page.evaluate(() => window.measured.answer);
}

/** Opens several pages in turn, so that a busy moment of the machine meets all of them. */
export async function openings(browser, pages, times) {
  const all = Object.fromEntries(Object.keys(pages).map((name) => [name, []]));
  for (let time = 0; time < times; time += 1) {
    for (const [name, { url, before, after, ...watched }] of Object.entries(pages)) {
      await before?.();
      all[name].push(await opening(browser, url, watched));
      await after?.();
      await sleep(200);
    }
  }
  return all;
}
