/** What the table of cases does not say of signatures. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { webhooks } from "taskway";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = new TextEncoder().encode('{"user": "ü"}');

test("signatures agree with the published library", async () => {
  const ours = await webhooks.sign(BODY, SECRET, { id: "t1" });
  assert.deepEqual(new Webhook(SECRET).verify(Buffer.from(BODY), ours), { user: "ü" });
  const now = new Date();
  const headers = {
    "webhook-id": "t1",
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Webhook(SECRET).sign("t1", now, Buffer.from(BODY)),
  };
  const verified = await webhooks.verify(BODY, headers, SECRET);
  assert.equal(verified.id, "t1");
  assert.equal(Math.floor(now.getTime() / 1000), verified.timestamp.getTime() / 1000);
});

test("the body may be an ArrayBuffer or a part of one", async () => {
  const whole = new Uint8Array([0, ...BODY, 0]);
  const headers = await webhooks.sign(whole.subarray(1, -1), SECRET, { id: "t1" });
  assert.equal((await webhooks.verify(BODY, headers, SECRET)).id, "t1");
  assert.equal((await webhooks.verify(BODY.buffer, headers, SECRET)).id, "t1");
});

test("the edges of the tolerance", async () => {
  const timestamp = new Date("2026-11-29T10:00:00Z");
  const headers = await webhooks.sign(BODY, SECRET, { id: "t1", timestamp });
  for (const [seconds, valid] of [
    [300, true],
    [-300, true],
    [300.001, false],
    [-300.001, false],
  ] as const) {
    const verified = webhooks.verify(BODY, headers, SECRET, { now: () => timestamp.getTime() + seconds * 1000 });
    await (valid ? verified : assert.rejects(verified, webhooks.InvalidSignature));
  }
});

test("every bit of a signature counts", async () => {
  const headers = await webhooks.sign(BODY, SECRET, { id: "t1" });
  const signature = Buffer.from((headers["webhook-signature"] ?? "").slice(3), "base64");
  for (let bit = 0; bit < signature.length * 8; bit++) {
    const other = Buffer.from(signature);
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const changed = { ...headers, "webhook-signature": `v1,${other.toString("base64")}` };
    await assert.rejects(webhooks.verify(BODY, changed, SECRET), webhooks.InvalidSignature);
  }
});

test("a part of a signature is none", async () => {
  const headers = await webhooks.sign(BODY, SECRET, { id: "t1" });
  for (const part of [
    "",
    "AAAA",
    Buffer.from((headers["webhook-signature"] ?? "").slice(3), "base64")
      .toString("base64")
      .slice(0, 40),
  ]) {
    const cut = { ...headers, "webhook-signature": `v1,${part}` };
    await assert.rejects(webhooks.verify(BODY, cut, SECRET), webhooks.InvalidSignature);
  }
});

for (const secrets of [
  "",
  [],
  " , ",
  "whsec_",
  "whsec_AAAA",
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_%%%%",
  `${SECRET.slice(0, -1)}`,
]) {
  test(`secrets that are none: ${JSON.stringify(secrets)}`, async () => {
    await assert.rejects(webhooks.verify(BODY, {}, secrets), (error) => {
      assert.ok(error instanceof RangeError);
      return error.message.includes("secret") && !error.message.includes("MfKQ9");
    });
  });
}

test("a text is no body", async () => {
  await assert.rejects(webhooks.verify("{}" as never, {}, SECRET), TypeError);
});
