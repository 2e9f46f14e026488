/**
 * Uploads and downloads: what goes to the bucket of large payloads and results, and not to the API. The API signs the URL of such a
 * request, so it has no token and no signature of the client's own.
 */

import { Problem } from "./errors.js";
import { hex } from "./hex.js";
import type { Sender } from "./sender.js";
import type { Task, TaskRef } from "./task.js";
import type * as wire from "./wire.js";

/** What can be uploaded. A text is sent as UTF-8. */
export type Uploadable = Blob | ArrayBuffer | Uint8Array | string;
/** What of a task is downloaded. */
export type Part = "result" | "payload";

type Signal = AbortSignal | undefined;

/** Uploads, and returns the `payload_ref`. `ask` asks the API how. */
export async function uploaded(
  sender: Sender,
  ask: (asked: wire.UploadRequest) => Promise<wire.Upload>,
  data: Uploadable,
  signal: Signal,
): Promise<string> {
  const body = await bytesOf(data);
  const asked = { bytes: body.byteLength, sha256: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", body))) };
  return withFreshUrl(async () => {
    const { payload_ref, upload } = await ask(asked);
    // `fetch` makes this header of the body, and lets nobody else set it.
    const { "content-length": _, ...headers } = upload.headers;
    return async () => {
      await sender.send({ method: upload.method, url: upload.url, headers, body, signal });
      return payload_ref;
    };
  });
}

/** Downloads a part of a task. `get` asks the API for the task as it is now. */
export async function downloaded(
  sender: Sender,
  task: TaskRef,
  get: () => Promise<Task>,
  part: Part,
  signal: Signal,
): Promise<Blob> {
  let known = typeof task === "string" ? undefined : urlOf(task as Partial<Task>, part);
  return withFreshUrl(async () => {
    const url = known ?? urlOf(await get(), part);
    known = undefined;
    if (!url) {
      throw new RangeError(`the task has no ${part}Url: \`${part}\` has what fits an answer, once it is there`);
    }
    return async () => (await sender.send({ method: "GET", url, signal })).blob as Blob;
  });
}

/** Makes a transfer, and once more with a new URL if the bucket refuses the first, which may have expired. */
async function withFreshUrl<T>(prepare: () => Promise<() => Promise<T>>): Promise<T> {
  const transfer = await prepare();
  try {
    return await transfer();
  } catch (error) {
    // S3 says 403 for a URL that has expired, and 400 if the credentials that signed it have. An object may have moved.
    if (!(error instanceof Problem && ([403, 404].includes(error.status) || error.title === "ExpiredToken"))) {
      throw error;
    }
  }
  return (await prepare())();
}

async function bytesOf(data: Uploadable): Promise<ArrayBuffer | Uint8Array<ArrayBuffer>> {
  if (typeof data === "string") {
    return new TextEncoder().encode(data);
  }
  return data instanceof Blob ? data.arrayBuffer() : (data as ArrayBuffer | Uint8Array<ArrayBuffer>);
}

function urlOf({ resultUrl, payloadUrl }: Partial<Task>, part: Part): string | undefined {
  return (part === "result" ? resultUrl : payloadUrl) ?? undefined;
}
