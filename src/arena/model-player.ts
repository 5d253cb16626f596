// A contestant behind a model: asks, sends unusable answers back with the exact error, never asks twice for one answer.
import { createHash } from "node:crypto";
import type { TokenCounter } from "../../retriever/index.ts";
import type { Reason } from "../domain/record.ts";
import type { CallFinish, CallKey, Role, RunStore, ShownContext, StoredCall } from "../domain/run.ts";
import {
  type AnswerCheck,
  type AnswerTrial,
  type CallRecorder,
  type Completion,
  type Contestant,
  type Message,
  type Model,
  ModelFault,
  type Prompt,
  recordedModel,
  type Trial,
  totalCharged,
} from "../inference/index.ts";
import { applyEdits, applyTests, parseReview, parseSubmission } from "./answers.ts";
import type { Case } from "./case.ts";
import { factsOf, hintOf, placementOf } from "./context.ts";
import type { Indexes } from "./indexes.ts";
import type { Answered, Player, ReviewAnswer, ReviewAsk, SubmitAnswer, SubmitAsk } from "./player.ts";
import {
  type PromptSnippet,
  type PromptTemplates,
  type RenderedPrompt,
  renderPrompt,
  renderRepair,
  snippetRenderer,
} from "./prompts.ts";
import { maxReviewBytes, maxReviewFiles } from "./review.ts";
import { faultOfEndpoint } from "./run-ending.ts";
import type { Runs } from "./runs.ts";
import { show } from "./shown.ts";
import { tryReview, trySubmission } from "./try-answer.ts";
import { usageOf } from "./usage.ts";

export interface ModelPlayerDeps {
  readonly contestant: Contestant;
  readonly model: Model;
  readonly templates: PromptTemplates;
  /** Of the contestant's own tokenizer, or an approximation that says so. */
  readonly counter: TokenCounter;
  readonly indexes: Indexes;
  readonly store: RunStore;
  readonly runs: Runs;
  readonly signal: AbortSignal;
  /** Stores an answer that was paid for; without it a disk that is full loses it. */
  readonly keep?: (write: () => void) => Promise<void>;
}

/** What became of one answer: something to judge, or an error the model may repair. */
type Attempt<A> =
  | { readonly kind: "usable"; readonly answer: A }
  | { readonly kind: "unusable"; readonly reason: Reason };

type Read<A> = (text: string) => Promise<Attempt<A>>;

interface Reading<A> {
  readonly read: Read<A>;
  /** For models that choose among several answers of their own. */
  readonly tryOut: (answer: A) => Promise<Trial>;
}

const statusOf: Readonly<Record<Completion["finish"], CallFinish["status"]>> = {
  stop: "answered",
  other: "answered",
  length: "truncated",
  refusal: "refusal",
  "context-overflow": "context-overflow",
  "answer-too-large": "answer-too-large",
};

/** Outcomes no repair can help: the round's answer is the outcome itself. */
const final: readonly CallFinish["status"][] = ["refusal", "context-overflow", "answer-too-large"];

function unusable<A>(code: Reason["code"], detail: string): Attempt<A> {
  return { kind: "unusable", reason: { code, detail } };
}

function recorderOf({ store, keep }: Pick<ModelPlayerDeps, "store" | "keep">, key: CallKey): CallRecorder {
  return {
    begin({ contestant, prompt: { id: _, ...prompt }, worstCase }) {
      const promptHash = createHash("sha256").update(JSON.stringify(prompt)).digest("hex");
      const id = store.beginCall({
        ...key,
        contestant,
        promptHash,
        worstCaseUsd: worstCase.usd,
        worstCaseTokens: worstCase.tokens,
      });
      return id;
    },
    // The end of the request that answers is the end of the call, which `finish` records.
    attempted(callId, { error, charged }) {
      if (error !== undefined && charged.tokens > 0) store.loseAnswer(callId, charged);
    },
    finish(callId, result) {
      const write = (): void => store.finishCall(callId, finishOf(result));
      return keep === undefined ? write() : keep(write);
    },
  };
}

function finishOf(result: Completion | ModelFault): CallFinish {
  if (result instanceof ModelFault) {
    const { usd, tokens } = totalCharged(result.attempts);
    const spent = { inputTokens: tokens, outputTokens: 0, estimated: true, costUsd: usd };
    return { status: "fault", text: "", ...spent, seconds: 0, error: `${result.code}: ${result.message}` };
  }
  return {
    status: statusOf[result.finish],
    text: result.text,
    inputTokens: result.usage.inputTokens,
    outputTokens: result.usage.outputTokens,
    estimated: result.usage.estimated,
    costUsd: result.charged.usd,
    seconds: result.latencyMs / 1000,
    ...(result.candidates === undefined ? {} : { candidates: result.candidates }),
  };
}

interface ShownPrompt extends RenderedPrompt {
  readonly shown: ShownContext;
}

export class ModelPlayer implements Player {
  readonly id: string;
  readonly #deps: ModelPlayerDeps;

  constructor(deps: ModelPlayerDeps) {
    this.id = deps.contestant.id;
    this.#deps = deps;
  }

  async submit(ask: SubmitAsk): Promise<Answered<SubmitAnswer>> {
    const prompt = await this.#withSnippets(ask, (snippets) => ({
      role: "submitter" as const,
      issue: ask.of.instance.problemStatement,
      facts: factsOf(ask.of),
      snippets,
      earlier: ask.feedback,
      answer: this.#deps.contestant.answer,
    }));
    const { runs } = this.#deps;
    return this.#converse("submitter", ask, prompt, {
      read: (text) => readSubmission(ask.of, text),
      tryOut: (answer) => trySubmission(ask.of, answer, runs),
    });
  }

  async review(ask: ReviewAsk): Promise<Answered<ReviewAnswer>> {
    const prompt = await this.#withSnippets(ask, (snippets) => ({
      role: "reviewer" as const,
      issue: ask.of.instance.problemStatement,
      facts: factsOf(ask.of),
      snippets,
      earlier: ask.feedback,
      answer: this.#deps.contestant.answer,
      hint: hintOf(ask.hintMode, ask.submissionDiff),
      placement: placementOf[ask.of.instance.language],
      maxFiles: maxReviewFiles,
      maxBytes: maxReviewBytes,
    }));
    const { runs } = this.#deps;
    return this.#converse("reviewer", ask, prompt, {
      read: (text) => readReview(ask.of, text),
      tryOut: (answer) => tryReview(ask.of, answer, runs),
    });
  }

  /** Snippets get what the window leaves after the answer and everything else in the prompt. */
  async #withSnippets(
    { of, retrieval }: SubmitAsk,
    input: (snippets: readonly PromptSnippet[]) => Parameters<typeof renderPrompt>[0],
  ): Promise<ShownPrompt> {
    const { contestant, templates, counter, indexes, signal } = this.#deps;
    const bare = renderPrompt(input([]), templates);
    const taken = counter.count(bare.system) + counter.count(bare.user) + contestant.maxOutputTokens;
    // Repairs send the answer back: room for one answer and its error is kept.
    const room = contestant.contextTokens - taken - contestant.maxOutputTokens - 1000;
    const settings = { ...retrieval, mode: contestant.retrieval ?? retrieval.mode };
    const request = { retrieval: settings, room, counter, render: snippetRenderer(input([])), signal };
    const { snippets, shown } = await show(of, request, indexes);
    return { ...renderPrompt(input(snippets), templates), shown };
  }

  async #converse<A extends SubmitAnswer | ReviewAnswer>(
    role: Role,
    ask: SubmitAsk,
    { shown, ...first }: ShownPrompt,
    { read, tryOut }: Reading<A>,
  ): Promise<Answered<A | { kind: "rejected"; reasons: readonly Reason[] }>> {
    const { contestant, templates } = this.#deps;
    const transcript = new Map([
      ["prompt.md", `${first.system}\n${first.user}`],
      ["context.json", `${JSON.stringify(shown, null, 2)}\n`],
    ]);
    const received: CallFinish[] = [];
    let messages: Message[] = [{ role: "user", content: first.user }];
    let last: Reason = { code: "no-answer", detail: "no answer was asked for" };
    for (let attempt = 1; attempt <= contestant.attempts; attempt += 1) {
      const key = { ...ask.call, role, attempt };
      const prompt = { system: first.system, messages };
      const several = { check: checkBy(read), trial: trialBy(read, tryOut) };
      const kind = `${role} ${ask.of.instance.language}`;
      const id = nameOf(ask.seed, key);
      const sampled = { ...this.#sampled(prompt, key, ask.seed), id, kind, ...several };
      const finish = await this.#ask(key, sampled);
      received.push(finish);
      transcript.set(`answer-${attempt}.md`, finish.text);
      if (finish.candidates !== undefined)
        transcript.set(`candidates-${attempt}.json`, `${JSON.stringify(finish.candidates, null, 2)}\n`);
      const outcome = await readFinish(finish, read);
      if (outcome.kind === "usable") {
        return { answer: outcome.answer, usage: usageOf(received), transcript, shown };
      }
      last = outcome.reason;
      if (final.includes(finish.status)) break;
      const input = {
        role,
        answer: contestant.answer,
        problem: last.detail,
        attemptsLeft: contestant.attempts - attempt,
      };
      const repair = renderRepair(input, templates);
      messages = [
        ...messages,
        { role: "assistant", content: finish.text || "(empty)" },
        { role: "user", content: repair },
      ];
    }
    return { answer: { kind: "rejected", reasons: [last] }, usage: usageOf(received), transcript, shown };
  }

  #sampled(prompt: Pick<Prompt, "system" | "messages">, key: CallKey, runSeed: string): Prompt {
    const { contestant } = this.#deps;
    const { temperature, seed, maxOutputTokens } = contestant;
    return {
      ...prompt,
      maxOutputTokens,
      ...(temperature === undefined ? {} : { temperature }),
      ...(seed === undefined ? {} : { seed: seedOf([runSeed, seed], key) }),
    };
  }

  /** A received answer is taken from the store; only what never came is asked for. */
  async #ask(key: CallKey, prompt: Prompt): Promise<CallFinish> {
    const { store, model, signal, contestant } = this.#deps;
    const received = answered(store.callAt(key));
    if (received !== undefined) return received;
    try {
      const completion = await recordedModel(model, recorderOf(this.#deps, key)).generate(prompt, signal);
      return finishOf(completion);
    } catch (error) {
      throw faultOfEndpoint(error, contestant, () => hasAnswered(store, this.id));
    }
  }
}

/** Samples of one contestant must be independent: each run, battle and round has a seed of its own, kept on resume. */
function seedOf(
  drawn: readonly [run: string, contestant: number],
  { battleId, round, role }: CallKey,
): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([...drawn, battleId, round, role]))
    .digest();
  return digest.readUInt32LE(0) >>> 1;
}

/** Nobody else's in this run or another; a repair is another answer. */
function nameOf(runSeed: string, { battleId, round, role, attempt }: CallKey): string {
  return [battleId, `round ${round}`, role, `attempt ${attempt}`, `run ${runSeed}`].join(", ");
}

/** The answer that was received, if any: a fault is none. */
export function answered(call: StoredCall | undefined): CallFinish | undefined {
  return call?.finish?.status === "fault" ? undefined : call?.finish;
}

/** Has the contestant's endpoint ever answered in this run? */
export function hasAnswered(store: Pick<RunStore, "calls">, contestant: string): boolean {
  return store.calls().some((call) => call.contestant === contestant && answered(call) !== undefined);
}

/** The gates of a round's answer as a model that chooses from several can ask them: what parses, applies and is new. */
function checkBy<A>(read: Read<A>): AnswerCheck {
  return async (text) => {
    const attempt = await read(text);
    if (attempt.kind === "unusable") return { isUsable: false, because: attempt.reason.detail };
    const key = createHash("sha256").update(JSON.stringify(attempt.answer)).digest("hex");
    return { isUsable: true, key };
  };
}

function trialBy<A>(read: Read<A>, tryOut: Reading<A>["tryOut"]): AnswerTrial {
  return async (text) => {
    const attempt = await read(text);
    if (attempt.kind === "unusable") return { kind: "failed", because: attempt.reason.detail };
    return await tryOut(attempt.answer);
  };
}

async function readFinish<A>(finish: CallFinish, read: Read<A>): Promise<Attempt<A>> {
  if (finish.status === "refusal") return unusable("refusal", "the model refused to answer");
  if (finish.status === "context-overflow") {
    return unusable("context-overflow", "the prompt did not fit the model's window");
  }
  if (finish.status === "answer-too-large") {
    return unusable("answer-too-large", "the answer had more bytes than are taken");
  }
  const attempt = await read(finish.text);
  if (attempt.kind === "usable" || finish.status !== "truncated") return attempt;
  return unusable("truncated", `the answer was cut off at the output limit (${attempt.reason.detail})`);
}

/** Texts of the files an answer names, read before the pure part needs them. */
async function textsOf(of: Case, paths: readonly string[]): Promise<(path: string) => string | undefined> {
  const texts = new Map<string, string | undefined>();
  for (const path of paths)
    texts.set(path, (await of.repository.readFile(of.baseTree, path))?.toString("utf8"));
  return (path) => texts.get(path);
}

function buffers(files: ReadonlyMap<string, string | undefined>): Map<string, Buffer | undefined> {
  return new Map(
    [...files].map(([path, text]) => [path, text === undefined ? undefined : Buffer.from(text)]),
  );
}

async function readDiff<A>(of: Case, diff: string, answer: A): Promise<Attempt<A>> {
  const applied = await of.repository.apply(of.baseTree, diff);
  if (applied.kind === "does-not-apply") return unusable("does-not-apply", applied.detail);
  return { kind: "usable", answer };
}

async function readSubmission(of: Case, text: string): Promise<Attempt<SubmitAnswer>> {
  const parsed = parseSubmission(text);
  if ("reason" in parsed) return unusable(parsed.kind, parsed.reason);
  if (parsed.kind === "diff") return readDiff(of, parsed.diff, { kind: "patch", patch: parsed.diff });
  const read = await textsOf(
    of,
    parsed.edits.map((edit) => edit.file),
  );
  const applied = applyEdits(read, parsed.edits);
  if (!applied.ok) return unusable("does-not-apply", applied.problems.join("\n"));
  const tree = await of.repository.withFiles(of.baseTree, buffers(applied.files));
  return { kind: "usable", answer: { kind: "tree", tree } };
}

async function readReview(of: Case, text: string): Promise<Attempt<ReviewAnswer>> {
  const parsed = parseReview(text);
  if ("reason" in parsed) return unusable(parsed.kind, parsed.reason);
  if (parsed.kind === "none") return { kind: "usable", answer: { kind: "patch", patch: "", bounded: true } };
  if (parsed.kind === "diff")
    return readDiff(of, parsed.diff, { kind: "patch", patch: parsed.diff, bounded: true });
  const read = await textsOf(
    of,
    parsed.tests.map((test) => test.file),
  );
  const applied = applyTests(read, parsed.tests);
  if (!applied.ok) return unusable("does-not-apply", applied.problems.join("\n"));
  return { kind: "usable", answer: { kind: "files", files: buffers(applied.files), bounded: true } };
}
