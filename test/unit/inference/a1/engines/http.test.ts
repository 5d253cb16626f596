// One connection's life under our rules, against servers of a few lines that break them.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { EngineFault } from "../../../../../src/inference/a1/engine.ts";
import { HttpClient } from "../../../../../src/inference/a1/engines/http.ts";
import { type Clock, systemClock } from "../../../../../src/inference/clock.ts";

const never = new AbortController().signal;
const call = { method: "POST", path: "/work", body: { a: 1 } } as const;

interface Stage {
  readonly client: HttpClient;
  readonly sockets: readonly Socket[];
}

async function onStage(
  answer: (response: ServerResponse, request: IncomingMessage, ordinal: number) => void,
  play: (stage: Stage) => Promise<void>,
  more: { readonly clock?: Clock; readonly maxAnswerBytes?: number } = {},
): Promise<void> {
  let ordinal = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => answer(response, request, ordinal++));
  });
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = new HttpClient({
    baseUrl: `http://127.0.0.1:${port}`,
    apiKey: "secret-0123456789",
    timeoutMs: 60_000,
    maxAnswerBytes: 1_000_000,
    clock: systemClock,
    ...more,
  });
  try {
    await play({ client, sockets });
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
}

async function faultOf(work: Promise<unknown>): Promise<EngineFault> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof EngineFault) return error;
  throw new Error(`expected an EngineFault, found ${String(error)}`);
}

const streamHead = { "content-type": "text/event-stream" };

describe("http to model servers", () => {
  it("carries hundreds of streams at once and keeps their connections", async () => {
    const waiting: ServerResponse[] = [];
    const count = 300;
    const answer = (response: ServerResponse): void => {
      response.writeHead(200, streamHead);
      waiting.push(response);
      // Nobody gets a word before all are there: with fewer connections than streams this would never end.
      if (waiting.length < count) return;
      for (const each of waiting.splice(0)) each.end('data: {"n":1}\n\ndata: {"end":true}\n\n');
    };
    await onStage(answer, async ({ client, sockets }) => {
      const streamOnce = async (): Promise<number> => {
        let events = 0;
        await client.events(
          call,
          (json) => {
            events += 1;
            return JSON.stringify(json) === '{"end":true}';
          },
          never,
        );
        return events;
      };
      const all = () => Promise.all(Array.from({ length: count }, streamOnce));
      expect(new Set(await all())).toEqual(new Set([2]));
      expect(new Set(await all())).toEqual(new Set([2]));
      expect(sockets.length).toBeLessThan(count * 1.5);
    });
  });

  it("rejects an abort only when its connection is closed", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    await onStage(
      (response) => {
        response.writeHead(200, streamHead);
        response.write("data: {}\n\n");
        if (response.socket !== null) closed = once(response.socket, "close");
      },
      async ({ client }) => {
        const leave = new AbortController();
        const work = client.events(
          call,
          () => {
            leave.abort(new Error("enough"));
            return false;
          },
          leave.signal,
        );
        await expect(work).rejects.toThrow("enough");
        await closed;
      },
    );
  });

  it("counts an answer that said it was done, though its server never ends it", async () => {
    const lingering: Clock = {
      ...systemClock,
      after: (ms, action) => systemClock.after(ms === 1_000 ? 1 : ms, action),
    };
    await onStage(
      (response) => {
        response.writeHead(200, streamHead);
        response.write('data: {"done":true}\n\n');
      },
      async ({ client }) => {
        await client.events(call, () => true, never);
      },
      { clock: lingering },
    );
  });

  it("refuses more bytes than it may be sent", async () => {
    await onStage(
      (response) => response.end("x".repeat(2_000)),
      async ({ client }) => {
        const fault = await faultOf(client.text(call, never));
        expect([fault.code, fault.retryable]).toEqual(["bad-response", false]);
        expect(fault.message).toContain("1000 bytes");
      },
      { maxAnswerBytes: 1_000 },
    );
  });

  it("sends once more what went into a connection that the server had just closed", async () => {
    await onStage(
      (response, _request, ordinal) => {
        // Answers the first, and closes the connection under the second without a word, as idle servers do.
        if (ordinal === 1) response.socket?.destroy();
        else response.end(JSON.stringify({ ordinal }));
      },
      async ({ client, sockets }) => {
        expect(await client.json(call, never)).toEqual({ ordinal: 0 });
        expect(await client.json(call, never)).toEqual({ ordinal: 2 });
        expect(sockets.length).toBe(2);
      },
    );
  });

  it("does not send again what broke on a new connection", async () => {
    await onStage(
      (response) => response.socket?.destroy(),
      async ({ client, sockets }) => {
        const fault = await faultOf(client.json(call, never));
        expect([fault.code, fault.retryable]).toEqual(["unreachable", true]);
        expect(sockets.length).toBe(1);
      },
    );
  });

  it("says that nobody listens", async () => {
    const client = new HttpClient({
      baseUrl: "http://127.0.0.1:1",
      timeoutMs: 60_000,
      maxAnswerBytes: 1_000,
      clock: systemClock,
    });
    const fault = await faultOf(client.json(call, never));
    expect(fault.code).toBe("unreachable");
    expect(fault.message).toContain("POST http://127.0.0.1:1/work: expected an answer, found");
  });

  it.each([
    ['{"error":{"message":"too many","code":429}}', "overloaded"],
    ['{"object":"error","message":"the queue is full","code":503}', "overloaded"],
    ['{"error":{"message":"no idea"}}', "server-error"],
    ['{"error":{"message":"maximum context length is 5","code":400}}', "context-overflow"],
  ])("believes an error in an answer of status 200: %s", async (body, code) => {
    await onStage(
      (response) => response.end(body),
      async ({ client }) => expect((await faultOf(client.json(call, never))).code).toBe(code),
    );
    await onStage(
      (response) => {
        response.writeHead(200, streamHead);
        response.end(`data: ${body}\n\n`);
      },
      async ({ client }) => expect((await faultOf(client.events(call, () => false, never))).code).toBe(code),
    );
  });

  it("does not take an answer of another kind for a stream", async () => {
    await onStage(
      (response) => response.end('{"choices":[]}'),
      async ({ client }) => {
        const fault = await faultOf(client.events(call, () => true, never));
        expect(fault.message).toContain("expected a stream of events");
      },
    );
  });

  it("takes a stream that ends too early for none", async () => {
    for (const body of ["data: {}\n\n", "data: {}\n\ndata: [DONE]\n\n"]) {
      await onStage(
        (response) => {
          response.writeHead(200, streamHead);
          response.end(body);
        },
        async ({ client }) => {
          const fault = await faultOf(client.events(call, () => false, never));
          expect([fault.code, fault.retryable]).toEqual(["bad-response", true]);
        },
      );
    }
  });

  it("hands an error of the caller's own through as it is", async () => {
    const bug = new TypeError("a bug of ours");
    await onStage(
      (response) => {
        response.writeHead(200, streamHead);
        response.end("data: {}\n\n");
      },
      async ({ client }) => {
        const work = client.events(
          call,
          () => {
            throw bug;
          },
          never,
        );
        await expect(work).rejects.toBe(bug);
      },
    );
  });
});
