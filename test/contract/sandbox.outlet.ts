// What a sandbox with an outlet promises: one port leads to one socket of the host, and nothing else leads anywhere.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Outlet } from "../../sandboxes/index.ts";
import {
  openSandbox,
  processesLeft,
  python,
  run,
  type SandboxUnderTest,
  shell,
  text,
} from "../support/sandbox-case.ts";

const port = 4871;

interface Listening extends AsyncDisposable {
  readonly outlet: Outlet;
}

async function listening(server: Server): Promise<Listening> {
  const folder = mkdtempSync(join(tmpdir(), "arena-outlet-"));
  chmodSync(folder, 0o755);
  const socket = join(folder, "socket");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  chmodSync(socket, 0o666);
  return {
    outlet: { socket, port },
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server && typeof server.closeAllConnections === "function")
          server.closeAllConnections();
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Says back what was sent, with its length in front. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  response.end(Buffer.concat([Buffer.from(`${body.length} `), body]));
}

const post = (bytes: number) => `
import urllib.request
body = b"x" * ${bytes}
answer = urllib.request.urlopen("http://127.0.0.1:${port}/", body, 30).read()
print(len(answer), answer[:20].split()[0].decode())`;

export function sandboxOutlet(under: SandboxUnderTest): void {
  describe("an outlet", () => outletCases(under));
}

function outletCases(under: SandboxUnderTest): void {
  it("carries requests and answers of any size, many at once", async () => {
    await using server = await listening(createHttp((request, response) => void echo(request, response)));
    await using sandbox = await openSandbox(under, { network: server.outlet });
    expect(text(await python(sandbox, post(3)))).toBe("5 3\n");
    expect(text(await python(sandbox, post(5_000_000)))).toBe("5000008 5000000\n");
    const many = `
from concurrent.futures import ThreadPoolExecutor
import urllib.request
def ask(n): return urllib.request.urlopen("http://127.0.0.1:${port}/", b"y" * n, 60).read() == b"%d " % n + b"y" * n
print(all(ThreadPoolExecutor(20).map(ask, range(20000, 20100))))`;
    expect(text(await python(sandbox, many))).toBe("True\n");
  });

  it("is there for every command, and for none of another sandbox", async () => {
    await using server = await listening(createHttp((request, response) => void echo(request, response)));
    await using sandbox = await openSandbox(under, { network: server.outlet });
    await using other = await openSandbox(under);
    for (const _ of [1, 2]) expect(text(await python(sandbox, post(1)))).toBe("3 1\n");
    const closed = await python(other, post(1));
    expect(closed.outcome).toEqual({ kind: "exited", code: 1 });
    expect(closed.stderr.toString("utf8")).toContain("Connection refused");
  });

  it("opens no other way: no other port, no route, no name", async () => {
    await using server = await listening(createHttp((request, response) => void echo(request, response)));
    await using sandbox = await openSandbox(under, { network: server.outlet });
    const program = `
import socket
def tried(address):
    try:
        socket.create_connection(address, 3).close()
        return "open"
    except OSError as error:
        return type(error).__name__
print(tried(("127.0.0.1", ${port})), tried(("127.0.0.1", ${port + 1})), tried(("10.0.2.2", 80)), tried(("example.org", 80)))
print(open("/proc/net/route").read().strip().count("\\n"))`;
    const said = text(await python(sandbox, program)).split("\n");
    expect(said[0]).toMatch(/^open ConnectionRefusedError (OSError|TimeoutError) gaierror$/);
    expect(said[1]).toBe("0");
  });

  it("ends with what it carried for, as that ended", async () => {
    await using server = await listening(createHttp((request, response) => void echo(request, response)));
    await using sandbox = await openSandbox(under, { network: server.outlet });
    const outcome = async (argv: readonly string[]) => (await run(sandbox, argv)).outcome;
    expect(await outcome(["sh", "-c", "exit 42"])).toEqual({ kind: "exited", code: 42 });
    expect(await outcome(["sh", "-c", "kill -SEGV $$"])).toEqual({ kind: "signaled", signal: 11 });
    expect(await outcome(["no-such-command"])).toEqual({ kind: "exited", code: 127 });
    expect(text(await run(sandbox, ["cat"], { stdin: "through" }))).toBe("through");
    const late = await shell(sandbox, "trap '' TERM; (setsid sleep 100 &) ; sleep 100", { timeoutMs: 500 });
    expect(late.outcome).toEqual({ kind: "timed-out" });
    expect((await processesLeft(sandbox)).join("\n")).not.toContain("sleep");
  });

  it("is lost by whoever kills it, and by nobody else", async () => {
    await using server = await listening(createHttp((request, response) => void echo(request, response)));
    await using sandbox = await openSandbox(under, { network: server.outlet });
    const killed = await shell(sandbox, "kill -9 $PPID; sleep 100", { timeoutMs: 20_000 });
    expect(killed.outcome).toEqual({ kind: "signaled", signal: 9 });
    expect(text(await python(sandbox, post(1)))).toBe("3 1\n");
  });

  it("sees no file of the host, and cannot put another socket in its place", async () => {
    await using server = await listening(createHttp((request, response) => void echo(request, response)));
    await using sandbox = await openSandbox(under, { network: server.outlet });
    const tried = await shell(
      sandbox,
      "ls /.arena/outlet; rm -f /.arena/outlet/socket; touch /.arena/outlet/x",
    );
    expect(text(tried)).toBe("socket\n");
    expect(tried.outcome).not.toEqual({ kind: "exited", code: 0 });
    expect(text(await python(sandbox, post(1)))).toBe("3 1\n");
  });

  it("lets nothing run when nobody listens", async () => {
    const gone = await listening(createServer());
    await using sandbox = await openSandbox(under, { network: gone.outlet });
    await gone[Symbol.asyncDispose]();
    const result = await shell(sandbox, "echo ran");
    expect(result.outcome).toEqual({ kind: "exited", code: 125 });
    expect(text(result)).toBe("");
    expect(result.stderr.toString("utf8")).toContain("the way out of the sandbox");
  });
}
