// `kill -9` of `arena play` at random moments, then `--resume`: nothing lost, nothing paid twice, nothing left behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerSandboxes } from "../../sandboxes/index.ts";
import { mountsBelow } from "../../sandboxes/mounts.ts";
import { sandboxFolders } from "../../sandboxes/workspace.ts";
import { spentSoFar } from "../../src/arena/spent.ts";
import { seededRandom } from "../../src/domain/random.ts";
import { verdictOf } from "../../src/domain/record.ts";
import type { RoundRow, StoredCall } from "../../src/domain/run.ts";
import { openStoreReadOnly } from "../../src/storage/index.ts";
import { type EngineForTests, engineForTests } from "../support/engine.ts";
import {
  diffAnswer,
  smokeIssue,
  smokePatch,
  smokeSet,
  writeContestants,
} from "../support/http-contestants.ts";
import {
  type EndpointStep,
  type ScriptedEndpoint,
  type SeenRequest,
  scriptedEndpoint,
} from "../support/scripted-endpoint.ts";
import { root } from "../support/source.ts";

const kills = Number(process.env.ARENA_KILLS ?? "30");
const seed = process.env.ARENA_KILL_SEED ?? "kills";
const workers = 2;

const folder = mkdtempSync(join(tmpdir(), "arena-kill-"));
const cache = join(folder, "cache");
const temporary = join(folder, "tmp");
const models = join(folder, "models.yaml");
mkdirSync(temporary);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** ada is right, bob is plausibly wrong, cal cannot write a patch and declines to review. */
function script({ body, prompt }: SeenRequest): EndpointStep {
  const reviews = prompt.includes("You are the *reviewer*");
  const patches: Readonly<Record<string, string>> = { ada: "gold.patch", bob: "panel/wrong-1.patch" };
  const patch = patches[String(body.model)];
  const nothing = reviews ? '```json\n{"tests": []}\n```\n' : "I would change the loop.";
  const text = patch === undefined ? nothing : diffAnswer(smokePatch(reviews ? "test.patch" : patch));
  return { kind: "answer", text, delayMs: 400 };
}

/** Battle, round and role have a seed of their own, and a further attempt has more messages. */
function identity({ body }: SeenRequest): string {
  const { model, seed: sampled, messages } = body;
  return JSON.stringify([model, sampled, Array.isArray(messages) ? messages.length : 0]);
}

const planned = ["--rounds", "2", "--repeats", "1", "--no-panel", "--seed", "kill"];
const common = ["--workers", String(workers), "--sandbox", "docker"];

function startArguments(run: string): string[] {
  return [
    "play",
    smokeSet,
    "--contestants",
    models,
    "--only",
    smokeIssue,
    ...planned,
    ...common,
    "--run",
    run,
  ];
}

/** A run killed before it wrote its manifest has nothing to resume: it is started again in the same folder. */
function resumeArguments(run: string): string[] {
  const begun = existsSync(join(run, "manifest.json"));
  return begun ? ["play", smokeSet, "--resume", run, ...common] : startArguments(run);
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly seconds: number;
}

/** When to kill: so long after so many requests have come, so that a slow machine is hit where a fast one is. */
interface Moment {
  readonly requests: number;
  readonly thenMs: number;
}

/** Resolves at the moment, or never when the run ends before. */
async function comes(moment: Moment, signal: AbortSignal): Promise<boolean> {
  const before = endpoint?.requests.length ?? 0;
  const seen = () => (endpoint?.requests.length ?? 0) - before;
  while (seen() < moment.requests && !signal.aborted) await sleep(5);
  await sleep(moment.thenMs, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

/** Plays as a process of its own, killed at the moment when one is given. */
async function play(argv: readonly string[], moment?: Moment): Promise<Ended> {
  const env = { ...process.env, ARENA_CACHE: cache, TMPDIR: temporary };
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, "bin", "arena.mjs"), ...argv], {
    env,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new AbortController();
  const killing =
    moment === undefined
      ? undefined
      : comes(moment, ended.signal).then((came) => {
          if (came) child.kill("SIGKILL");
        });
  const [code] = await once(child, "close");
  ended.abort();
  await killing;
  return { code, stderr, seconds: (performance.now() - started) / 1000 };
}

interface Stored {
  readonly rounds: readonly RoundRow[];
  readonly calls: readonly StoredCall[];
  readonly unplayed: number;
  readonly spentTokens: number;
}

function stored(run: string): Stored {
  if (!existsSync(join(run, "manifest.json"))) return { rounds: [], calls: [], unplayed: 0, spentTokens: 0 };
  const store = openStoreReadOnly(join(run, "arena.db"));
  try {
    const spentTokens = [...spentSoFar(store).values()].reduce((sum, { tokens }) => sum + tokens, 0);
    const unplayed = store.unplayed().length;
    return { rounds: store.rounds(), calls: store.calls(), unplayed, spentTokens };
  } finally {
    store.close();
  }
}

const verdicts = ({ rounds }: Stored) =>
  rounds
    .map(({ battleId, round, submitter, reviewer, record }) => ({
      ...{ battleId, round, submitter, reviewer, label: record.label, effect: record.effect },
      verdict: verdictOf(record),
      submission: [record.submission.status, ...record.submission.reasons.map((reason) => reason.code)],
      review: [record.review.status, ...record.review.reasons.map((reason) => reason.code)],
      killedBy: [...record.killedBy].sort(),
      void: record.void?.detail,
    }))
    .sort((one, other) => (`${one.battleId} ${one.round}` < `${other.battleId} ${other.round}` ? -1 : 1));

const unfinished = ({ calls }: Stored) => calls.filter((call) => call.finish === undefined);
const roundLines = (stderr: string) => stderr.match(/^\S+ round \d+: \w+ against \w+/gm) ?? [];

let engine: EngineForTests | undefined;
let endpoint: ScriptedEndpoint | undefined;
let undisturbed: { readonly ended: Ended; readonly stored: Stored; readonly asked: readonly string[] };

beforeAll(async () => {
  engine = await engineForTests(["python"]);
  if (engine === undefined) return;
  endpoint = await scriptedEndpoint(script);
  writeContestants(models, { ids: ["ada", "bob", "cal"], baseUrl: endpoint.baseUrl, seed: 7 });
  // The first run fills the caches; the second says how long a run takes without that.
  await play(startArguments(join(folder, "warm")));
  const before = endpoint.requests.length;
  const run = join(folder, "undisturbed");
  const ended = await play(startArguments(run));
  undisturbed = { ended, stored: stored(run), asked: endpoint.requests.slice(before).map(identity) };
});
afterAll(async () => endpoint?.[Symbol.asyncDispose]());

/** What a dead process may have left: named so that a failure says what it was. */
async function leftovers(from: EngineForTests, run: string): Promise<string[]> {
  const stateFolder = join(cache, "open");
  const provider = await dockerSandboxes({ socketPath: from.socketPath, cacheFolder: cache, stateFolder });
  await provider.reap();
  const filters = { label: [`swing-arena.run=${run}`] };
  const containers = await new Docker({ socketPath: from.socketPath }).listContainers({ all: true, filters });
  const mounts = await mountsBelow(folder);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return [
    ...containers.map(({ Id }) => `container ${Id}`),
    ...mounts.map(({ at }) => `mount ${at}`),
    ...(await sandboxFolders(stateFolder)).map((each) => `folder ${each}`),
    ...readdirSync(temporary).filter((name) => name.includes("arena-")),
    ...names.filter((name) => /making-\w+$|\.part$/.test(name)),
  ];
}

/** Of three kills one falls before the first request (start, plan, baseline), two around the others. */
const requestsInAll = 14;
const random = seededRandom(seed);
const cases = Array.from({ length: kills }, (_, index) => {
  const early = index % 3 === 2;
  const requests = early ? 0 : 1 + random.integer(requestsInAll - 2);
  return { kill: index + 1, requests, thenMs: Math.round(random.next() * (early ? 6000 : 1500)) };
});
let landed = 0;

describe("[engine] a run that is killed", () => {
  it("stands beside one that was not", ({ skip }) => {
    if (engine === undefined) skip("no container engine can be had here");
    const { ended, stored: kept, asked } = undisturbed;
    expect(ended.code, ended.stderr).toBe(0);
    expect(
      verdicts(kept)
        .map(({ verdict }) => verdict)
        .sort(),
    ).toEqual([
      ...["patch-broken", "patch-invalid", "patch-invalid"],
      ...["patch-stands", "patch-stands", "patch-stands"],
    ]);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toHaveLength(requestsInAll);
    expect(kept.calls).toHaveLength(asked.length);
  });

  it.for(cases)(
    "ends alike after kill $kill, $thenMs ms after request $requests",
    { timeout: 900_000 },
    async ({ kill, ...moment }, { skip }) => {
      if (engine === undefined || endpoint === undefined) return skip("no container engine can be had here");
      const run = join(folder, `run-${kill}`);
      const before = endpoint.requests.length;
      const killed = await play(startArguments(run), moment);
      const atKill = stored(run);
      const lost = unfinished(atKill);
      // What the dead process had sent may still lie in a socket.
      await sleep(1000);
      const resumed = await play(resumeArguments(run));
      const after = stored(run);
      const asked = endpoint.requests.slice(before).map(identity);
      const figures = `${killed.code === null ? "killed" : "ended"} at ${killed.seconds.toFixed(1)} s (undisturbed: ${undisturbed.ended.seconds.toFixed(1)} s)`;
      if (killed.code === null) landed += 1;
      console.log(
        `kill ${kill}: ${figures}, ${atKill.rounds.length} rounds and ${atKill.calls.length - lost.length} answers kept, ` +
          `${lost.length} calls in flight, ${asked.length} requests in all`,
      );

      expect(resumed.code, resumed.stderr).toBe(0);
      expect(verdicts(after)).toEqual(verdicts(undisturbed.stored));
      expect(after.unplayed).toBe(0);
      const lines = [...roundLines(killed.stderr), ...roundLines(resumed.stderr)];
      expect(new Set(lines).size).toBe(lines.length);

      expect(lost.length).toBeLessThanOrEqual(workers);
      expect(new Set(asked)).toEqual(new Set(undisturbed.asked));
      expect(asked.length - undisturbed.asked.length).toBeLessThanOrEqual(lost.length);
      expect(after.calls).toHaveLength(undisturbed.asked.length + lost.length);
      expect(unfinished(after)).toEqual(lost);
      const charged = lost.reduce((sum, call) => sum + call.worstCaseTokens, 0);
      expect(after.spentTokens).toBe(undisturbed.stored.spentTokens + charged);

      expect(await leftovers(engine, run)).toEqual([]);
    },
  );

  it("was met alive by most kills, or nothing was shown", ({ skip }) => {
    if (engine === undefined) skip("no container engine can be had here");
    expect(landed).toBeGreaterThan(kills / 2);
  });
});
