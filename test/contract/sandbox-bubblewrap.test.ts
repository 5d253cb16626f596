// The contract and every attack against bwrap's namespaces.
import { describe, expect, it } from "vitest";
import { bubblewrapSandboxes, type SandboxProvider } from "../../sandboxes/index.ts";
import { isLack, testCacheFolder, testStateFolder } from "../support/engine.ts";
import type { SandboxUnderTest } from "../support/sandbox-case.ts";
import { proveAbortedOpening, proveExit, proveReaper } from "../support/sandbox-reaping.ts";
import { sandboxAttacks } from "./sandbox.attacks.ts";
import { sandboxContract } from "./sandbox.contract.ts";
import { sandboxOutlet } from "./sandbox.outlet.ts";

const stateFolder = testStateFolder();

async function open(): Promise<SandboxProvider | undefined> {
  try {
    return await bubblewrapSandboxes({ cacheFolder: testCacheFolder, stateFolder });
  } catch (error) {
    if (!isLack(error)) throw error;
    process.stderr.write(`[sandbox] SKIPPED: bubblewrap: ${error.message}\n`);
    return undefined;
  }
}

const provider = await open();

describe.skipIf(provider === undefined)("bubblewrap sandbox", () => {
  if (provider === undefined) return;
  const under: SandboxUnderTest = { provider, stateFolder, image: "python", runsCode: true };
  sandboxContract(under);
  sandboxAttacks(under);
  sandboxOutlet(under);

  it("says what it does not protect", () => {
    expect(provider.capabilities.caveats.join("\n")).toContain("host's /usr");
  });

  it("leaves nothing when opening is given up half-way", async () => {
    await proveAbortedOpening(under, { kind: "bubblewrap", cacheFolder: testCacheFolder });
  });

  it("is gone with a process that exits", async () => {
    await proveExit(under, { kind: "bubblewrap", cacheFolder: testCacheFolder });
  });

  it("reaps what a killed process left, and nothing of the living", async () => {
    await proveReaper(under, { kind: "bubblewrap", cacheFolder: testCacheFolder });
  });
});
