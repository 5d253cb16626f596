// Speaking to a run over a real socket: the owner's alone, in folders of any length, past dead and hostile ones.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlAnswer, ControlRequest } from "../../../../src/arena/running/control.ts";
import { askRun } from "../../../../src/arena/running/control-client.ts";
import { controlFolder, socketOf } from "../../../../src/arena/running/control-folder.ts";
import { serveControl } from "../../../../src/arena/running/control-server.ts";
import type { RunStatus } from "../../../../src/arena/running/status.ts";

const status: RunStatus = {
  ...{ state: "playing", workers: 1, battles: { planned: 1, played: 0 }, unsound: [] },
  ...{ rounds: { played: 0, void: 0 }, seconds: 0, inPlay: [], contestants: [] },
  ...{ timeLeft: { kind: "unknown", because: "x" }, spent: { usd: 0, tokens: 0 }, limit: {} },
};

let run: string;
let asked: ControlRequest[];
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), "arena-control-"));
  asked = [];
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

const act = (request: ControlRequest): ControlAnswer => {
  asked.push(request);
  return { ok: true, said: `did ${request.do}`, status };
};

const inWords = (text: string) =>
  askRun(run, { do: "status" }).then(
    (answer) => `${text}: ${answer.ok}`,
    (error: Error) => error.message,
  );

describe("a run that listens", () => {
  it("does what it is asked and answers with its status", async () => {
    await using _ = await serveControl(run, act);
    expect(await askRun(run, { do: "pause" })).toEqual({ ok: true, said: "did pause", status });
    await askRun(run, { do: "workers", workers: 3 });
    await askRun(run, { do: "cancel", now: true });
    expect(asked).toEqual([{ do: "pause" }, { do: "workers", workers: 3 }, { do: "cancel", now: true }]);
  });

  it("can be reached in a folder whose path is longer than an address of a socket may be", async () => {
    run = join(run, "a-long-name".repeat(10), "another".repeat(20));
    mkdirSync(run, { recursive: true });
    await using _ = await serveControl(run, act);
    expect(await askRun(run, { do: "status" })).toMatchObject({ ok: true });
  });

  it("lets nobody but its owner in, and mends a folder of its own that did", async () => {
    mkdirSync(controlFolder(run), { mode: 0o777 });
    chmodSync(controlFolder(run), 0o777);
    await using _ = await serveControl(run, act);
    expect(statSync(controlFolder(run)).mode & 0o777).toBe(0o700);
  });

  it("takes the place of a socket that a dead process left, and leaves none behind", async () => {
    mkdirSync(controlFolder(run), { mode: 0o700 });
    writeFileSync(socketOf(run), "not even a socket");
    const server = await serveControl(run, act);
    expect(await askRun(run, { do: "status" })).toMatchObject({ ok: true });
    await server[Symbol.asyncDispose]();
    expect(existsSync(socketOf(run))).toBe(false);
    expect(await inWords("after")).toContain("no process listens");
  });

  it.each([
    ["no JSON", "hello\n", /one line of JSON/],
    ["another version", '{"version":2,"asked":{"do":"pause"}}\n', /takes control version 1/],
    ["something unknown", '{"version":1,"asked":{"do":"explode"}}\n', /not this request/],
    ["no end", "x".repeat(5000), /at most 4096 bytes/],
  ])("refuses %s and goes on listening", async (_, text, because) => {
    await using _server = await serveControl(run, act);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(socketOf(run), () => socket.write(text));
      let said = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
      });
      socket.on("error", reject).on("close", () => resolve(said));
    });
    expect(JSON.parse(answer)).toMatchObject({ ok: false, because: expect.stringMatching(because) });
    expect(asked).toEqual([]);
    expect(await askRun(run, { do: "status" })).toMatchObject({ ok: true });
  });

  it("outlives who hangs up in the middle", async () => {
    await using _ = await serveControl(run, act);
    await new Promise<void>((resolve) => {
      const socket = createConnection(socketOf(run), () => {
        socket.write('{"version":1');
        socket.destroy();
      });
      socket.on("error", () => undefined).on("close", () => resolve());
    });
    expect(await askRun(run, { do: "status" })).toMatchObject({ ok: true });
  });
});

describe("a run that does not", () => {
  it("is told from one that never was", async () => {
    expect(await inWords("never")).toContain("no process listens");
    mkdirSync(controlFolder(run), { mode: 0o700 });
    expect(await inWords("no socket")).toContain("no process listens");
    writeFileSync(socketOf(run), "");
    expect(await inWords("no socket but a file")).toContain("no process listens");
  });

  it("is not asked where others may enter its folder, or where that is a link", async () => {
    mkdirSync(controlFolder(run), { mode: 0o755 });
    chmodSync(controlFolder(run), 0o755);
    expect(await inWords("open")).toMatch(
      /expected a folder of your own that nobody else may enter, found .*755/,
    );
    rmSync(controlFolder(run), { recursive: true });
    symlinkSync(tmpdir(), controlFolder(run));
    expect(await inWords("link")).toContain("found no folder");
    await expect(serveControl(run, act)).rejects.toThrow("found no folder");
  });
});

describe("something else that listens there", () => {
  let impostor: Server;
  afterEach(() => new Promise((resolve) => impostor.close(resolve)));

  const answering = (text: string) =>
    new Promise<void>((resolve) => {
      mkdirSync(controlFolder(run), { mode: 0o700 });
      impostor = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(text));
      }).listen(socketOf(run), resolve);
    });

  it.each([
    ["", "hung up without an answer"],
    ["{}\n", "does not answer as this release of arena does"],
    ["\u001b[2J\n", "does not answer as this release"],
    ["x".repeat(1_000_001), "answers without an end"],
    [
      `${JSON.stringify({ ok: true, said: "x", status: { ...status, workers: "many" } })}\n`,
      "does not answer as",
    ],
  ])("is not believed: %#", async (text, said) => {
    await answering(text);
    expect(await inWords("impostor")).toContain(said);
  });
});
