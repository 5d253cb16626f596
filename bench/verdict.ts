// What a verdict costs: our sandboxes beside `docker run` by hand, a judged run beside its bare command, verdicts per hour.
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  bubblewrapSandboxes,
  defaultLimits,
  dockerSandboxes,
  type Engine,
  ensureEngine,
  ensureImages,
  imageReference,
  SandboxFault,
  type SandboxProvider,
} from "../sandboxes/index.ts";
import type { State } from "../src/arena/judging.ts";
import { openSetSession, type SetSession } from "../src/wire.ts";
import { difference, interleaved, type Measured, ratio, shown, spread, timed } from "./figures.ts";
import { BareShell, hardenedRun, hasClient, type Peer, plainRun } from "./peers.ts";

const limit = 1.5;
const trivial = "/bin/true";
const judgedInstance = "smoke__layered-ini-14";
const instancesPerLanguage = [
  judgedInstance,
  "smoke__jsonedit-12",
  "smoke__hunkwise-1",
  "smoke__matchbook-7",
];
const images = ["python", "go", "rust", "cpp"] as const;

const say = (line: string): void => console.log(line);
const note = (line: string): void => console.error(line);

interface Options {
  readonly runs: number;
  readonly verdicts: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "30" },
      verdicts: { type: "string", default: "4" },
    },
  });
  const count = (name: "runs" | "verdicts") => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new Error(`--${name}: expected a whole number from 1, found "${values[name]}"`);
  };
  return { runs: count("runs"), verdicts: count("verdicts") };
}

function machineLine(engine: Engine): string {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = (loadavg()[0] ?? Number.NaN).toFixed(1);
  return `machine: ${first?.model.trim() || "unnamed processor"}, ${availableParallelism()} cores, ${memory}, kernel ${release()}, engine ${engine.version}, node ${process.version}, load ${load} at the start`;
}

async function sandboxed(provider: SandboxProvider, image: string): Promise<void> {
  const env = await provider.imageEnv(image);
  const spec = { run: "bench", image, layers: [], network: "none", limits: defaultLimits } as const;
  await using sandbox = await provider.open(spec);
  const { outcome } = await sandbox.exec({
    argv: [trivial],
    cwd: "/work",
    env,
    timeoutMs: 60_000,
    maxOutputBytes: 1000,
  });
  if (outcome.kind !== "exited" || outcome.code !== 0) {
    throw new Error(`${trivial} in ${provider.name}: ${JSON.stringify(outcome)}`);
  }
}

/** Undefined, said aloud, where this machine lacks it. */
async function bubblewrapHere(folder: string): Promise<SandboxProvider | undefined> {
  try {
    return await bubblewrapSandboxes({
      cacheFolder: join(folder, "cache"),
      stateFolder: join(folder, "state"),
    });
  } catch (error) {
    if (!(error instanceof SandboxFault)) throw error;
    note(`left out: bubblewrap (${error.message})`);
    return undefined;
  }
}

const byHand = "docker run, hardened by hand";
const plain = "docker run, nothing set";
const bare = "bare command, container running";

async function sandboxCosts(peer: Peer, folder: string, runs: number): Promise<Measured> {
  const { socketPath } = peer;
  const docker = await dockerSandboxes({
    socketPath,
    cacheFolder: join(folder, "cache"),
    stateFolder: join(folder, "state"),
  });
  const bubblewrap = await bubblewrapHere(folder);
  await using shell = new BareShell(peer);
  const contenders = new Map([
    [bare, () => timed(() => shell.run(trivial))],
    [plain, () => timed(() => plainRun(peer, [trivial]))],
    [byHand, () => timed(() => hardenedRun(peer, { argv: [trivial], limits: defaultLimits }))],
    ["sandbox docker", () => timed(() => sandboxed(docker, "python"))],
  ]);
  if (bubblewrap !== undefined) {
    contenders.set("sandbox bubblewrap", () => timed(() => sandboxed(bubblewrap, "python")));
  }
  return await interleaved(contenders, runs);
}

const judged = "judged run of state B";

/** A state that is never taken from the cache: every repeat is a run of its own. */
function repeated(name: string, tree: string, repeat: number): State {
  return { name, tree, comparison: "treatment", repeat, withLint: false };
}

async function judgedCosts(session: SetSession, peer: Peer, options: Options): Promise<Measured> {
  const of = await session.open(judgedInstance);
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-tree-"));
  const work = join(folder, "work");
  try {
    await of.repository.checkout(of.baseTree, work);
    let repeat = 0;
    const judge = async () => {
      repeat += 1;
      const { judged: run } = await session.runs.run(of, repeated("B", of.baseTree, repeat));
      if (run.kind !== "ran") throw new Error("state B could not be judged");
    };
    const argv = ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"];
    const env = { PYTHONDONTWRITEBYTECODE: "1" };
    const contenders = new Map([
      [byHand, () => timed(() => hardenedRun(peer, { argv, limits: defaultLimits, work, env }))],
      [judged, () => timed(judge)],
    ]);
    return await interleaved(contenders, options.runs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Throughput {
  readonly instanceId: string;
  readonly verdicts: number;
  readonly seconds: number;
}

/** P and P+H of the gold patch, again and again, one worker per core. */
async function throughput(session: SetSession, instanceId: string, verdicts: number): Promise<Throughput> {
  const of = await session.open(instanceId);
  const hidden = await of.repository.withFiles(of.goldTree, of.hidden);
  const verdict = async (repeat: number) => {
    await session.runs.run(of, { ...repeated("P", of.goldTree, repeat), withLint: true });
    await session.runs.run(of, repeated("P+H", hidden, repeat));
  };
  // The first pays for the preparation, which is once per instance.
  await verdict(-1);
  let next = 0;
  const work = async () => {
    while (next < verdicts) {
      next += 1;
      await verdict(-1 - next);
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: availableParallelism() }, work)));
  return { instanceId, verdicts, seconds: ms / 1000 };
}

function saySandboxes(measured: Measured): void {
  say(`\none sandboxed ${trivial} (open, exec, close); ratios, median (quartiles) of pairs:`);
  for (const name of [...measured.keys()].filter((each) => each.startsWith("sandbox"))) {
    const against = ratio(measured, name, byHand);
    const held = against.median <= limit ? "held" : "NOT HELD";
    say(`  ${name} / ${byHand}: ${shown(against, 2)}; limit ${limit}: ${held}`);
    say(`  ${name} / ${plain}: ${shown(ratio(measured, name, plain), 2)}`);
  }
  sayTimes(measured, bare);
}

function sayJudged(measured: Measured): void {
  say(`\nthe tests of ${judgedInstance}; ratio, median (quartiles) of pairs:`);
  say(`  ${judged} / pytest alone in ${byHand}: ${shown(ratio(measured, judged, byHand), 2)}`);
  sayTimes(measured, byHand);
}

function sayTimes(measured: Measured, against: string): void {
  say("  ms, median (quartiles):");
  for (const [name, values] of measured) {
    const more = name === against ? "" : `, over the first ${shown(difference(measured, name, against), 0)}`;
    say(`    ${name}: ${shown(spread(values), 0)}${more}`);
  }
}

function sayThroughput({ instanceId, verdicts, seconds }: Throughput): void {
  const perCoreHour = (verdicts * 3600) / (seconds * availableParallelism());
  const seen = `${verdicts} in ${seconds.toFixed(1)} s of wall time`;
  say(`  ${instanceId}: ${perCoreHour.toFixed(0)} per core-hour (${seen})`);
}

async function withSession<T>(
  folder: string,
  engine: Engine,
  use: (session: SetSession) => Promise<T>,
): Promise<T> {
  const { signal } = new AbortController();
  const only = instancesPerLanguage.join(",");
  note(`judging through the engine at ${engine.socketPath}`);
  await using session = await openSetSession(
    { set: "issues/smoke/1", sandbox: "docker", run: join(folder, "run"), only },
    { out: { note, progress: note }, signal },
  );
  return await use(session);
}

async function measure(options: Options, engine: Engine, folder: string): Promise<void> {
  const { socketPath } = engine;
  const peer = { socketPath, image: imageReference("python") };
  if (!(await hasClient(peer)))
    throw new Error("Docker's own client is needed to compare with: install `docker`");
  say(`${machineLine(engine)}; ${options.runs} rounds, contenders in turn, ${new Date().toISOString()}`);
  saySandboxes(await sandboxCosts(peer, folder, options.runs));
  await withSession(folder, engine, async (session) => {
    sayJudged(await judgedCosts(session, peer, options));
    const cores = availableParallelism();
    say(`\nverdicts (P and P+H of one submission) with ${cores} workers on ${cores} cores:`);
    for (const instanceId of instancesPerLanguage) {
      sayThroughput(await throughput(session, instanceId, options.verdicts));
    }
  });
}

const options = readOptions();
const engine = await ensureEngine({ onProgress: note });
await ensureImages(images, { socketPath: engine.socketPath, onProgress: note });
const folder = await mkdtemp(join(tmpdir(), "arena-bench-"));
try {
  await measure(options, engine, folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
