// Two contestants behind real sockets that misbehave in every way we know: each failure has its outcome, none crashes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Budget, Endpoints, ModelFault, modelOf, parseContestants } from "../../src/inference/index.ts";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import {
  diffAnswer,
  smokeIssue,
  smokePatch,
  smokeSet,
  writeContestants,
} from "../support/http-contestants.ts";
import { type EndpointStep, type ScriptedEndpoint, scriptedEndpoint } from "../support/scripted-endpoint.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-http-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const answer = (
  text: string,
  more: { finish?: "length" | "refusal"; delayMs?: number } = {},
): EndpointStep => ({
  kind: "answer",
  text,
  ...more,
});
const wait = (status: number, seconds: number): EndpointStep => ({
  kind: "status",
  status,
  headers: { "retry-after": String(seconds) },
});
const twice = (step: EndpointStep): EndpointStep[] => [step, step];

const gold = answer(diffAnswer(smokePatch("gold.patch")));
const wrong = answer(diffAnswer(smokePatch("panel/wrong-1.patch")));
const tests = answer(diffAnswer(smokePatch("test.patch")));
const declines = answer('```json\n{"tests": []}\n```\n');
const cutPatch = smokePatch("gold.patch").slice(0, 420);
const escaping = [
  "--- a/../../etc/cron.d/x",
  "+++ b/../../etc/cron.d/x",
  "@@ -0,0 +1 @@",
  "+* * * * * root id",
  "",
].join("\n");

interface ScriptedRound {
  readonly name: string;
  readonly steps: readonly EndpointStep[];
  /** Verdict, cause of a void or the submission's and the review's reason codes, and the effect. */
  readonly becomes: readonly [verdict: string, submission: string, review: string, effect: string];
}

/** Requests of one worker in one battle come one after another, so a list of steps is what each round meets. */
const rounds: readonly ScriptedRound[] = [
  {
    name: "429 with Retry-After, 500, then a slow answer; a good patch stands",
    steps: [
      wait(429, 1),
      wait(500, 0),
      answer(diffAnswer(smokePatch("gold.patch")), { delayMs: 1500 }),
      tests,
    ],
    becomes: ["patch-stands", "valid resolved", "valid", "survived"],
  },
  {
    name: "a cut connection and malformed JSON, each asked again; a wrong patch is killed",
    steps: [{ kind: "cut" }, wrong, { kind: "malformed-json" }, tests],
    becomes: ["patch-broken", "valid unresolved", "valid", "killed"],
  },
  {
    name: "an answer of the wrong schema every time",
    steps: [{ kind: "wrong-schema" }, { kind: "wrong-schema" }, { kind: "wrong-schema" }],
    becomes: ["void", "bad-response submitter", "", "not-run"],
  },
  {
    name: "answers cut off at the output limit",
    steps: [
      ...twice(answer(`\`\`\`diff\n${cutPatch}`, { finish: "length" })),
      ...twice(answer('```json\n{"tests": [{"file": "tests/te', { finish: "length" })),
    ],
    becomes: ["patch-invalid", "truncated", "truncated", "not-run"],
  },
  {
    name: "a refusal and a context overflow",
    steps: [answer("", { finish: "refusal" }), { kind: "context-overflow" }],
    becomes: ["patch-invalid", "refusal", "context-overflow", "not-run"],
  },
  {
    name: "prose for a patch; a request the server calls bad",
    steps: [
      ...twice(answer("I would change the loop.")),
      { kind: "status", status: 400, message: "no such parameter" },
    ],
    becomes: ["void", "bad-request reviewer", "", "not-run"],
  },
  {
    name: "an answer of 50 MB; a reviewer that declines",
    steps: [{ kind: "huge", bytes: 50 * 1024 * 1024 }, declines],
    becomes: ["patch-invalid", "answer-too-large", "", "not-run"],
  },
  {
    name: "a path outside the repository; tests that are no test path",
    steps: [...twice(answer(diffAnswer(escaping))), gold],
    becomes: ["patch-invalid", "unsafe-path", "not-a-test-path", "not-run"],
  },
  {
    name: "a truncated diff that claims to be whole, mended on the second try; silence, then tests",
    steps: [answer(diffAnswer(cutPatch)), gold, { kind: "silence" }, declines],
    becomes: ["patch-stands", "valid resolved", "", "not-run"],
  },
  {
    name: "connections cut every time",
    steps: [{ kind: "cut" }, { kind: "cut" }, { kind: "cut" }],
    becomes: ["void", "unreachable submitter", "", "not-run"],
  },
];

const reasons = z.array(z.object({ code: z.string() }));
const shownBattle = z.object({
  rounds: z.array(
    z.object({
      round: z.number(),
      record: z.object({
        submission: z.object({ status: z.string(), reasons }),
        label: z.string(),
        review: z.object({ status: z.string(), reasons }),
        effect: z.string(),
        void: z.object({ cause: z.string(), side: z.string() }).optional(),
      }),
    }),
  ),
});
const shownRun = z.object({
  battles: z.array(z.object({ battleId: z.string(), verdicts: z.array(z.string()) })),
});

type Row = z.infer<typeof shownBattle>["rounds"][number];

function outcomeOf({ record }: Row, verdict: string | undefined) {
  const { submission, label, review, effect } = record;
  if (record.void !== undefined) return [verdict, `${record.void.cause} ${record.void.side}`, "", effect];
  const codes = (of: z.infer<typeof reasons>) => of.map((reason) => reason.code).join(" ");
  const submitted = submission.status === "valid" ? `valid ${label}` : codes(submission.reasons);
  return [verdict, submitted, review.status === "valid" ? "valid" : codes(review.reasons), effect];
}

const steps = rounds.flatMap((round) => round.steps);
const run = join(folder, "run");
let endpoint: ScriptedEndpoint | undefined;
let played: Awaited<ReturnType<typeof arena>> | undefined;

beforeAll(async () => {
  if ((await engineForTests(["python"])) === undefined) return;
  endpoint = await scriptedEndpoint(steps);
  const file = join(folder, "models.yaml");
  writeContestants(file, { ids: ["ada", "bob"], baseUrl: endpoint.baseUrl, requestTimeoutSeconds: 6 });
  const settings = ["--rounds", String(rounds.length), "--repeats", "1", "--no-panel", "--workers", "1"];
  const where = ["--only", smokeIssue, "--run", run, "--sandbox", "docker", "--seed", "sockets"];
  played = await arena("play", smokeSet, "--contestants", file, ...settings, ...where, "--json");
});
afterAll(async () => endpoint?.[Symbol.asyncDispose]());

describe("[engine] a battle over HTTP", () => {
  it("ends, says with its exit code that rounds are void, and asks for nothing more than was needed", ({
    skip,
  }) => {
    if (played === undefined) skip("no container engine can be had here");
    expect(played?.code, played?.stderr).toBe(1);
    expect(JSON.parse(played?.stdout ?? "")).toMatchObject({ interrupted: false, unsound: [] });
    expect(endpoint?.requests).toHaveLength(steps.length);
    expect(endpoint?.mostAtOnce).toBe(1);
  });

  it.for(rounds.map((round, index) => ({ ...round, index })))(
    "$name",
    async ({ index, becomes }, { skip }) => {
      if (played === undefined) skip("no container engine can be had here");
      const [battle] = shownRun.parse(JSON.parse((await arena("show", run, "--json")).stdout)).battles;
      const shown = await arena("show", run, battle?.battleId ?? "", "--json");
      const row = shownBattle.parse(JSON.parse(shown.stdout)).rounds[index];
      expect(row && outcomeOf(row, battle?.verdicts[index])).toEqual(becomes);
    },
  );
});

describe("an address nobody listens at", () => {
  it("is tried until the retry window closes, then a fault that voids the round", async () => {
    const file = join(folder, "nowhere.yaml");
    const gone = await scriptedEndpoint([]);
    await gone[Symbol.asyncDispose]();
    writeContestants(file, { ids: ["ada"], baseUrl: gone.baseUrl });
    const parsed = parseContestants(
      `[{id: ada, provider: openai, baseUrl: "${gone.baseUrl}", model: m, contextTokens: 4000, maxOutputTokens: 100, prices: {inputPerMillion: 1, outputPerMillion: 1}}]`,
      file,
    );
    if (!parsed.ok) throw new Error("the contestant does not parse");
    const [contestant] = parsed.contestants;
    if (contestant === undefined) throw new Error("there is no contestant");
    const clock = virtualClock();
    const random = { next: () => 0.5 };
    const deps = {
      apiKey: undefined,
      budget: new Budget(),
      clock,
      random,
      slots: new Endpoints(clock).slotsOf(contestant),
    };
    const prompt = { system: "", messages: [{ role: "user" as const, content: "hi" }], maxOutputTokens: 100 };
    const asked = modelOf(contestant, deps).generate(prompt, new AbortController().signal);
    const fault = await asked.catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(ModelFault);
    expect(fault).toMatchObject({ code: "unreachable", isFault: true });
    const waited = clock.slept.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThan(800_000);
    expect(waited).toBeLessThanOrEqual(900_000);
  });
});
