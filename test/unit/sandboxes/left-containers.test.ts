// Containers of an engine that went away are removed once it is back, before anything else is opened in it.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { afterEach, expect, it } from "vitest";
import { LeftContainers } from "../../../sandboxes/container.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-left-"));
const socketPath = join(folder, "docker.sock");
let engine: Server | undefined;
afterEach(() => {
  engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An engine that knows one container and says what it was asked. */
async function started(asked: string[]): Promise<void> {
  engine = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split("?")[0]}`);
    response.writeHead(asked.length === 1 ? 204 : 404, { "content-type": "application/json" }).end();
  });
  await new Promise<void>((resolve) => engine?.listen(socketPath, resolve));
}

it("remembers what a gone engine did not remove, and removes it once", async () => {
  const left = new LeftContainers();
  const container = new Docker({ socketPath }).getContainer("c1");
  await left.remove(container);
  await expect(left.clear()).rejects.toMatchObject({ code: "engine-unreachable" });
  const asked: string[] = [];
  await started(asked);
  await left.clear();
  await left.clear();
  expect(asked).toEqual(["DELETE /containers/c1"]);
});
