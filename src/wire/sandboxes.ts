// The sandboxes that a command asked for, and what mends a machine without any.
import { homedir } from "node:os";
import {
  bubblewrapSandboxes,
  diagnose,
  dockerSandboxes,
  ensureEngine,
  ensureImages,
  ensureSupervisor,
  ensureTools,
  type Finding,
  findEngine,
  languages,
  type SandboxProvider,
  scriptedSandboxes,
  toolchains,
} from "../../sandboxes/index.ts";
import { manifestIn, mustBeSameSandbox, mustBeSandboxClass, type SessionOptions } from "../arena/index.ts";
import { cacheFolder, engineSocket, stateFolder, type WireContext } from "./environment.ts";

/**
 * The sandboxes a run asked for. `auto` is Docker when an engine answers and bubblewrap, said aloud, when none does.
 * @throws SandboxFault
 */
async function sandboxProvider(wanted: string, context: WireContext): Promise<SandboxProvider> {
  const toolPaths = toolchains({ path: process.env.PATH ?? "", home: homedir() });
  const folders = { cacheFolder: cacheFolder(), stateFolder: stateFolder() };
  if (wanted === "bubblewrap") return bubblewrapSandboxes({ ...folders, toolPaths });
  const engine = wanted === "docker" ? await ensureEngine(engineSocket()) : await findEngine(engineSocket());
  if (engine !== undefined) return dockerSandboxes({ ...folders, socketPath: engine.socketPath });
  const bubblewrap = await bubblewrapSandboxes({ ...folders, toolPaths });
  context.out.note(
    `no container engine answers: bubblewrap is used instead (${bubblewrap.capabilities.caveats.join("; ")}). \`arena doctor --fix\` sets one up.`,
  );
  return bubblewrap;
}

export function diagnoseMachine(): Promise<Finding[]> {
  return diagnose(engineSocket());
}

/** Installs, starts and builds what is missing. @throws SandboxFault when something cannot be had here */
export async function mendMachine(onProgress: (line: string) => void): Promise<void> {
  await ensureTools(onProgress);
  await ensureSupervisor(cacheFolder());
  const engine = await ensureEngine({ ...engineSocket(), onProgress });
  await ensureImages(languages, { socketPath: engine.socketPath, onProgress });
}

/** A plan alone needs none, and must not start an engine to find that out. */
export async function sandboxesOf(
  options: Pick<SessionOptions, "sandbox" | "dryRun">,
  runFolder: string,
  context: WireContext,
) {
  const { sandbox = "auto" } = options;
  mustBeSandboxClass(sandbox);
  if (options.dryRun === true) return scriptedSandboxes(() => ({ outcome: { kind: "exited", code: 1 } }));
  const sandboxes = await sandboxProvider(sandbox, context);
  mustBeSameSandbox(runFolder, (await manifestIn(runFolder))?.sandbox, sandboxes.name);
  await sandboxes.reap();
  return sandboxes;
}
