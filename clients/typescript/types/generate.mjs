/**
 * Makes ../src/openapi.ts from docs/openapi.json: generate.mjs [--check]
 *
 * With --check it writes nothing, and fails if the file differs from what the document gives.
 */

import { readFileSync, writeFileSync } from "node:fs";
import openapiTypes, { astToString } from "openapi-typescript";
import ts from "typescript";

const DOCUMENT = new URL("../../../docs/openapi.json", import.meta.url);
const TYPES = new URL("../src/openapi.ts", import.meta.url);
const HEAD = `/** The types of docs/openapi.json. \`npm run types\` makes this file. */

declare const time: unique symbol;
/** A time, as RFC 3339 writes it. The mark is for the compiler alone: it tells times from other texts. */
export type Time = string & { readonly [time]: true };

`;

/** The document without the examples of whole bodies, which would be most of the file. */
const document = JSON.parse(readFileSync(DOCUMENT, "utf8"), (name, value) =>
  /^application\//.test(name) ? { schema: value.schema } : value,
);

const made =
  HEAD +
  astToString(
    await openapiTypes(document, {
      // A request may leave out what has a default.
      defaultNonNullable: false,
      transform: ({ format, type }) => {
        if (format !== "date-time") {
          return undefined;
        }
        const time = ts.factory.createTypeReferenceNode("Time");
        const none = ts.factory.createLiteralTypeNode(ts.factory.createNull());
        return [type].flat().includes("null") ? ts.factory.createUnionTypeNode([time, none]) : time;
      },
    }),
  );

if (!process.argv.includes("--check")) {
  writeFileSync(TYPES, made);
} else if (readFileSync(TYPES, "utf8") !== made) {
  console.error("src/openapi.ts differs from what docs/openapi.json gives: run `npm run types`, then `npm test`");
  process.exitCode = 1;
}
