#!/usr/bin/env bash
# json-bigint with `useNativeBigInt`, which reads integers of any size: can it read 3.141592653589793?
# We expected the number, since the option is about integers, and 3.1415926535897 is read. Any number that is written with more than 15
# characters is handed to BigInt, which throws for a fraction. So a document with a measured value, as JSON.stringify writes it, is
# refused, or not, by the number of its digits. And 1796126400000000, which a number holds exactly, becomes a BigInt.
# Payloads and results are any JSON, with integers that a number cannot hold. Taskway's client for TypeScript makes a bigint of just those
# integers (clients/typescript/README.md). Who calls the API with this package instead meets it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund json-bigint@1.0.0 >/dev/null

cat >read.mjs <<'JS'
import JsonBigint from "json-bigint";
const native = JsonBigint({ useNativeBigInt: true });
for (const text of ["12345678901234567890", "3.1415926535897", JSON.stringify(Math.PI), "1796126400000000"]) {
  try {
    const value = native.parse(text);
    console.log(`${text}: ${typeof value} ${value}`);
  } catch (error) {
    console.log(`${text}: ${error.name}`);
  }
}
JS
seen=$(node read.mjs)
echo "json-bigint $(node -p "require('json-bigint/package.json').version"); expected: a bigint of the first alone, and numbers of the others"
echo "$seen"
[ "$seen" = '12345678901234567890: bigint 12345678901234567890
3.1415926535897: number 3.1415926535897
3.141592653589793: SyntaxError
1796126400000000: bigint 1796126400000000' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: long fractions are refused'
