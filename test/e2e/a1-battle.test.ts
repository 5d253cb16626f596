// A pair plays a real battle: candidates that do not apply are refused, bad ones handed over, the best of the rest submitted.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ChatBody, type ChatEndpoint, chatEndpoint } from "../support/chat-endpoint.ts";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { diffAnswer, smokeIssue, smokePatch, smokeSet } from "../support/http-contestants.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-a1-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gold = diffAnswer(smokePatch("gold.patch"));
const wrong = diffAnswer(smokePatch("panel/wrong-1.patch"));
const tests = diffAnswer(smokePatch("test.patch"));

/** A review's prompt shows how tests are written; a submission's does not. */
const isReview = ({ messages }: ChatBody): boolean => /write tests/i.test(messages[0]?.content ?? "");
const last = ({ messages }: ChatBody): string => messages.at(-1)?.content ?? "";

/** Prose, then a wrong patch, then the right one, over and over: which sample gets which is chance. */
function draftScript() {
  const answers = ["I would change the loop.", wrong, gold];
  let asked = 0;
  return (body: ChatBody) => {
    if (isReview(body)) return { text: tests };
    asked += 1;
    return { text: answers[asked % answers.length] ?? "" };
  };
}

/** Finds the right patch right, everything else wrong, and writes the right one when it is asked to. */
function targetScript(body: ChatBody) {
  if (!last(body).startsWith("Is the last step above correct?"))
    return { text: isReview(body) ? tests : gold };
  const yes = body.messages.at(-2)?.content === gold || isReview(body) ? 0.9 : 0.05;
  return {
    text: yes > 0.5 ? "yes" : "no",
    top: [
      { token: "yes", logprob: Math.log(yes) },
      { token: "no", logprob: Math.log(1 - yes) },
    ],
  };
}

const pairFile = (draft: string, target: string): string =>
  [
    "- id: pair",
    "  provider: a1",
    "  model: small > large",
    "  contextTokens: 32000",
    "  maxOutputTokens: 4000",
    "  prices: { inputPerMillion: 1, outputPerMillion: 2 }",
    "  answer: diff",
    "  attempts: 2",
    "  a1:",
    `    draft: { kind: openai, baseUrl: "${draft}", model: small }`,
    `    target: { kind: openai, baseUrl: "${target}", model: large }`,
    "    samples: 6",
    "    interventionRate: 0.4",
    "    score: p-yes",
    "    turns: 2",
  ].join("\n");

const run = join(folder, "run");
let endpoints: readonly [ChatEndpoint, ChatEndpoint] | undefined;
let played: Awaited<ReturnType<typeof arena>> | undefined;

beforeAll(async () => {
  if ((await engineForTests(["python"])) === undefined) return;
  endpoints = [await chatEndpoint(draftScript()), await chatEndpoint(targetScript)];
  const file = join(folder, "pair.yaml");
  writeFileSync(file, pairFile(endpoints[0].baseUrl, endpoints[1].baseUrl));
  const who = ["--contestants", `gold,${file}`, "--only", smokeIssue, "--run", run];
  const how = ["--repeats", "1", "--no-panel", "--sandbox", "docker", "--seed", "a1"];
  played = await arena("play", smokeSet, ...who, ...how, "--json");
});
afterAll(async () => {
  for (const endpoint of endpoints ?? []) await endpoint[Symbol.asyncDispose]();
});

const shownRun = z.object({ battles: z.array(z.object({ battleId: z.string() })) });
const shownBattle = z.object({
  rounds: z.array(z.object({ submitter: z.string(), record: z.looseObject({ label: z.string() }) })),
  chosen: z.array(
    z.object({
      role: z.string(),
      candidates: z.array(
        z.looseObject({
          isChosen: z.boolean(),
          end: z.string(),
          text: z.string(),
          trial: z.object({ kind: z.string(), because: z.string().optional() }).optional(),
          chunks: z.array(z.looseObject({ author: z.string(), nonconformity: z.number().optional() })),
        }),
      ),
    }),
  ),
});

describe("[engine] a battle of a pair", () => {
  it("is won by the best of its candidates, each of them and each decision on record", async ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    expect(played?.code, played?.stderr).toBe(0);
    const [battle] = shownRun.parse(JSON.parse((await arena("show", run, "--json")).stdout)).battles;
    const id = battle?.battleId ?? "";
    const shown = shownBattle.parse(JSON.parse((await arena("show", run, id, "--json")).stdout));
    expect(shown.rounds.find(({ submitter }) => submitter === "pair")?.record.label).toBe("resolved");
    const submitted = shown.chosen.find(({ role }) => role === "submitter");
    expect(submitted?.candidates).toHaveLength(6);
    const chosen = submitted?.candidates.find(({ isChosen }) => isChosen);
    expect(chosen).toMatchObject({ end: "answered", text: gold, trial: { kind: "passed" } });
    // Wrong patches were drafted too, and scored as what they are.
    const scores = submitted?.candidates.flatMap(({ chunks }) =>
      chunks.flatMap(({ nonconformity }) => nonconformity ?? []),
    );
    expect(Math.max(...(scores ?? []))).toBeGreaterThan(2);
    const decided = submitted?.candidates.flatMap(({ chunks }) => chunks.filter((chunk) => "level" in chunk));
    expect(decided?.length).toBeGreaterThan(0);
    for (const chunk of decided ?? [])
      expect(chunk).toMatchObject({ u: expect.any(Number), isAudit: expect.any(Boolean) });
    const text = (await arena("show", run, id)).stdout;
    expect(text).toMatch(/sub\. A1 +attempt 1: 6 candidates, number \d chosen/);
    expect(text).toMatch(/draft \d+ characters, score \d\.\d{3}/);
    expect(text).toMatch(/: answered, passed its trial: /);
    const reviewed = shown.chosen.find(({ role }) => role === "reviewer");
    expect(reviewed?.candidates.find(({ isChosen }) => isChosen)?.trial).toEqual({ kind: "passed" });
  });

  it("asked both engines, and drew its samples with seeds of their own", ({ skip }) => {
    if (endpoints === undefined) skip("no container engine can be had here");
    const [draft, target] = endpoints ?? [];
    const drafts = draft?.seen.filter((body) => !isReview(body) && last(body).length > 600) ?? [];
    expect(new Set(drafts.map(({ seed }) => seed)).size).toBe(drafts.length);
    expect(target?.seen.some((body) => last(body).includes("Is the last step above correct?"))).toBe(true);
  });
});

describe("a contestant of provider a1", () => {
  it.each([
    ["has no engines", "  a1: {}", /pair\.yaml:9: 1\.a1\.draft: expected kind: sglang, vllm/],
    [
      "names a score that is none",
      "  a1: { draft: { kind: onnx, folder: d }, target: { kind: onnx, folder: t }, score: best }",
      /1\.a1\.score: expected one of mean-nll, worst-window/,
    ],
    [
      "names a folder that is not there",
      "  a1: { draft: { kind: onnx, folder: d }, target: { kind: onnx, folder: t } }",
      /unusable: .*\/d/,
    ],
  ])("that %s is told so before anything is played", async (_, a1, told) => {
    const file = join(folder, "pair.yaml");
    const [head = ""] = pairFile("", "").split("  a1:\n");
    writeFileSync(file, `${head}${a1}\n`);
    const { code, stderr } = await arena(
      ...["play", smokeSet, "--contestants", `gold,${file}`, "--only", smokeIssue],
      ...["--run", join(folder, "never")],
    );
    expect([2, 3]).toContain(code);
    expect(stderr).toMatch(told);
  });
});
