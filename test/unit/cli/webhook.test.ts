// The webhook of a run's end, against a real server: signed, tried again, cut off in time, and never followed elsewhere.
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { exitCodes } from "../../../src/cli/exit.ts";
import { endingJson, tellWebhook, type Webhook, webhookOf } from "../../../src/cli/webhook.ts";
import { UsageError } from "../../../src/domain/fault.ts";
import { makeBoard } from "../../../src/report/index.ts";
import { battle, round, settings } from "../report/rows.ts";

const source = {
  name: "run",
  settings,
  sandbox: "docker",
  sampling: [],
  rounds: [round()],
  calls: [],
  battles: [battle(1)],
};
const board = makeBoard([source], { resamples: 20 });
const ending = {
  runFolder: "/somewhere/runs/spring",
  exit: exitCodes.done,
  board,
  ledger: { seq: 7, hash: "ab".repeat(32) },
};

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers each request as the next of these; the last one's again when there are no more. */
async function serving(...answers: ((response: ServerResponse) => void)[]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      (answers[received.length - 1] ?? answers.at(-1))?.(response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/hook/a-token`), received };
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(code, headers).end("whatever");
  };
const silence = () => {};

async function tell(webhook: Webhook, over: { readonly timeoutMs?: number } = {}) {
  const notes: string[] = [];
  const slept: number[] = [];
  const told = await tellWebhook(webhook, ending, {
    ...{ now: () => 1_700_000_000_500, id: "run_1", note: (line) => notes.push(line), timeoutMs: 5_000 },
    sleep: async (ms) => {
      slept.push(ms);
    },
    ...over,
  });
  return { told, notes, slept };
}

describe("a webhook", () => {
  it("is told what became of the run, once, and how far its ledger goes", async () => {
    const { url, received } = await serving(status(204));
    expect(await tell({ url })).toEqual({ told: true, notes: [], slept: [] });
    expect(received).toHaveLength(1);
    expect(received[0]?.headers).toMatchObject({ "content-type": "application/json", "webhook-id": "run_1" });
    expect(received[0]?.headers["webhook-signature"]).toBeUndefined();
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
      ...{ schemaVersion: 1, type: "run.finished", timestamp: "2023-11-14T22:13:20.500Z" },
      data: {
        ...{ run: "spring", exit: 0, ledger: ending.ledger },
        board: {
          instances: 1,
          rounds: { planned: 2, recorded: 1 },
          contestants: [{ id: expect.any(String) }, {}],
        },
      },
    });
    expect((received[0]?.body ?? "").length).toBeLessThan(3_000);
    expect(endingJson({ ...ending, exit: exitCodes.fault, fault: "quota-exhausted" }, 0).data).toMatchObject({
      ...{ exit: 3, fault: "quota-exhausted" },
    });
  });

  it("is signed as the Standard Webhooks specification has it", async () => {
    for (const [secret, key] of [
      ["a plain secret", Buffer.from("a plain secret")],
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64")],
    ] as const) {
      const { url, received } = await serving(status(200));
      await tell({ url, secret });
      const { headers, body } = received[0] ?? { headers: {}, body: "" };
      expect(headers["webhook-timestamp"]).toBe("1700000000");
      const mac = createHmac("sha256", key).update(`run_1.1700000000.${body}`).digest("base64");
      expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
    }
  });

  it("is tried again, so many times and no more, when its server fails", async () => {
    const mended = await serving(status(500), status(503), status(200));
    expect(await tell(mended)).toEqual({ told: true, notes: [], slept: [1_000, 4_000] });
    const ids = mended.received.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids)).toEqual(new Set(["run_1"]));
    const broken = await serving(status(500));
    const { told, notes } = await tell(broken);
    expect(told).toBe(false);
    expect(broken.received).toHaveLength(3);
    expect(notes).toEqual([
      expect.stringMatching(
        /^the webhook at http:\/\/127\.0\.0\.1:\d+ was not told, tried 3 times: it answered 500/,
      ),
    ]);
    expect(notes.join()).not.toContain("a-token");
  });

  it("is not tried again when it refuses", async () => {
    const { url, received } = await serving(status(403));
    expect((await tell({ url })).notes.join()).toContain("tried once: it answered 403");
    expect(received).toHaveLength(1);
  });

  it("is left alone when it hangs", async () => {
    const { url, received } = await serving(silence);
    const { told, notes } = await tell({ url }, { timeoutMs: 50 });
    expect(told).toBe(false);
    expect(received.length).toBeGreaterThan(0);
    expect(notes.join()).toContain("no answer in 50 ms");
  });

  it("is not followed to another host", async () => {
    const elsewhere = await serving(status(200));
    const { url } = await serving(status(307, { location: elsewhere.url.href }));
    const { told, notes } = await tell({ url, secret: "s" });
    expect(told).toBe(false);
    expect(notes.join()).toContain("it answered 307");
    expect(elsewhere.received).toEqual([]);
  });

  it("may be where nobody listens", async () => {
    const { url } = await serving(status(200));
    for (const server of servers.splice(0)) server.close();
    const { told, notes } = await tell({ url });
    expect(told).toBe(false);
    expect(notes.join()).toContain("ECONNREFUSED");
  });
});

describe("what is typed", () => {
  const secretIn = (name: string) => (name === "SET" ? "secret" : undefined);

  it("is an address, and the name of a variable", () => {
    expect(webhookOf({}, secretIn)).toBeUndefined();
    expect(webhookOf({ webhook: "https://example.org/x?token=1" }, secretIn)?.url.host).toBe("example.org");
    expect(webhookOf({ webhook: "http://localhost:1", webhookSecretEnv: "SET" }, secretIn)?.secret).toBe(
      "secret",
    );
  });

  it.each([
    [{ webhook: "example.org" }, /--webhook: expected an http or https address/],
    [{ webhook: "file:///etc/passwd" }, /--webhook: expected an http/],
    [{ webhook: "https://user:word@example.org" }, /without a user and password$/],
    [
      { webhook: "https://example.org", webhookSecretEnv: "UNSET" },
      /expected a secret in UNSET, which is not set/,
    ],
    [{ webhookSecretEnv: "SET" }, /expected --webhook <url> beside it/],
  ])("is refused before anything is played (%#)", (options, message) => {
    expect(() => webhookOf(options, secretIn)).toThrow(UsageError);
    expect(() => webhookOf(options, secretIn)).toThrow(message);
  });
});
