// Contestants behind a scripted endpoint: their file, and answers made of the smoke set's own patches.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./source.ts";

export const smokeSet = join(root, "issues", "smoke", "1");
export const smokeIssue = "smoke__dayrule-7";

/** A patch of the issue as it lies in the set: `gold.patch`, `test.patch`, `panel/wrong-1.patch`. */
export function smokePatch(name: string): string {
  return readFileSync(join(smokeSet, "instances", smokeIssue, name), "utf8");
}

export function diffAnswer(patch: string): string {
  return `Here is the change.\n\n\`\`\`diff\n${patch}\`\`\`\n`;
}

export interface HttpContestants {
  readonly ids: readonly string[];
  readonly baseUrl: string;
  readonly attempts?: number;
  readonly requestTimeoutSeconds?: number;
  /** With it every battle, round and role sends a seed of its own. */
  readonly seed?: number;
}

/** Writes the contestant file a person would write. Two attempts and a minute a request unless said otherwise. */
export function writeContestants(file: string, request: HttpContestants): void {
  const { ids, baseUrl, attempts = 2, requestTimeoutSeconds = 60, seed } = request;
  const entries = ids.map((id) =>
    [
      `- id: ${id}`,
      "  provider: openai",
      `  baseUrl: ${baseUrl}`,
      `  model: ${id}`,
      "  contextTokens: 32000",
      "  maxOutputTokens: 4000",
      "  prices: { inputPerMillion: 1, outputPerMillion: 2 }",
      "  answer: diff",
      `  attempts: ${attempts}`,
      `  requestTimeoutSeconds: ${requestTimeoutSeconds}`,
      ...(seed === undefined ? [] : [`  seed: ${seed}`]),
    ].join("\n"),
  );
  writeFileSync(file, `${entries.join("\n")}\n`);
}
