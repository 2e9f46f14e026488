/** Serves an application of handlers with the HTTP server of Node.js. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

/**
 * What `createServer` takes, from a function of `Request` and `Response`: `createServer(listener(app.fetch))`.
 *
 * The request's signal is aborted when the caller goes away.
 */
export function listener(
  handle: (request: Request) => Response | Promise<Response>,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) {
        gone.abort(new DOMException("the caller went away", "AbortError"));
      }
    });
    serve(handle, incoming, outgoing, gone.signal).catch((error: unknown) => {
      if (gone.signal.aborted) {
        return;
      }
      console.error("the request failed", error);
      outgoing.writeHead(500).end();
    });
  };
}

async function serve(
  handle: (request: Request) => Response | Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const response = await handle(requestOf(incoming, signal));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(new Uint8Array(await response.arrayBuffer()));
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", url = "/" } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers.set(name, [value].flat().join(", "));
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  // Only the path counts, and the host may be anything.
  return new Request(`http://localhost${url}`, {
    method,
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" } : {}),
  } as RequestInit);
}
