/** Debian's Chromium, and pages in it that fail their test if anything is wrong with them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
  '--disable-quic',
];

/** A browser with a profile of its own, which is gone at the end. */
export function launch(more = []) {
  // Chromium's sandbox does not work for root.
  const args = [...FLAGS, ...more, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
}

/**
 * A page. The test fails at its end if the page wrote an error, broke its content security policy, or asked another origin.
 * `expected` tells of the console's errors that the test causes itself.
 */
export async function open(
  t,
  browser,
  url,
  { path = '', hash = '', width = 1280, height = 900, scheme = 'light', expected } = {},
) {
  const options = { viewport: { width, height }, colorScheme: scheme, locale: 'en-GB', timezoneId: 'America/New_York' };
  const context = await browser.newContext(options);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  const page = await context.newPage();
  const faults = [];
  page.asked = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected?.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.stack));
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) faults.push(`a request to ${request.url()}`);
    page.asked.push({ at: Date.now(), line: `${request.method()} ${request.url().slice(url.length)}` });
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  page.setDefaultTimeout(20_000);
  await page.goto(`${url}/${path}${hash}`);
  await page.locator('h1').waitFor();
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  return page;
}

/** Has the page's server answer with a module of the page's source, and with what that imports, for tests within the browser. */
export async function serveModule(page, name) {
  const entry = fileURLToPath(new URL(`../page/${name}`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false });
  await page.route(`**/${name}`, (route) => route.fulfill({ contentType: 'text/javascript', body: outputFiles[0].text }));
}

/** Fails if axe finds anything that matters. */
export async function accessible(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(found, [], what);
}

/** Fails if the page is wider than its window, or a table than its place. */
export async function fits(page, what) {
  const wide = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('.scroll')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(
        ({ scrollWidth, clientWidth, textContent }) =>
          `${scrollWidth} px wide in ${clientWidth} px: ${textContent.slice(0, 60)}`,
      ),
  );
  assert.deepEqual(wide, [], what);
}
