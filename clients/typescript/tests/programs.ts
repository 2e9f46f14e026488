/** Programs as a reader of the documents writes them: compiled strictly, then run. */

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { PACKAGE } from "./stack.js";

/** Makes a folder within `build` with these files, and compiles them. There `taskway` is this package. */
export async function compiled(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = `${PACKAGE}build/${name}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(`${folder}/${file}`, text);
  }
  await compile(folder, "../../tsconfig.json");
  return folder;
}

/** Compiles the programs of a folder, and leaves their JavaScript beside them. */
export async function compile(folder: string, base: string): Promise<void> {
  const options = { compilerOptions: { rewriteRelativeImportExtensions: true, moduleDetection: "force" } };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ extends: base, ...options, include: ["*.ts"] }));
  await ran(process.execPath, [`${PACKAGE}node_modules/typescript/bin/tsc`, "-p", folder], folder);
}

/** What a program prints. Rejects if it fails. */
export async function ran(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const program = spawn(command, args, { cwd, env: { ...process.env, ...environment }, timeout: 120_000 });
  let said = "";
  for (const stream of [program.stdout, program.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const code = await new Promise((resolve, reject) => program.once("close", resolve).once("error", reject));
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${said}`);
  }
  return said;
}

/** Copies a folder of the repository as a clean checkout has it. */
export function checkedOut(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !["node_modules", "dist", "build"].includes(basename(path)) });
}
