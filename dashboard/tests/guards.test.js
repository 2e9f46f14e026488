/** The guards of these tests notice what they are for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, fits, open } from './browser.js';
import { browser, stack } from './running.js';

/** A page on which this is done, and what its test says at its end. */
async function faults(act) {
  const ends = [];
  const page = await open({ after: (end) => ends.push(end) }, browser, stack.url, { hash: '#/about' });
  await page.evaluate(act);
  await page.waitForTimeout(300);
  return Promise.all(ends.map((end) => end()));
}

const add = (html) => `document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(html)})`;

for (const [name, act, said] of [
  ['an inline handler', add('<img src="icon.svg" alt="" onload="document.title = 1">'), /content security policy: script-src/],
  ['an inline style', add('<p style="color: red">red</p>'), /content security policy: style-src/],
  ['an image of another origin', add('<img src="http://127.0.0.1:9/a.png" alt="">'), /127\.0\.0\.1:9/],
  ['a call of another origin', 'void fetch("http://127.0.0.1:9/").catch(() => {})', /127\.0\.0\.1:9/],
  ['an error', 'setTimeout(() => { throw new Error("made up") })', /made up/],
  ['an error in the console', 'console.error("made up")', /made up/],
]) {
  test(`${name} fails a test`, async () => {
    await assert.rejects(faults(act), said);
  });
}

test('a page without faults passes', async () => {
  await faults('document.title');
});

test('axe and the width notice', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/about', width: 375 });
  await accessible(page, 'before');
  await fits(page, 'before');
  await page.evaluate(add('<button></button>'));
  await assert.rejects(accessible(page, 'a button without a name'), /button-name/);
  await page.evaluate(() => {
    const wide = document.createElement('p');
    wide.style.width = '500px';
    wide.textContent = 'wide';
    document.querySelector('main').append(wide);
  });
  await assert.rejects(fits(page, 'a wide page'), /5\d\d px wide in 375 px/);
  await page.evaluate(() => {
    const place = document.createElement('div');
    place.className = 'scroll';
    document.querySelector('main p:last-child').replaceWith(place);
    place.innerHTML = `<table><tr><td>${'w'.repeat(200)}</td></tr></table>`;
  });
  await assert.rejects(fits(page, 'a wide table'), /\d{4} px wide in 3\d\d px: w/);
});
