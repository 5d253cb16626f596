// Proves the reaper: a process that holds a sandbox is killed at once, and what it left goes while ours stays.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { mountsBelow } from "../../sandboxes/mounts.ts";
import { sandboxFolders } from "../../sandboxes/workspace.ts";
import { openSandbox, run, type SandboxUnderTest } from "./sandbox-case.ts";

export interface HolderArguments {
  readonly kind: "docker" | "bubblewrap";
  readonly cacheFolder: string;
  readonly socketPath?: string;
}

async function startHolder(under: SandboxUnderTest, holder: HolderArguments): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("./hold-sandbox.ts", import.meta.url));
  const { kind, cacheFolder, socketPath = "" } = holder;
  const settings = [kind, cacheFolder, under.stateFolder, socketPath, under.image];
  const child = spawn(process.execPath, ["--import", "tsx", script, ...settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(() => Promise.reject(new Error("the holder ended before it opened a sandbox"))),
  ]);
  return child;
}

export async function proveReaper(under: SandboxUnderTest, holder: HolderArguments): Promise<void> {
  await using living = await openSandbox(under);
  await living.write("/work/mine", Buffer.from("mine"));
  const child = await startHolder(under, holder);
  expect(await sandboxFolders(under.stateFolder)).toHaveLength(2);

  const early = await under.provider.reap();
  expect(early).toEqual({ containers: 0, mounts: 0, folders: 0 });

  child.kill("SIGKILL");
  await once(child, "exit");
  const report = await under.provider.reap();
  expect(report.folders).toBe(1);
  expect(report.containers).toBe(holder.kind === "docker" ? 1 : 0);
  if (under.provider.capabilities.limitsDisk) expect(report.mounts).toBe(3);
  const left = await sandboxFolders(under.stateFolder);
  expect(left).toHaveLength(1);
  expect((await mountsBelow(under.stateFolder)).every((mount) => mount.at.startsWith(left[0] ?? "?"))).toBe(
    true,
  );

  expect((await living.read("/work/mine", 10)).content?.toString()).toBe("mine");
  expect((await run(living, ["true"])).outcome).toEqual({ kind: "exited", code: 0 });
  expect(await under.provider.reap()).toEqual({ containers: 0, mounts: 0, folders: 0 });
}

/** A process that exits with a sandbox open takes its folders and mounts along. */
export async function proveExit(under: SandboxUnderTest, holder: HolderArguments): Promise<void> {
  const child = await startHolder(under, holder);
  expect(await sandboxFolders(under.stateFolder)).toHaveLength(1);
  child.kill("SIGINT");
  await once(child, "exit");
  expect(await sandboxFolders(under.stateFolder)).toEqual([]);
  expect(await mountsBelow(under.stateFolder)).toEqual([]);
  expect(await under.provider.reap()).toMatchObject({ mounts: 0, folders: 0 });
}
