// A process of its own that gives up opening sandboxes half-way, at several moments, and must then end by itself.
import { bubblewrapSandboxes, defaultLimits, dockerSandboxes } from "../../sandboxes/index.ts";

const [, , kind, cacheFolder = "", stateFolder = "", socketPath = "", image = ""] = process.argv;
const provider =
  kind === "docker"
    ? await dockerSandboxes({ socketPath, cacheFolder, stateFolder })
    : await bubblewrapSandboxes({ cacheFolder, stateFolder });
const spec = { run: "aborted", image, layers: [], network: "none", limits: defaultLimits } as const;
for (const delayMs of [1, 20, 40, 60, 90, 130, 200]) {
  try {
    await using sandbox = await provider.open(spec, AbortSignal.timeout(delayMs));
    await sandbox.write("/work/file", Buffer.from("opened in time"));
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "TimeoutError") throw error;
  }
}
