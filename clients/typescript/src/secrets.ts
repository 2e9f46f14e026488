/** The secrets that deliveries are signed with. */

const PREFIX = "whsec_";
const SHORTEST_KEY = 24;
const LONGEST_KEY = 64;

/** One secret, several with spaces or commas between as in TASKWAY_WEBHOOK_SECRETS, or a list. */
export type Secrets = string | readonly string[];

/**
 * The keys of secrets: each is `whsec_` and 24 to 64 bytes in base64, with its padding. Throws RangeError, which never shows a
 * secret.
 */
export function keysOf(secrets: Secrets): ArrayBuffer[] {
  const texts = typeof secrets === "string" ? secrets.split(/[\s,]+/).filter(Boolean) : secrets;
  if (texts.length === 0) {
    throw new RangeError("there is no secret to verify with");
  }
  return texts.map((text, at) => {
    const key = text.startsWith(PREFIX) ? base64(text.slice(PREFIX.length)) : undefined;
    if (key === undefined || key.byteLength < SHORTEST_KEY || key.byteLength > LONGEST_KEY) {
      throw new RangeError(`secret number ${at + 1} is not ${PREFIX} and ${SHORTEST_KEY} to ${LONGEST_KEY} bytes in base64`);
    }
    return key;
  });
}

/** The bytes of base64 with its padding, or undefined. `atob` alone would take more. */
export function base64(text: string): ArrayBuffer | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    return undefined;
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}
