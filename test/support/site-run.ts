// A run folder without a sandbox: rounds drawn from known skills, judged by our rules, stored by our store.
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Evidence } from "../../src/arena/evidence.ts";
import { writeVerdict } from "../../src/arena/verdict-files.ts";
import { readSet } from "../../src/curation/index.ts";
import type { Language } from "../../src/domain/instance.ts";
import { type Random, seededRandom } from "../../src/domain/random.ts";
import type { CheckStatus } from "../../src/domain/report.ts";
import type {
  CallCandidate,
  RetrievalMode,
  RoleUsage,
  RoundRow,
  ShownContext,
} from "../../src/domain/run.ts";
import { type Baseline, type JudgedRun, judge, type RoundEvidence } from "../../src/grading/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { instance, ran, times } from "./evidence.ts";

export interface SitePlayer {
  readonly id: string;
  /** Log-odds of a right patch, and of tests that break a wrong one, on an issue of middling difficulty. */
  readonly submitter: number;
  readonly reviewer: number;
  /** US dollars and seconds of one call; absent for a control. */
  readonly price?: { readonly usd: number; readonly seconds: number };
  readonly retrieval?: RetrievalMode;
}

export interface SiteIssueText {
  readonly id: string;
  readonly language: Language;
  readonly text: string;
  /** 0 to 1. */
  readonly difficulty: number;
  readonly createdAt: string;
}

/** What others wrote, wherever it is shown. */
export interface Words {
  readonly patch: (issue: SiteIssueText, right: boolean) => string;
  readonly tests: (issue: SiteIssueText) => string;
  readonly stdout: string;
  readonly stderr: string;
  readonly command: string;
  readonly prompt: string;
  readonly reason: string;
  readonly snippet: string;
  readonly check: string;
}

export interface SiteRunRequest {
  readonly folder: string;
  readonly set: string;
  readonly players: readonly SitePlayer[];
  readonly issues: readonly SiteIssueText[];
  readonly words: Words;
  readonly seed?: string;
  /** Visible checks of every issue. */
  readonly checks?: number;
  /** Share of rounds that a fault of ours takes away. */
  readonly voids?: number;
  /** Logs of a round's own runs; those of base and gold are always there. */
  readonly withLogs?: boolean;
  /** The first player's answers are chosen from several. */
  readonly withCandidates?: boolean;
  readonly feedback?: boolean;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

type Statuses = Record<string, CheckStatus>;

/** Names of an issue's checks: kept ones, those the issue breaks, and those the reviewer adds. */
class Names {
  readonly kept: string[];
  readonly fixed = ["tests/test_hidden.py::test_issue", "tests/test_hidden.py::test_neighbour"];
  readonly added: string[];

  constructor(checks: number, check: string) {
    this.kept = numbers(checks).map((n) => `tests/test_parser.py::test_case_${String(n).padStart(2, "0")}`);
    this.added = ["tests/test_review.py::test_edge", `tests/test_review.py::${check}`];
  }

  of(names: readonly string[], status: CheckStatus): Statuses {
    return Object.fromEntries(names.map((name) => [name, status]));
  }

  get baseline(): Baseline {
    const ids = (names: readonly string[]) => new Set(names.map((name) => `test::${name}`));
    return {
      stable: ids(this.kept),
      goldPassing: ids(this.kept),
      goldKnown: ids(this.kept),
      failToPass: ids(this.fixed),
      passToPass: ids(this.kept.slice(0, 2)),
      deaf: new Set(),
      flaky: new Set(),
      unmet: [],
      unbroken: [],
      speaking: new Set(["test"]),
    };
  }
}

interface Drawn {
  readonly right: boolean;
  readonly broken: boolean;
  readonly evidence: RoundEvidence;
}

function drawRound(
  names: Names,
  { submitter, reviewer, issue }: { submitter: SitePlayer; reviewer: SitePlayer; issue: SiteIssueText },
  { random, words, voids }: { random: Random; words: Words; voids: number },
): Drawn {
  const ease = 1.5 - 3 * issue.difficulty;
  const right = random.next() < logistic(submitter.submitter + ease);
  const applies = random.next() < logistic(submitter.submitter + 2.5);
  const sharp = random.next() < logistic(reviewer.reviewer);
  const broken = sharp && !right;
  const kept = names.of(names.kept, "passed");
  const hidden = { ...kept, ...names.of(names.fixed, right ? "passed" : "failed") };
  const withTests = (status: CheckStatus) => ran({ ...kept, ...names.of(names.added, status) });
  const lost = random.next() < voids;
  const evidence: RoundEvidence = {
    baseline: names.baseline,
    submission: applies
      ? { kind: "applied", visible: ran(kept), hidden: ran(hidden) }
      : { kind: "rejected", reasons: [{ code: "does-not-apply", detail: words.reason }] },
    review: {
      kind: "applied",
      files: ["tests/test_review.py"],
      onGold: times(3, withTests("passed")),
      ...(applies ? { onSubmission: times(3, withTests(broken ? "failed" : "passed")) } : {}),
      onBase: withTests(sharp ? "failed" : "passed"),
      onPanel: [],
    },
    ...(lost ? { fault: { cause: "engine-lost", side: "submitter" as const, detail: words.reason } } : {}),
  };
  return { right, broken, evidence };
}

function usageOf({ price }: SitePlayer, random: Random): RoleUsage {
  if (price === undefined) return { attempts: 0, inputTokens: 0, outputTokens: 0, costUsd: 0, seconds: 0 };
  const size = 0.7 + 0.6 * random.next();
  const tokens = Math.round(6_000 * size);
  return {
    ...{ attempts: 1, inputTokens: tokens, outputTokens: Math.round(tokens / 8) },
    ...{ costUsd: price.usd * size, seconds: price.seconds * size },
  };
}

function contextOf({ price, retrieval = "full" }: SitePlayer, words: Words): ShownContext | undefined {
  if (price === undefined) return undefined;
  const plain = { hints: false, tokenizer: "o200k_base", isApproximate: false, leftOut: 2 };
  if (retrieval === "none")
    return { ...plain, mode: retrieval, tokens: 0, snippets: [], gold: { passed: 0, total: 1 } };
  return {
    ...plain,
    mode: retrieval,
    tokens: 2_130,
    gold: { passed: 1, total: 1 },
    snippets: [
      { path: "src/parser.py", form: "whole", firstLine: 1, lastLine: 88, tokens: 1_800 },
      { path: words.snippet, form: "signature", firstLine: 4, lastLine: 19, tokens: 330 },
    ],
  };
}

function candidatesOf(words: Words): CallCandidate[] {
  const chunk = { turn: 0, author: "draft" as const, characters: 812, isKept: true };
  return [
    {
      ...{ sample: 0, isChosen: false, end: words.reason, isUnchecked: false, text: words.prompt },
      chunks: [{ ...chunk, nonconformity: 0.431, p: 0.62, level: 0.4, isHandedOver: false }],
    },
    {
      ...{ sample: 1, isChosen: true, end: "answered", isUnchecked: false, text: words.patch(noIssue, true) },
      trial: { kind: "passed", isAudit: false, p: 0.12 },
      chunks: [{ ...chunk, author: "target", nonconformity: 0.2, p: 0.9, level: 0.4 }],
    },
  ];
}

const noIssue: SiteIssueText = { id: "none", language: "python", text: "", difficulty: 0.5, createdAt: "" };

function transcript(judged: JudgedRun, { stdout, stderr, command }: Words): unknown {
  const job = { name: "test", run: command, runner: "pytest", timeoutSeconds: 60, env: {}, tags: [] };
  const exec = {
    step: { kind: "exec", label: command, argv: ["python3", "-m", "pytest", command] },
    result: {
      ...{ kind: "exec", outcome: { kind: "exited", code: 1 }, stdout, stderr },
      ...{ stdoutBytes: stdout.length, stderrBytes: stderr.length, truncated: false, wallMs: 1_840 },
    },
  };
  return { schemaVersion: 1, jobs: [{ context: { job }, exchanges: [exec] }], judged };
}

/** Labels of the round's own runs, as its verdict names their files. */
function ownRuns({ submission, review }: RoundEvidence): [string, JudgedRun][] {
  const numbered = (name: string, runs: readonly JudgedRun[] = []) =>
    runs.map((run, index): [string, JudgedRun] => [`${name} ${index + 1}`, run]);
  return [
    ...(submission.kind === "applied" ? [["P", submission.visible] as [string, JudgedRun]] : []),
    ...(submission.hidden === undefined ? [] : [["P+H", submission.hidden] as [string, JudgedRun]]),
    ...(review.kind === "applied"
      ? [...numbered("G+T", review.onGold), ...numbered("P+T", review.onSubmission)]
      : []),
  ];
}

async function writeSet({ folder, set, issues }: SiteRunRequest): Promise<string> {
  const file = join(folder, `${set}.jsonl`);
  const lines = issues.map(({ id, language, text, difficulty, createdAt }) =>
    JSON.stringify({
      ...{ instance_id: id, repo: `site/${language}`, language, created_at: createdAt },
      ...{ patch: "gold", test_patch: "tests", problem_statement: text, provenance: { difficulty } },
    }),
  );
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

/** Writes `<folder>/run` with its set beside it, and says where the run is: every pair on every issue, roles swapped. */
export async function makeSiteRun(request: SiteRunRequest): Promise<string> {
  const { folder, players, issues, words, seed = "site", checks = 12, voids = 0 } = request;
  const file = await writeSet(request);
  const { set } = await readSet(file);
  const run = join(folder, "run");
  await mkdir(run, { recursive: true });
  const evidence = new Evidence(run);
  const names = new Names(checks, words.check);
  const store = openStore(join(run, "arena.db"));
  const retrieval = { mode: "full", maxTokens: 20_000, hints: false } as const;
  const contestants = players.map(({ id }) => id);
  store.saveSettings({
    ...{
      set: set.name,
      setHash: set.sha256,
      contestants,
      seed,
      rounds: 2,
      feedback: request.feedback ?? false,
    },
    ...{ hintMode: "none", repeats: 3, panel: false, retrieval },
  });
  await evidence.writeJson("manifest.json", {
    ...{ schemaVersion: 1, options: { set: file }, contestants: [], sandbox: "scripted" },
  });
  const shown = { B: names.of(names.kept, "passed"), G: names.of(names.kept, "passed") };
  for (const issue of issues) {
    for (const [label, statuses] of Object.entries(shown))
      await evidence.writeTranscript(
        `evidence/${issue.id}/${label}.json.gz`,
        transcript(ran(statuses), words),
      );
  }
  const pairs = players.flatMap((one, place) =>
    players.slice(place + 1).map((other) => [one, other] as const),
  );
  const planned = issues.flatMap((issue) => pairs.map(([one, other]) => ({ issue, one, other })));
  store.planBattles(
    planned.map(({ issue, one, other }, ordinal) => ({
      ...{
        battleId: `b${ordinal}`,
        ordinal,
        instanceId: issue.id,
        first: one.id,
        second: other.id,
        rounds: 2,
      },
    })),
  );
  const random = seededRandom(seed);
  for (const [ordinal, { issue, one, other }] of planned.entries()) {
    for (const [index, [submitter, reviewer]] of [[one, other] as const, [other, one] as const].entries()) {
      const row = await playRound({ submitter, reviewer, issue, battleId: `b${ordinal}`, round: index + 1 });
      store.recordRound(row);
      recordCalls(row, [submitter, reviewer]);
    }
    store.finishBattle(`b${ordinal}`);
  }
  store.close();
  return run;

  function recordCalls(row: RoundRow, sides: readonly SitePlayer[]): void {
    for (const [place, role] of (["submitter", "reviewer"] as const).entries()) {
      const side = sides[place];
      if (side?.price === undefined) continue;
      const usage = role === "submitter" ? row.submitterUsage : row.reviewerUsage;
      const key = { battleId: row.battleId, round: row.round, role, attempt: 1, contestant: side.id };
      const id = store.beginCall({ ...key, promptHash: sha(row.battleId), worstCaseTokens: 9_000 });
      const { attempts: _, ...used } = usage;
      const chosen = request.withCandidates === true && side === players[0];
      store.finishCall(id, {
        ...{ status: "answered", text: "", estimated: false, ...used },
        ...(chosen ? { candidates: candidatesOf(words) } : {}),
      });
    }
  }

  /** The files of a round's runs by label; those of its own only where logs are wanted. */
  async function writeRuns(
    from: RoundEvidence,
    { issue, place }: { readonly issue: SiteIssueText; readonly place: string },
  ): Promise<Record<string, string>> {
    const at = `evidence/${issue.id}`;
    const runs: Record<string, string> = { B: `${at}/B.json.gz`, G: `${at}/G.json.gz` };
    for (const [label, judged] of ownRuns(from)) {
      const name = `${at}/${sha(`${place} ${label}`).slice(0, 16)}.json.gz`;
      runs[label] = name;
      if (request.withLogs === true) await evidence.writeTranscript(name, transcript(judged, words));
    }
    return runs;
  }

  async function writePrompts(
    at: string,
    shown: Readonly<Record<"submitter" | "reviewer", ShownContext | undefined>>,
  ): Promise<void> {
    for (const [role, context] of Object.entries(shown))
      if (context !== undefined) await evidence.writeText(`${at}/${role}-prompt.md`, words.prompt);
  }

  async function playRound(of: {
    readonly submitter: SitePlayer;
    readonly reviewer: SitePlayer;
    readonly issue: SiteIssueText;
    readonly battleId: string;
    readonly round: number;
  }): Promise<RoundRow> {
    const { submitter, reviewer, issue, battleId, round } = of;
    const drawn = drawRound(names, of, { random, words, voids });
    const { ci } = instance();
    const record = judge(instance({ instanceId: issue.id, language: issue.language, ci }), drawn.evidence);
    const folderOf = `battles/${battleId}/round-${round}`;
    const runs = await writeRuns(drawn.evidence, { issue, place: `${battleId} ${round}` });
    const patch = words.patch(issue, drawn.right);
    await writeVerdict(evidence, folderOf, {
      ...{ patch, candidate: undefined, from: drawn.evidence, record, runs },
    });
    await evidence.writeText(`${folderOf}/review.patch`, words.tests(issue));
    const [submitterContext, reviewerContext] = [contextOf(submitter, words), contextOf(reviewer, words)];
    await writePrompts(folderOf, { submitter: submitterContext, reviewer: reviewerContext });
    const { hidden } = drawn.evidence.submission;
    return {
      ...{ battleId, round, instanceId: issue.id, language: issue.language },
      ...{ submitter: submitter.id, reviewer: reviewer.id, record },
      ...(record.submission.status === "valid" ? { submitterJobs: { passed: 1, total: 1 } } : {}),
      reviewerJobs: { passed: 1, total: 1 },
      ...(hidden === undefined ? {} : { failToPass: { passed: drawn.right ? 2 : 1, total: 2 } }),
      ...{ submitterUsage: usageOf(submitter, random), reviewerUsage: usageOf(reviewer, random) },
      ...(submitterContext === undefined ? {} : { submitterContext }),
      ...(reviewerContext === undefined ? {} : { reviewerContext }),
      ...{ judgingSeconds: 21.4, reusedRuns: ["B", "G"], trust: "canaried" },
      evidenceHash: sha(folderOf),
    };
  }
}
