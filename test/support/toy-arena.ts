// An arena in which nothing runs for real: toy tests that look for words in app.py, read by a toy runner, judged by ours.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  defaultLimits,
  type ScriptedHandler,
  type ScriptedProvider,
  scriptedSandboxes,
} from "../../sandboxes/index.ts";
import type { BattleDeps } from "../../src/arena/battle.ts";
import type { Case } from "../../src/arena/case.ts";
import { Evidence } from "../../src/arena/evidence.ts";
import { Judging } from "../../src/arena/judging.ts";
import { free, type Player, type ReviewAsk, type SubmitAsk } from "../../src/arena/player.ts";
import { RoundCommits } from "../../src/arena/round-commits.ts";
import { Runs } from "../../src/arena/runs.ts";
import { slots } from "../../src/arena/slots.ts";
import type { TournamentDeps } from "../../src/arena/tournament.ts";
import type { Check } from "../../src/domain/report.ts";
import type { PlannedBattle, RoundRow, RunSettings, RunStore } from "../../src/domain/run.ts";
import { exec, type Runner } from "../../src/grading/program.ts";
import { openStore } from "../../src/storage/index.ts";
import { type TestCase, testCase } from "./arena-case.ts";

/** Answers every command: each test file passes when app.py holds every word the file needs, one `# needs` a line. */
export const toyTests: ScriptedHandler = (_, { files }) => {
  const app = files.get("/work/app.py")?.toString("utf8") ?? "";
  const tests = [...files].filter(([path]) => /^\/work\/tests\/test_\w+\.py$/.test(path));
  const lines = tests.map(([path, content]) => {
    const needed = [...content.toString("utf8").matchAll(/^# needs (\w+)$/gm)].map((match) => match[1] ?? "");
    const passes = needed.every((word) => app.includes(word));
    return `${passes ? "passed" : "failed"} ${path.slice("/work/".length)}`;
  });
  return { outcome: { kind: "exited", code: 0 }, stdout: lines.sort().join("\n") };
};

/** Reads what {@link toyTests} says. `label` names its only step: another label is another question. */
export function toyRunner(label = "toy", read: (status: string) => string = (status) => status): Runner {
  return {
    name: "pytest",
    *program({ job, env, timeoutMs }) {
      const argv = ["toy-test"];
      const result = yield* exec({ label, argv, cwd: "/work", env, timeoutMs, maxOutputBytes: 100_000 });
      const lines = result.stdout.split("\n").filter((line) => line !== "");
      const incidents = lines.includes("build-failed") ? [{ kind: "build-failed", detail: "" } as const] : [];
      const checks = lines
        .filter((line) => line !== "build-failed")
        .map((line): Check => {
          const [status = "", file = ""] = line.split(" ");
          const passed = read(status) === "passed";
          return { id: `${job.name}::${file}`, status: passed ? "passed" : "failed", file };
        });
      return { job: job.name, checks, trust: "canaried", incidents, seconds: 1 };
    },
  };
}

/** A toy issue: app.py lacks the word `fixed`, which the hidden test needs; the visible test needs `old`. */
export function toyCase(): Promise<TestCase> {
  return testCase({
    base: { "app.py": "old = 1\n", "tests/test_old.py": "# needs old\nassert old\n" },
    gold: { "app.py": "old = 1\nfixed = 1\n" },
    hidden: { "tests/test_hidden.py": "# needs fixed\nassert hidden_word\n" },
  });
}

export const settings: RunSettings = {
  set: "toy/1",
  setHash: "hash",
  contestants: ["ann", "bob"],
  seed: "seed",
  rounds: 2,
  feedback: false,
  hintMode: "none",
  repeats: 2,
  panel: false,
  retrieval: { mode: "full", maxTokens: 20_000, hints: false },
};

export function planned(over: Partial<PlannedBattle> = {}): PlannedBattle {
  const { rounds } = settings;
  return { battleId: "b1", ordinal: 0, instanceId: "toy-1", first: "ann", second: "bob", rounds, ...over };
}

/** What a scripted player was asked, and in which role. */
export interface Asked {
  readonly id: string;
  readonly role: "submitter" | "reviewer";
  readonly ask: SubmitAsk | ReviewAsk;
}

export interface Script {
  submit(ask: SubmitAsk): Promise<string> | string;
  review(ask: ReviewAsk): Promise<string> | string;
}

export interface ToyArena extends AsyncDisposable {
  readonly of: Case;
  readonly files: TestCase;
  readonly folder: string;
  readonly sandboxes: ScriptedProvider;
  readonly store: RunStore;
  readonly asked: Asked[];
  readonly rows: RoundRow[];
  deps(script: Script, over?: Partial<RunSettings>): BattleDeps & Pick<TournamentDeps, "now">;
}

function player(id: string, script: Script, asked: Asked[]): Player {
  return {
    id,
    async submit(ask) {
      asked.push({ id, role: "submitter", ask });
      return free({ kind: "patch", patch: await script.submit(ask) });
    },
    async review(ask) {
      asked.push({ id, role: "reviewer", ask });
      return free({ kind: "patch", patch: await script.review(ask), bounded: true });
    },
  };
}

export interface ToyPlace {
  /** A temporary one unless said otherwise, and then it stays. The run is in `run` below it. */
  readonly folder?: string;
  /** In memory unless said otherwise. */
  readonly open?: (runFolder: string) => RunStore;
  readonly files?: Promise<TestCase>;
  /** Answers the sandboxes' commands; {@link toyTests} unless said otherwise. */
  readonly tests?: ScriptedHandler;
}

/** A store, evidence in a folder and scripted sandboxes around the toy issue. */
export async function toyArena(
  battles: readonly PlannedBattle[],
  { folder: kept, open = () => openStore(":memory:"), ...world }: ToyPlace = {},
): Promise<ToyArena> {
  const { files = toyCase(), tests = toyTests } = world;
  const toy = await files;
  const folder = kept ?? (await mkdtemp(join(tmpdir(), "arena-toy-")));
  const sandboxes = scriptedSandboxes(tests);
  await mkdir(join(folder, "run"), { recursive: true });
  const store = open(join(folder, "run"));
  store.saveSettings(settings);
  store.planBattles(battles);
  const asked: Asked[] = [];
  const rows: RoundRow[] = [];
  const evidence = new Evidence(join(folder, "run"), store);
  let now = 0;
  const tick = () => {
    now += 1;
    return now;
  };
  const judging = new Judging({
    sandboxes,
    runnerFor: () => toyRunner(),
    cache: join(folder, "cache"),
    limits: defaultLimits,
    run: "toy",
    seed: "canaries",
    now: tick,
    signal: new AbortController().signal,
    slots: slots(2),
  });
  return {
    of: toy.of,
    files: toy,
    folder: join(folder, "run"),
    sandboxes,
    store,
    asked,
    rows,
    deps: (script, over = {}) => ({
      commits: new RoundCommits(store),
      runs: new Runs(judging, store, evidence),
      evidence,
      settings: { ...settings, ...over },
      now: tick,
      monotonicMs: tick,
      store,
      player: (id) => player(id, script, asked),
      signal: new AbortController().signal,
      onRound: (row) => rows.push(row),
    }),
    [Symbol.asyncDispose]: async () => {
      store.close();
      await toy[Symbol.asyncDispose]();
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
