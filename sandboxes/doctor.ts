// Says what this machine has and lacks for running sandboxes, and installs the host programs that are missing.
import { type EngineOptions, findEngine, installPackages } from "./engine.ts";
import { missingImages } from "./image-build.ts";
import { type Language, languages } from "./images.ts";
import { canReachOut } from "./network.ts";
import { whichTool } from "./tool.ts";

export interface Finding {
  /** Stable, for machines: `compiler`, `workspace-tools`, `engine`, `image python`, `outward-network`, `bubblewrap`. */
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly wanted: string;
  /** The command that mends it; absent when all is well. */
  readonly mend?: string;
}

interface HostTool {
  readonly name: string;
  readonly programs: readonly string[];
  readonly packages: readonly string[];
  readonly wanted: string;
}

const hostTools: readonly HostTool[] = [
  {
    name: "compiler",
    programs: ["cc"],
    packages: ["gcc", "libc6-dev"],
    wanted: "a C compiler with a static C library, for the sandbox's supervisor",
  },
  {
    name: "workspace-tools",
    programs: ["mkfs.ext4", "mount", "umount", "cp"],
    packages: ["e2fsprogs", "mount", "coreutils"],
    wanted: "mkfs.ext4 and mount, for copy-on-write workspaces with a disk bound",
  },
  {
    name: "outward-network",
    programs: ["slirp4netns", "nsenter", "ip"],
    packages: ["slirp4netns", "util-linux", "iproute2"],
    wanted: "slirp4netns, nsenter and ip, for preparation that fetches dependencies",
  },
  {
    name: "bubblewrap",
    programs: ["bwrap"],
    packages: ["bubblewrap"],
    wanted: "bwrap, for sandboxes where no container engine can run",
  },
];

async function missingPrograms(tool: HostTool): Promise<string[]> {
  const found = await Promise.all(tool.programs.map(whichTool));
  return tool.programs.filter((_, index) => found[index] === undefined);
}

async function toolFinding(tool: HostTool): Promise<Finding> {
  const { name, programs, packages, wanted } = tool;
  const missing = await missingPrograms(tool);
  if (missing.length === 0) return { name, ok: true, found: programs.join(", "), wanted };
  return {
    name,
    ok: false,
    found: `no ${missing.join(", ")}`,
    wanted,
    mend: `apt-get install ${packages.join(" ")}`,
  };
}

function rootFinding(): Finding {
  const uid = process.getuid?.();
  return {
    name: "root",
    ok: uid === 0,
    found: uid === 0 ? "root" : `user ${uid}`,
    wanted: "root, for overlay mounts, disk bounds and judged code under a user of its own",
    ...(uid === 0 ? {} : { mend: "run as root; without it sandboxes work with the caveats they print" }),
  };
}

async function engineFindings(options: EngineOptions): Promise<Finding[]> {
  const engine = await findEngine(options);
  const wanted = "Docker Engine 20.10 or later, or a compatible socket";
  if (engine === undefined) {
    return [{ name: "engine", ok: false, found: "none answers", wanted, mend: "arena doctor --fix" }];
  }
  const missing = new Set(await missingImages(engine.socketPath, languages));
  const images = languages.map((language: Language): Finding => {
    const ok = !missing.has(language);
    const common = { name: `image ${language}`, ok, wanted: `the image for ${language}` };
    return ok ? { ...common, found: "built" } : { ...common, found: "missing", mend: "arena doctor --fix" };
  });
  return [
    { name: "engine", ok: true, found: `${engine.version} at ${engine.socketPath}`, wanted },
    ...images,
  ];
}

/** Everything sandboxes need, in the order in which a lack of it hurts. Changes nothing. @throws SandboxFault */
export async function diagnose(options: EngineOptions = {}): Promise<Finding[]> {
  const tools = await Promise.all(hostTools.map(toolFinding));
  const network = { ...tools.find(({ name }) => name === "outward-network") };
  const blocked = network.ok === true && !(await canReachOut());
  const noted = tools.map((finding) =>
    blocked && finding.name === "outward-network"
      ? { ...finding, ok: false, found: "installed, but only root may use it", mend: "run as root" }
      : finding,
  );
  return [rootFinding(), ...noted, ...(await engineFindings(options))];
}

/** Installs the host programs that are missing, as root with apt-get. @throws SandboxFault when it cannot */
export async function ensureTools(onProgress: (line: string) => void = () => {}): Promise<void> {
  const lacking = [];
  for (const tool of hostTools) if ((await missingPrograms(tool)).length > 0) lacking.push(...tool.packages);
  if (lacking.length > 0) await installPackages(lacking, onProgress);
}
