// What an agent finds on its disk: its role's rules with the issue, the issue alone, and the same as JSON for programs.
import type { Role } from "../../domain/run.ts";
import { type Contestant, defaultAgentDeadlineSeconds, requestsOf } from "../../inference/index.ts";
import { factsOf, hintOf, placementOf } from "../context.ts";
import type { ReviewAsk, SubmitAsk } from "../player.ts";
import { type PromptTemplates, renderPrompt, renderRepair } from "../prompts.ts";
import { maxReviewBytes, maxReviewFiles } from "../review.ts";
import { checkoutFolder } from "./listing.ts";

/** Beside the checkout, so that nothing of it is a change. */
export const taskFolder = "/deps/task";
export const trajectoryFile = `${taskFolder}/trajectory`;

/** An earlier run of the same answer left something that could not be used. */
export interface Retry {
  /** From 1. */
  readonly attempt: number;
  /** The exact error; absent for the first. */
  readonly problem?: string;
}

export type AgentAsk =
  | { readonly role: "submitter"; readonly ask: SubmitAsk }
  | { readonly role: "reviewer"; readonly ask: ReviewAsk };

export const deadlineSecondsOf = ({ agent }: Contestant): number =>
  agent?.deadlineSeconds ?? defaultAgentDeadlineSeconds;

function promptOf({ role, ask }: AgentAsk, templates: PromptTemplates): string {
  const common = {
    ...{ issue: ask.of.instance.problemStatement, facts: factsOf(ask.of), snippets: [] },
    ...{ earlier: ask.feedback, answer: "checkout" as const },
  };
  const input =
    role === "submitter"
      ? { ...common, role }
      : {
          ...{ ...common, role, hint: hintOf(ask.hintMode, ask.submissionDiff) },
          ...{ placement: placementOf[ask.of.instance.language] },
          ...{ maxFiles: maxReviewFiles, maxBytes: maxReviewBytes },
        };
  const { system, user } = renderPrompt(input, templates);
  return `${system}\n${user}`;
}

function factsFor({ role, ask }: AgentAsk, contestant: Contestant, { attempt, problem }: Retry): object {
  const { repo, language, testCommands, lintCommands } = factsOf(ask.of);
  const { model, contextTokens, maxOutputTokens } = contestant;
  const limits = { deadlineSeconds: deadlineSecondsOf(contestant), requests: requestsOf(contestant) };
  return {
    ...{ schemaVersion: 1, role, repo, language, testCommands, lintCommands, checkout: checkoutFolder },
    issue: ask.of.instance.problemStatement,
    ...(role === "reviewer"
      ? { placement: placementOf[language], hint: hintOf(ask.hintMode, ask.submissionDiff) }
      : {}),
    ...{ earlier: ask.feedback, model, contextTokens, maxOutputTokens, ...limits, attempt },
    ...(problem === undefined ? {} : { problem }),
  };
}

/** By path. Pure. */
export function taskFiles(
  asked: AgentAsk,
  { contestant, templates }: { readonly contestant: Contestant; readonly templates: PromptTemplates },
  retry: Retry,
): ReadonlyMap<string, string> {
  const { problem, attempt } = retry;
  const left = { attemptsLeft: contestant.attempts - attempt, answer: "checkout", role: asked.role } as const;
  const repair = problem === undefined ? "" : `\n${renderRepair({ ...left, problem }, templates)}`;
  return new Map([
    [`${taskFolder}/task.md`, `${promptOf(asked, templates)}${repair}`],
    [`${taskFolder}/issue.md`, `${asked.ask.of.instance.problemStatement.trimEnd()}\n`],
    [`${taskFolder}/task.json`, `${JSON.stringify(factsFor(asked, contestant, retry), null, 2)}\n`],
    ...(problem === undefined ? [] : ([[`${taskFolder}/problem.txt`, `${problem}\n`]] as const)),
  ]);
}

/** Where it finds all that, and what it may use up. */
export function taskEnvironment(role: Role, contestant: Contestant, seed: number): Record<string, string> {
  return {
    ...contestant.agent?.environment,
    ...{ ARENA_ROLE: role, ARENA_CHECKOUT: checkoutFolder, ARENA_SEED: String(seed) },
    ...{ ARENA_TASK: `${taskFolder}/task.md`, ARENA_ISSUE: `${taskFolder}/issue.md` },
    ...{ ARENA_TASK_JSON: `${taskFolder}/task.json`, ARENA_TRAJECTORY: trajectoryFile },
    ARENA_DEADLINE_SECONDS: String(deadlineSecondsOf(contestant)),
    ARENA_REQUESTS: String(requestsOf(contestant)),
    ...{ ARENA_MAX_OUTPUT_TOKENS: String(contestant.maxOutputTokens) },
  };
}
