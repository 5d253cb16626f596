// What a bubblewrap sandbox sees: the host's /usr, a little of its /etc, the workspace and the supervisor.
import { existsSync, readlinkSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cgroup } from "./cgroup.ts";
import { sharedMemoryBytes } from "./images.ts";
import { resolverText } from "./network.ts";
import { outletMount } from "./outlet.ts";
import type { Owner } from "./owner.ts";
import type { SandboxSpec } from "./types.ts";
import type { JudgedUser, Workspace, WorkspaceKind } from "./workspace.ts";

export interface BubblewrapSetting {
  readonly owner: Owner;
  readonly stateFolder: string;
  readonly supervisor: string;
  readonly judged: JudgedUser;
  readonly workspaces: WorkspaceKind;
  readonly cgroups: boolean;
  readonly toolPaths: readonly string[];
  readonly root: boolean;
}

const accounts = {
  passwd: "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/deps/home:/bin/sh\n",
  group: "root:x:0:\nnogroup:x:65534:\n",
  hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
};

/** Of the host's /etc only what programs need to start. */
const sharedEtc = [
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "alternatives",
  "nsswitch.conf",
  "ssl/certs",
  "ssl/openssl.cnf",
  "mime.types",
  "localtime",
];

async function ownEtc(folder: string): Promise<string[]> {
  const etc = join(folder, "etc");
  await mkdir(etc);
  const args = [];
  for (const [name, text] of Object.entries({ ...accounts, "resolv.conf": resolverText })) {
    await writeFile(join(etc, name), text, { mode: 0o644 });
    args.push("--ro-bind", join(etc, name), `/etc/${name}`);
  }
  return args;
}

function hostSystem(): string[] {
  const args = ["--ro-bind", "/usr", "/usr"];
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    try {
      args.push("--symlink", readlinkSync(`/${name}`), `/${name}`);
    } catch {
      if (existsSync(`/${name}`)) args.push("--ro-bind", `/${name}`, `/${name}`);
    }
  }
  for (const name of sharedEtc) args.push("--ro-bind-try", `/etc/${name}`, `/etc/${name}`);
  return args;
}

/** Every folder above these paths, readable by all. */
function openFolders(paths: readonly string[]): string[] {
  const above = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/").slice(1, -1);
    for (const [index] of parts.entries()) above.add(`/${parts.slice(0, index + 1).join("/")}`);
  }
  // /usr is bound whole, and read-only: what lies in it exists already.
  return [...above]
    .filter((folder) => folder !== "/usr" && !folder.startsWith("/usr/"))
    .flatMap((folder) => ["--dir", folder]);
}

function namespaces({ root, judged }: BubblewrapSetting): string[] {
  const common = ["--die-with-parent", "--as-pid-1", "--new-session", "--clearenv", "--hostname", "sandbox"];
  const shared = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"];
  if (!root) {
    const { uid, gid } = judged;
    return [...common, ...shared, "--unshare-user", "--uid", String(uid), "--gid", String(gid)];
  }
  const kept = ["SETUID", "SETGID", "SETPCAP", "KILL"].flatMap((name) => ["--cap-add", `CAP_${name}`]);
  return [...common, ...shared, "--cap-drop", "ALL", ...kept];
}

/** The whole command line of a sandbox's bwrap. */
export async function bwrapArguments(
  setting: BubblewrapSetting,
  spec: SandboxSpec,
  { workspace, cgroup }: { readonly workspace: Workspace; readonly cgroup: Cgroup | undefined },
): Promise<string[]> {
  const { supervisor, judged, toolPaths, cgroups } = setting;
  const { work, deps, tmp, folder } = workspace;
  const outlet = outletMount(spec);
  const counter = cgroup === undefined ? [] : ["--ro-bind", cgroup.memory.folder, cgroup.memory.inside];
  // Without control groups: per process and per user, which is all that prlimit knows.
  const perProcess = cgroups
    ? ["0", "0"]
    : [String(spec.limits.memoryMb * 1024 * 1024), String(spec.limits.processes)];
  return [
    ...["bwrap", ...namespaces(setting), "--info-fd", "3"],
    // bwrap makes the folders above a bound file private to root.
    ...openFolders(["/etc/x", "/.arena/x", "/sys/fs/cgroup/memory", ...toolPaths]),
    ...hostSystem(),
    ...(await ownEtc(folder)),
    ...toolPaths.flatMap((path) => ["--ro-bind", path, path]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["--perms", "1777", "--size", String(sharedMemoryBytes), "--tmpfs", "/dev/shm"],
    ...["--bind", work, "/work", "--bind", deps, "/deps", "--bind", tmp, "/tmp"],
    ...["--ro-bind", supervisor, "/.arena/supervisor"],
    ...(outlet === undefined ? [] : ["--ro-bind", outlet.source, outlet.target]),
    ...counter,
    ...["--remount-ro", "/", "--chdir", "/"],
    ...["/.arena/supervisor", "serve", String(judged.uid), String(judged.gid), ...perProcess],
  ];
}
