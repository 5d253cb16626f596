// A process of its own that opens a sandbox, says so, and runs something endless in it until it is killed.
import { bubblewrapSandboxes, defaultLimits, dockerSandboxes } from "../../sandboxes/index.ts";

const [, , kind, cacheFolder = "", stateFolder = "", socketPath = "", image = ""] = process.argv;
const provider =
  kind === "docker"
    ? await dockerSandboxes({ socketPath, cacheFolder, stateFolder })
    : await bubblewrapSandboxes({ cacheFolder, stateFolder });
const sandbox = await provider.open({
  run: "held",
  image,
  layers: [],
  network: "none",
  limits: defaultLimits,
});
await sandbox.write("/work/held", Buffer.from("held"));
process.on("SIGINT", () => process.exit(130));
process.stdout.write("open\n");
await sandbox.exec({
  argv: ["sleep", "600"],
  cwd: "/work",
  env: { PATH: "/usr/bin:/bin" },
  timeoutMs: 600_000,
  maxOutputBytes: 0,
});
