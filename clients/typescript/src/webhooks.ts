/** Signatures of deliveries, as Standard Webhooks describes them (https://www.standardwebhooks.com). */

import { type GivenHeaders, headerOf } from "./headers.js";
import { base64, keysOf, type Secrets } from "./secrets.js";

export type { GivenHeaders, Secrets };

const DEFAULT_TOLERANCE_SECONDS = 300;
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** What a verified request says of itself. The signature covers the id, the time and the body. */
export interface Delivery {
  /** The task's id, the same for every attempt. */
  readonly id: string;
  /** When the attempt sent the request. */
  readonly timestamp: Date;
}

/** The request does not come from a sender that knows a secret, or is too old. Answer it with 401. */
export class InvalidSignature extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvalidSignature";
  }
}

/**
 * Checks that a secret signed exactly this body, at most `toleranceSeconds` ago or ahead (5 minutes).
 *
 * `body` is the bytes that came, before anything parsed them. While one secret replaces another, give both. Throws
 * InvalidSignature, RangeError if there is no secret or one that cannot be read, and TypeError for a body that is text.
 */
export async function verify(
  body: Uint8Array | ArrayBuffer,
  headers: GivenHeaders,
  secrets: Secrets,
  { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now }: { toleranceSeconds?: number; now?: () => number } = {},
): Promise<Delivery> {
  const bytes = bytesOf(body);
  const keys = keysOf(secrets);
  const given = (name: string) => {
    const value = headerOf(headers, name);
    if (value === undefined) {
      throw new InvalidSignature(`the header ${name} is missing`);
    }
    return value;
  };
  const [id, sent, signatures] = [given("webhook-id"), given("webhook-timestamp"), given("webhook-signature")];
  if (!/^\d{1,12}$/.test(sent)) {
    throw new InvalidSignature("webhook-timestamp is not a number of seconds");
  }
  if (Math.abs(now() / 1000 - Number(sent)) > toleranceSeconds) {
    throw new InvalidSignature("webhook-timestamp is too long ago or ahead: do the clocks agree?");
  }
  const signed = signedOf(id, sent, bytes);
  const offered = signatures.split(/\s+/).flatMap((one) => (one.startsWith("v1,") ? (base64(one.slice(3)) ?? []) : []));
  // Compares every pair, so that the time tells nothing. WebCrypto compares in constant time.
  const matches = await Promise.all(
    keys.map(async (key) => {
      const imported = await crypto.subtle.importKey("raw", key, HMAC, false, ["verify"]);
      return Promise.all(offered.map((signature) => crypto.subtle.verify("HMAC", imported, signature, signed)));
    }),
  );
  if (!matches.flat().includes(true)) {
    throw new InvalidSignature("no secret gives this signature: is the body as it came, and the secret the executor's?");
  }
  return { id, timestamp: new Date(Number(sent) * 1000) };
}

/** The headers of a delivery with this body, for tests of a receiver. The time is now unless given. */
export async function sign(
  body: Uint8Array | ArrayBuffer,
  secrets: Secrets,
  { id, timestamp = new Date() }: { id: string; timestamp?: Date },
): Promise<Record<string, string>> {
  const sent = String(Math.floor(timestamp.getTime() / 1000));
  const signed = signedOf(id, sent, bytesOf(body));
  const signatures = await Promise.all(
    keysOf(secrets).map(async (key) => {
      const imported = await crypto.subtle.importKey("raw", key, HMAC, false, ["sign"]);
      const signature = new Uint8Array(await crypto.subtle.sign("HMAC", imported, signed));
      return `v1,${btoa(String.fromCharCode(...signature))}`;
    }),
  );
  return { "webhook-id": id, "webhook-timestamp": sent, "webhook-signature": signatures.join(" ") };
}

function bytesOf(body: Uint8Array | ArrayBuffer): Uint8Array {
  if (body instanceof Uint8Array) {
    return body;
  }
  if (body instanceof ArrayBuffer) {
    return new Uint8Array(body);
  }
  throw new TypeError(`a signature covers the body's bytes as they came, got ${typeof body}`);
}

/** What is signed: id, time and body with dots between. A header carries one byte for each character. */
function signedOf(id: string, sent: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const before = Uint8Array.from(`${id}.${sent}.`, (character) => character.charCodeAt(0));
  const signed = new Uint8Array(before.length + body.length);
  signed.set(before);
  signed.set(body, before.length);
  return signed;
}
