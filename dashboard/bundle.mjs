// Makes of `page` what a browser loads: `built/app.js` with Preact and htm, `built/first.js` and `built/style.css`, and what is
// served as it is. With --check it proves instead that `built` is what `page` and the packages make. package-lock.json pins the packages, and esbuild, by hash.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => new URL(path, import.meta.url);

const OPTIONS = {
  absWorkingDir: fileURLToPath(here('.')),
  outdir: 'built',
  bundle: true,
  minify: true,
  format: 'esm',
  // What browsers of 2023 can do.
  target: ['chrome111', 'firefox113', 'safari16.4'],
  legalComments: 'none',
  write: false,
};

/** The browser has this file already: both must have the same answer. */
const firstIsApart = {
  name: 'first-is-apart',
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/first\.js$/ }, ({ path }) => ({ path, external: true })),
};

async function files() {
  const builds = [
    { ...OPTIONS, entryPoints: ['page/first.js'] },
    { ...OPTIONS, entryPoints: { app: 'page/app.js', style: 'page/style/all.css' }, plugins: [firstIsApart] },
  ];
  const outputFiles = (await Promise.all(builds.map(build))).flatMap((built) => built.outputFiles);
  const licences = await Promise.all(
    ['preact', 'htm'].map(async (name) => `${name}\n\n${await readFile(here(`node_modules/${name}/LICENSE`), 'utf8')}`),
  );
  return {
    ...Object.fromEntries(outputFiles.map(({ path, text }) => [path.split('/').pop(), text])),
    'index.html': await readFile(here('page/index.html'), 'utf8'),
    'icon.svg': await readFile(here('page/icon.svg'), 'utf8'),
    'licences.txt': licences.join('\n'),
  };
}

const check = process.argv.includes('--check');
const faults = [];
const made = await files();
if (!check) await mkdir(here('built/'), { recursive: true });
for (const [name, text] of Object.entries(made)) {
  const file = here(`built/${name}`);
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => null)) !== text) faults.push(`built/${name} is not what page makes`);
}
for (const name of (await readdir(here('built/'))).filter((name) => !(name in made))) {
  if (!check) await rm(here(`built/${name}`));
  else faults.push(`built/${name} is made of nothing`);
}
if (faults.length > 0) {
  console.error(`${faults.join('\n')}\nrun: npm run bundle`);
  process.exit(1);
}
