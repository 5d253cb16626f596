// The contract and every attack against containers of a real engine.
import { describe, expect, it } from "vitest";
import { dockerSandboxes } from "../../sandboxes/index.ts";
import { engineForTests, testCacheFolder } from "../support/engine.ts";
import { openSandbox, type SandboxUnderTest } from "../support/sandbox-case.ts";
import { proveAbortedOpening, proveExit, proveReaper } from "../support/sandbox-reaping.ts";
import { sandboxAttacks } from "./sandbox.attacks.ts";
import { sandboxContract } from "./sandbox.contract.ts";
import { sandboxOutlet } from "./sandbox.outlet.ts";

const engine = await engineForTests(["python"]);

describe.skipIf(engine === undefined)("docker sandbox", () => {
  if (engine === undefined) return;
  const { provider, stateFolder, socketPath } = engine;
  const under: SandboxUnderTest = { provider, stateFolder, image: "python", runsCode: true };
  sandboxContract(under);
  sandboxAttacks(under);
  sandboxOutlet(under);

  it("leaves nothing when opening is given up half-way", async () => {
    await proveAbortedOpening(under, { kind: "docker", cacheFolder: testCacheFolder, socketPath });
  });

  it("is gone with a process that exits", async () => {
    await proveExit(under, { kind: "docker", cacheFolder: testCacheFolder, socketPath });
  });

  it("reaps what a killed process left, and nothing of the living", async () => {
    await proveReaper(under, { kind: "docker", cacheFolder: testCacheFolder, socketPath });
  });

  it("says which image is missing and what makes it", async () => {
    const missing = {
      isFault: true,
      code: "image-missing",
      message: expect.stringContaining("docker pull nowhere/x"),
    };
    await expect(provider.imageDigest("nowhere/x:1")).rejects.toMatchObject(missing);
    await expect(openSandbox(under, { image: "nowhere/x:1" })).rejects.toMatchObject(missing);
    expect(await provider.imageDigest("python")).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("says when no engine answers", async () => {
    const options = { socketPath: "/nowhere/docker.sock", cacheFolder: testCacheFolder, stateFolder };
    await expect(dockerSandboxes(options)).rejects.toMatchObject({
      isFault: true,
      code: "engine-unreachable",
    });
  });
});
