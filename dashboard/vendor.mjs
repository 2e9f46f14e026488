// Copies Preact and htm from their npm packages to `page/vendor`, or with --check proves that what is there is what the
// packages hold. package-lock.json pins the packages by hash.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';

const packages = new URL('node_modules/', import.meta.url);
const vendor = new URL('page/vendor/', import.meta.url);

/** What is vendored: the file here, and the package's file. */
const FILES = {
  'preact.js': 'preact/dist/preact.mjs',
  'preact-hooks.js': 'preact/hooks/dist/hooks.mjs',
  'preact.LICENSE.txt': 'preact/LICENSE',
  'htm.js': 'htm/dist/htm.mjs',
  'htm.LICENSE.txt': 'htm/LICENSE',
};

/** The only change: a browser finds `preact` by its path. An import map would be an inline script. */
function adapted(text) {
  return text.replaceAll('from"preact"', 'from"./preact.js"').replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n');
}

const check = process.argv.includes('--check');
const faults = [];
await mkdir(vendor, { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  const expected = adapted(await readFile(new URL(source, packages), 'utf8'));
  const file = new URL(name, vendor);
  if (!check) {
    await writeFile(file, expected);
  } else if ((await readFile(file, 'utf8').catch(() => null)) !== expected) {
    faults.push(`page/vendor/${name} is not ${source} of the npm package`);
  }
}
for (const name of await readdir(vendor)) {
  if (!(name in FILES)) faults.push(`page/vendor/${name} comes from no package`);
}
if (faults.length > 0) {
  console.error(`${faults.join('\n')}\nrun: npm run vendor`);
  process.exit(1);
}
