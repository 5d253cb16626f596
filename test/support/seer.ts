// A scripted model whose success depends on what it is shown: it gives the gold patch if it sees what that patch changes.
import type { TokenCounter } from "../../retriever/index.ts";
import type { Instance } from "../../src/domain/instance.ts";
import { diffAnswer } from "./http-contestants.ts";
import type { EndpointStep, SeenRequest } from "./scripted-endpoint.ts";

/** The old lines from the first to the last change of every hunk: what a search block would have to quote. */
export function textsNeeded(patch: string): string[] {
  const hunks = patch.split(/^@@ .*$/m).slice(1);
  return hunks.flatMap((hunk) => {
    const lines = hunk.split("\n").slice(1);
    const end = lines.findIndex((line) => line.startsWith("diff ") || line.startsWith("--- "));
    const body = (end === -1 ? lines : lines.slice(0, end)).filter((line) => /^[ +-]/.test(line));
    const first = body.findIndex((line) => !line.startsWith(" "));
    const last = body.findLastIndex((line) => !line.startsWith(" "));
    const changed = body.slice(Math.max(0, first - 1), last + 1).filter((line) => !line.startsWith("+"));
    const text = changed.map((line) => line.slice(1)).join("\n");
    return text.trim() === "" ? [] : [text];
  });
}

const isReview = (prompt: string): boolean => prompt.includes("## The submitter's change");

/** Says what it used by `counter`, as an endpoint would; never asks again, never reviews. */
export function seer(
  instances: readonly Instance[],
  counter: TokenCounter,
): (request: SeenRequest) => EndpointStep {
  const answerTo = (prompt: string): string => {
    if (isReview(prompt)) return '```json\n{"tests": []}\n```\n';
    const about = instances.find(({ problemStatement }) => prompt.includes(problemStatement.trim()));
    if (about === undefined) return "I do not know this issue.";
    const isShown = textsNeeded(about.goldPatch).every((text) => prompt.includes(text));
    return isShown ? diffAnswer(about.goldPatch) : "I was not shown the code that would have to change.";
  };
  return ({ prompt }) => {
    const text = answerTo(prompt);
    return {
      kind: "answer",
      text,
      usage: { input: counter.count(prompt), output: counter.count(text) },
    };
  };
}

/** The contestant file of the seer: one entry, to be played as `seer@<mode>`. */
export function seerFile(baseUrl: string): string {
  return [
    "- id: seer",
    "  provider: openai",
    `  baseUrl: ${baseUrl}`,
    "  model: seer-1",
    "  tokenizer: o200k_base",
    "  contextTokens: 64000",
    "  maxOutputTokens: 4000",
    "  prices: { inputPerMillion: 1, outputPerMillion: 2 }",
    "  answer: diff",
    "  attempts: 1",
    "",
  ].join("\n");
}
