/** The package as others get it: from a clean checkout, small, and for every platform. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { checkedOut, compile, ran } from "./programs.js";
import { freePorts, PACKAGE, ROOT, SECRET, startedStack } from "./stack.js";

const KIB = 1024;
const MOST_BYTES = 12 * KIB;

/** The package as bundlers make it for a browser. They find nothing there that is Node.js's own. */
async function bundled(source: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: PACKAGE },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
  });
  return outputFiles[0]?.contents ?? assert.fail("there is no bundle");
}

test("everything takes 12 KiB at most, minified and compressed", async (context) => {
  const all = gzipSync(await bundled('export * from "./dist/index.js"'), { level: 9 }).length;
  const client = gzipSync(await bundled('export { Taskway } from "./dist/index.js"'), { level: 9 }).length;
  context.diagnostic(`everything takes ${all} bytes, the client alone ${client}`);
  assert.ok(all <= MOST_BYTES, `${all} bytes`);
  assert.ok(client < all, "a bundler cannot leave the handlers out");
});

test("the package needs no other, and its lock file names no registry", () => {
  const manifest = JSON.parse(readFileSync(`${PACKAGE}package.json`, "utf8"));
  assert.deepEqual([manifest.dependencies, manifest.peerDependencies], [undefined, undefined]);
  const pinned: string[] = Object.values(manifest.devDependencies);
  assert.ok(pinned.every((version) => /^\d+\.\d+\.\d+$/.test(version)));
  const lock = readFileSync(`${PACKAGE}package-lock.json`, "utf8");
  const packages = Object.entries<Record<string, unknown>>(JSON.parse(lock).packages).filter(([name]) => name);
  assert.ok(packages.length > pinned.length);
  assert.ok(packages.every(([, { integrity, resolved }]) => integrity && resolved === undefined));
  assert.ok(!/registry/i.test(lock));
});

describe("a clean checkout", () => {
  const stack = startedStack();
  const folder = mkdtempSync(`${tmpdir()}/taskway-`);
  before(async () => {
    checkedOut(PACKAGE, `${folder}/clients/typescript`);
    checkedOut(`${ROOT}examples/typescript`, `${folder}/examples/typescript`);
    const [install] = /^npm ci(?:.|\n)*?(?=^```$)/m.exec(readFileSync(`${PACKAGE}README.md`, "utf8")) ?? [];
    await ran("bash", ["-ec", install ?? "false"], folder, { npm_config_prefer_offline: "true" });
  });
  after(() => rmSync(folder, { recursive: true }));

  test("the package is installed by the README's commands", async () => {
    const program = 'console.log(Object.keys(await import("taskway")).includes("Taskway"))';
    assert.equal(await ran(process.execPath, ["--input-type=module", "-e", program], folder), "true\n");
  });

  test("it has what it declares, and nothing else", async () => {
    const packed = await ran("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], `${folder}/clients/typescript`);
    const files: string[] = JSON.parse(packed)[0].files.map(({ path }: { path: string }) => path);
    for (const file of ["README.md", "package.json", "dist/index.js", "dist/index.d.ts", "dist/node.js", "dist/node.d.ts"]) {
      assert.ok(files.includes(file), file);
    }
    assert.deepEqual(files.filter((file) => !/^(?:dist|src)\/[a-z]+\.(?:js|d\.ts|ts|js\.map|d\.ts\.map)$/.test(file)).sort(), [
      "README.md",
      "package.json",
    ]);
  });

  test("the example runs", async () => {
    const example = `${folder}/examples/typescript`;
    await ran("npm", ["install", "--prefix", "examples/typescript"], folder, { npm_config_prefer_offline: "true" });
    await compile(example, "../../clients/typescript/tsconfig.json");
    const [port] = await freePorts(1);
    const environment = { TASKWAY_URL: stack.url, TASKWAY_WEBHOOK_SECRETS: SECRET, PORT: String(port) };
    const printed = await ran(process.execPath, ["welcome.js"], example, environment);
    assert.deepEqual(
      printed
        .trim()
        .split("\n")
        .map((line) => line.split(" ").slice(1).join(" ")),
      Array.from({ length: 10 }, (_, user) => `succeeded welcome, user ${user}`),
    );
  });
});
