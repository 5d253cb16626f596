// Proves the reaper: a process that holds a sandbox is killed at once, and what it left goes while ours stays.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { expect } from "vitest";
import { mountsBelow } from "../../sandboxes/mounts.ts";
import { runLabel } from "../../sandboxes/owner.ts";
import { sandboxFolders } from "../../sandboxes/workspace.ts";
import { openSandbox, run, type SandboxUnderTest } from "./sandbox-case.ts";

export interface HolderArguments {
  readonly kind: "docker" | "bubblewrap";
  readonly cacheFolder: string;
  readonly socketPath?: string;
}

/** Containers of one run; the engine may be shared with other tests, whose containers are not ours to count. */
async function containersOf(run: string, { socketPath }: HolderArguments): Promise<number> {
  if (socketPath === undefined) return 0;
  const filters = { label: [`${runLabel}=${run}`] };
  return (await new Docker({ socketPath }).listContainers({ all: true, filters })).length;
}

function startScript(name: string, under: SandboxUnderTest, holder: HolderArguments) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const { kind, cacheFolder, socketPath = "" } = holder;
  const settings = [kind, cacheFolder, under.stateFolder, socketPath, under.image];
  return spawn(process.execPath, ["--import", "tsx", script, ...settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function startHolder(under: SandboxUnderTest, holder: HolderArguments): Promise<ChildProcess> {
  const child = startScript("./hold-sandbox.ts", under, holder);
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

  const containers = holder.kind === "docker" ? 1 : 0;
  expect(await under.provider.reap()).toMatchObject({ mounts: 0, folders: 0 });
  expect(await containersOf("held", holder)).toBe(containers);

  child.kill("SIGKILL");
  await once(child, "exit");
  const report = await under.provider.reap();
  expect(report.folders).toBe(1);
  expect(report.containers).toBeGreaterThanOrEqual(containers);
  expect(await containersOf("held", holder)).toBe(0);
  if (under.provider.capabilities.limitsDisk) expect(report.mounts).toBe(3);
  const left = await sandboxFolders(under.stateFolder);
  expect(left).toHaveLength(1);
  expect((await mountsBelow(under.stateFolder)).every((mount) => mount.at.startsWith(left[0] ?? "?"))).toBe(
    true,
  );

  expect((await living.read("/work/mine", 10)).content?.toString()).toBe("mine");
  expect((await run(living, ["true"])).outcome).toEqual({ kind: "exited", code: 0 });
  expect(await under.provider.reap()).toMatchObject({ mounts: 0, folders: 0 });
}

/** A process that exits with a sandbox open takes its folders and mounts along. */
export async function proveExit(under: SandboxUnderTest, holder: HolderArguments): Promise<void> {
  const child = await startHolder(under, holder);
  expect(await sandboxFolders(under.stateFolder)).toHaveLength(1);
  child.kill("SIGINT");
  await once(child, "exit");
  expect(await sandboxFolders(under.stateFolder)).toEqual([]);
  expect(await mountsBelow(under.stateFolder)).toEqual([]);
  await under.provider.reap();
  expect(await containersOf("held", holder)).toBe(0);
}

/** Opening that is given up half-way leaves nothing, and nothing that keeps its process from ending. */
export async function proveAbortedOpening(under: SandboxUnderTest, holder: HolderArguments): Promise<void> {
  const child = startScript("./abort-open.ts", under, holder);
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(await sandboxFolders(under.stateFolder)).toEqual([]);
  expect(await mountsBelow(under.stateFolder)).toEqual([]);
  expect(await containersOf("aborted", holder)).toBe(0);
}
