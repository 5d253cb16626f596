// Who owns a sandbox, told so that a later process can know whether the owner still lives.
import { readFile, readlink } from "node:fs/promises";

export interface Owner {
  readonly pid: number;
  /** Clock ticks after boot: process ids are used again, pairs of both are not. */
  readonly startTicks: string;
  readonly bootId: string;
  /** A process id means nothing in another namespace. */
  readonly pidNamespace: string;
}

interface ProcessState {
  readonly startTicks: string;
  readonly state: string;
}

async function processState(pid: number): Promise<ProcessState | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTicks] = [fields[0], fields[19]];
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
}

async function here(): Promise<{ bootId: string; pidNamespace: string }> {
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const link = await readlink("/proc/self/ns/pid");
  return { bootId, pidNamespace: link.replace(/\D/g, "") };
}

/** This process as an owner. */
export async function thisOwner(): Promise<Owner> {
  const own = await processState(process.pid);
  if (own === undefined) throw new Error(`bug: /proc/${process.pid}/stat cannot be read`);
  return { pid: process.pid, startTicks: own.startTicks, ...(await here()) };
}

/** False only when it is certain: an owner in another process namespace of this boot counts as living. */
export async function isAlive(owner: Owner): Promise<boolean> {
  const { bootId, pidNamespace } = await here();
  if (owner.bootId !== bootId) return false;
  if (owner.pidNamespace !== pidNamespace) return true;
  const now = await processState(owner.pid);
  return now !== undefined && now.startTicks === owner.startTicks && now.state !== "Z" && now.state !== "X";
}

const label = (name: string) => `swing-arena.${name}`;
export const runLabel = label("run");

export function ownerLabels(owner: Owner): Record<string, string> {
  return {
    [label("owner-pid")]: String(owner.pid),
    [label("owner-start")]: owner.startTicks,
    [label("boot-id")]: owner.bootId,
    [label("pid-namespace")]: owner.pidNamespace,
  };
}

export function ownerFromLabels(labels: Readonly<Record<string, string>>): Owner | undefined {
  const [pid, startTicks] = [Number(labels[label("owner-pid")]), labels[label("owner-start")]];
  const [bootId, pidNamespace] = [labels[label("boot-id")], labels[label("pid-namespace")]];
  if (!Number.isInteger(pid) || !startTicks || !bootId || !pidNamespace) return undefined;
  return { pid, startTicks, bootId, pidNamespace };
}

/** A folder name that carries its owner, so that no moment exists in which a folder has none. */
export function folderName(owner: Owner, unique: string): string {
  return [owner.bootId, owner.pidNamespace, owner.pid, owner.startTicks, unique].join("_");
}

export function ownerFromFolder(name: string): Owner | undefined {
  const match = /^([0-9a-f-]{36})_(\d+)_(\d+)_(\d+)_[0-9a-f]+$/.exec(name);
  const [, bootId, pidNamespace, pid, startTicks] = match ?? [];
  if (!bootId || !pidNamespace || !pid || !startTicks) return undefined;
  return { pid: Number(pid), startTicks, bootId, pidNamespace };
}
