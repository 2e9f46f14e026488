/** A proxy before the API and its bucket that makes the faults of `cases.json`, and remembers the requests. */

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";

export interface Fault {
  fault: "pass" | "close_before" | "close_after" | "close_within" | "answer" | "answer_after";
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  and_so_on?: boolean;
}

export interface Sent {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

const SIGNED = "X-Amz-Signature";
/** The bucket in a signed URL. */
const BUCKET = /http:\/\/[^/"]+(?=\/[^"]*X-Amz-Signature)/g;

/**
 * Passes requests on to `url`. The first request gets the first of `faults`, and so on. Later ones pass. Signed URLs in answers
 * lead here, too, and from here to the bucket.
 */
export class FaultProxy {
  readonly sent: Sent[] = [];
  readonly #url: string;
  #bucket = "";
  readonly #faults: Fault[];
  readonly #server: Server;

  private constructor(url: string, faults: readonly Fault[]) {
    this.#url = url;
    this.#faults = [...faults];
    this.#server = createServer((incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch((error: unknown) => {
        console.error(error);
        outgoing.destroy();
      });
    });
  }

  static async start(url: string, faults: readonly Fault[] = []): Promise<FaultProxy> {
    const proxy = new FaultProxy(url, faults);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #next(): Fault {
    const [first] = this.#faults;
    return (first?.and_so_on ? first : this.#faults.shift()) ?? { fault: "pass" };
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bytesOf(incoming);
    const { method = "", url: path = "", headers } = incoming;
    this.sent.push({ method, path, headers, body: body.toString() });
    const fault = this.#next();
    if (fault.fault === "close_before") {
      outgoing.destroy();
      return;
    }
    if (fault.fault === "answer") {
      send(outgoing, answerOf(fault));
      return;
    }
    const answer = await this.#passedOn(path, method, headers, body);
    switch (fault.fault) {
      case "answer_after":
        return send(outgoing, answerOf(fault));
      case "close_after":
        outgoing.destroy();
        return;
      case "close_within":
        outgoing.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
        outgoing.write(answer.body.subarray(0, answer.body.length / 2), () => outgoing.destroy());
        return;
      case "pass":
        return send(outgoing, answer);
    }
  }

  async #passedOn(path: string, method: string, headers: IncomingMessage["headers"], body: Buffer): Promise<Answer> {
    if (path.includes(SIGNED)) {
      return passedOn(this.#bucket + path, method, headers, body);
    }
    const answer = await passedOn(this.#url + path, method, headers, body);
    const [bucket] = answer.body.toString().match(BUCKET) ?? [];
    if (bucket === undefined) {
      return answer;
    }
    this.#bucket = bucket;
    return { ...answer, body: Buffer.from(answer.body.toString().replace(BUCKET, this.url)) };
  }
}

function answerOf({ status = 200, headers = {}, body }: Fault): Answer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(text) };
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, { ...headers, "content-length": body.length }).end(body);
}

function passedOn(url: string, method: string, headers: IncomingMessage["headers"], body: Buffer): Promise<Answer> {
  const { host: _, connection: __, ...kept } = headers;
  return new Promise((resolve, reject) => {
    const passed = request(url, { method, headers: kept, agent: false }, (answer) => {
      const { connection: _, "transfer-encoding": __, ...rest } = answer.headers;
      bytesOf(answer).then((bytes) => resolve({ status: answer.statusCode ?? 0, headers: rest, body: bytes }), reject);
    });
    passed.on("error", reject);
    passed.end(body);
  });
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
