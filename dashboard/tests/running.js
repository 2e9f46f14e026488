/** What a file of tests has: a stack in memory and a browser, from before its first test until after its last one. */
import { after } from 'node:test';
import { launch } from './browser.js';
import { startStack, stopAll } from './stack.js';

export const [stack, browser] = await Promise.all([startStack(), launch()]);

// The pages end before the programs, which they would miss.
after(async () => {
  await browser.close();
  await stopAll();
});
