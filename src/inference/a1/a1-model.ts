// The pair as a contestant's model: one prompt in, the best of its candidates out, paid for like any other answer.
import type { Budget } from "../budget.ts";
import type { Clock } from "../clock.ts";
import {
  type Attempt,
  type AttemptHook,
  type CandidateAnswer,
  type Completion,
  type Model,
  ModelFault,
  type ModelFaultCode,
  type Prompt,
  type Spend,
} from "../model.ts";
import { estimatePromptTokens, type Prices } from "../tokens.ts";
import type { Backend, PairUsage, QuestionAnswer } from "./backend.ts";
import type { Decision } from "./calibrator.ts";
import { EngineFault, type EngineFaultCode } from "./engine.ts";
import { uniformOf } from "./keyed-random.ts";
import { fingerprintOf } from "./ledger.ts";
import type { PairSettings } from "./pair.ts";
import { patchTask } from "./patch-task.ts";
import { QuestionFault } from "./question.ts";
import type { QuestionLimits } from "./spending.ts";
import { chatTask } from "./task.ts";
import type { CandidateTrial } from "./trials.ts";
import { pairWorstCase } from "./worst-case.ts";

export interface PairModelSettings {
  readonly id: string;
  /** What boards call it. */
  readonly model: string;
  readonly samples: number;
  /** Where the prompt names none. */
  readonly temperature: number;
  /** For all tokens, whoever reads or writes them, where the engines' own prices are not known. */
  readonly prices: Prices;
  /** How draft and target play together: what an answer may cost at most follows from it. */
  readonly pair: Pick<PairSettings, "sample" | "ownBankDrafts" | "prices">;
}

export interface PairModelDeps {
  readonly backend: Backend;
  readonly budget: Budget;
  readonly clock: Clock;
}

const faultOf: Readonly<Record<EngineFaultCode, ModelFaultCode>> = {
  unreachable: "unreachable",
  "timed-out": "timed-out",
  overloaded: "rate-limited",
  "server-error": "server-error",
  "bad-response": "bad-response",
  "missing-logprobs": "bad-response",
  "context-overflow": "bad-request",
  "bad-request": "bad-request",
  unauthorized: "unauthorized",
  unsupported: "bad-request",
  unusable: "bad-request",
};

export function pairModel(settings: PairModelSettings, deps: PairModelDeps): Model {
  return new PairModel(settings, deps);
}

class PairModel implements Model {
  readonly id: string;
  readonly takes = { temperature: true, seed: true };
  readonly #settings: PairModelSettings;
  readonly #deps: PairModelDeps;
  readonly #asked = new Map<string, number>();

  constructor(settings: PairModelSettings, deps: PairModelDeps) {
    this.id = settings.id;
    this.#settings = settings;
    this.#deps = deps;
  }

  worstCase(prompt: Prompt): Spend {
    const { samples, prices, pair } = this.#settings;
    const { maxOutputTokens } = prompt;
    const question = { promptTokens: estimatePromptTokens(prompt), maxOutputTokens };
    return pairWorstCase(question, { prices: { draft: prices, target: prices }, ...pair, samples });
  }

  async generate(prompt: Prompt, signal: AbortSignal, hook?: AttemptHook): Promise<Completion> {
    const { budget, clock } = this.#deps;
    const hold = await budget.reserve(this.id, this.worstCase(prompt), signal);
    const startedMs = clock.monotonicMs();
    let charged: Spend = { usd: 0, tokens: 0 };
    const ended = (error?: string): Attempt => {
      const attempt: Attempt = {
        ...{ waitedMs: 0, durationMs: clock.monotonicMs() - startedMs, charged },
        ...(error === undefined ? {} : { error }),
      };
      hook?.ended(attempt);
      return attempt;
    };
    try {
      hook?.started();
      const answer = await this.#ask(prompt, signal);
      charged = this.#charged(answer.usage);
      const attempt = ended();
      return { ...this.#completion(answer), charged, latencyMs: attempt.durationMs, attempts: [attempt] };
    } catch (error) {
      // Nobody knows what its candidates had cost when it broke, or when something beside the models did.
      charged = this.worstCase(prompt);
      const fault = this.#faultOf(error, signal);
      if (fault === undefined) throw error;
      // What does not fit is refused unread, and of the rest each part is known.
      if (fault.code === "context-overflow" && error instanceof QuestionFault)
        charged = this.#charged(error.usage);
      const attempt = ended(`${fault.code}: ${fault.message}`);
      if (fault.code !== "context-overflow")
        throw new ModelFault(fault.code, fault.message, {
          ...{ retryable: fault.retryable, attempts: [attempt], cause: error },
        });
      return this.#overflow(attempt);
    } finally {
      hold.settle(charged);
    }
  }

  async #ask(prompt: Prompt, signal: AbortSignal): Promise<QuestionAnswer> {
    const { samples, temperature } = this.#settings;
    const { messages: given, maxOutputTokens, check, trial, kind } = prompt;
    const messages = [{ role: "system" as const, content: prompt.system }, ...given];
    const task = `patch${kind === undefined ? "" : ` ${kind}`}`;
    const id = this.#nameOf(prompt);
    const drawn = prompt.seed ?? Math.floor(2 ** 31 * uniformOf(this.id, "question", id));
    return await this.#deps.backend.ask(
      {
        ...{ id, messages },
        task: check === undefined ? "chat" : task,
        rules: check === undefined ? chatTask : patchTask(task, check, trial),
        ...{ samples, maxTokens: maxOutputTokens },
        ...{ temperature: prompt.temperature ?? temperature, seed: drawn, limits: this.#limitsOf(prompt) },
      },
      signal,
    );
  }

  /**
   * The same whatever was asked before, in this process or another: seeds are drawn by it, and a ledger is gone on with
   * by it. What stands in the prompt is part of it, since a name stands for one question alone.
   */
  #nameOf({ id, system, messages, maxOutputTokens, temperature, seed }: Prompt): string {
    const text = fingerprintOf([system, messages, maxOutputTokens, temperature ?? "", seed ?? ""]);
    if (id !== undefined) return `${this.id}: ${id}, prompt ${text}`;
    // Nobody has named it: asked for twice, it is to be two answers.
    const times = this.#asked.get(text) ?? 0;
    this.#asked.set(text, times + 1);
    return `${this.id}: prompt ${text}, number ${times}`;
  }

  /** The money that is reserved is what it may spend, also where a prompt is longer than was thought. */
  #limitsOf(prompt: Prompt): QuestionLimits {
    const { usd } = this.worstCase(prompt);
    return usd === 0 ? {} : { usd };
  }

  #completion({ text, finish, usage, chosen, candidates, trials = [] }: QuestionAnswer) {
    const { promptTokens, scoredTokens, draftTokens, targetTokens, cachedTokens } = usage;
    const cached = cachedTokens === undefined ? {} : { cachedTokens };
    return {
      ...{ text, finish, model: this.#settings.model },
      usage: {
        inputTokens: promptTokens + scoredTokens,
        ...{ outputTokens: draftTokens + targetTokens, ...cached, estimated: false },
      },
      candidates: candidates.map((candidate) => ({
        ...{ sample: candidate.sample, isChosen: candidate.sample === chosen },
        ...{ end: endOf(candidate.end), isUnchecked: candidate.isUnchecked, text: candidate.text },
        ...trialOf(trials.find(({ sample }) => sample === candidate.sample)),
        chunks: candidate.chunks.map(({ text: { length: characters }, decision, ...chunk }) => ({
          ...{ ...chunk, characters },
          ...(decision === undefined ? {} : decidedBy(decision)),
        })),
      })),
    };
  }

  #overflow(attempt: Attempt): Completion {
    const { charged } = attempt;
    return {
      ...{ text: "", finish: "context-overflow", model: this.#settings.model },
      usage: { inputTokens: charged.tokens, outputTokens: 0, estimated: true },
      ...{ charged, latencyMs: attempt.durationMs, attempts: [attempt] },
    };
  }

  #charged({ usd, promptTokens, scoredTokens, draftTokens, targetTokens }: PairUsage): Spend {
    const input = promptTokens + scoredTokens;
    const output = draftTokens + targetTokens;
    return { usd: usd ?? usdOf(input, output, this.#settings.prices), tokens: input + output };
  }

  #faultOf(
    error: unknown,
    signal: AbortSignal,
  ): { code: ModelFaultCode | "context-overflow"; message: string; retryable: boolean } | undefined {
    if (signal.aborted) return { code: "aborted", message: `${this.id}: cancelled`, retryable: true };
    if (!(error instanceof EngineFault)) return undefined;
    const { retryable, message } = error;
    const code = error.code === "context-overflow" ? error.code : faultOf[error.code];
    return { code, message: `${this.id}: ${message}`, retryable };
  }
}

function decidedBy({ intervene: _, ...decision }: Decision) {
  return decision;
}

function trialOf(tried: CandidateTrial | undefined): Pick<CandidateAnswer, "trial"> {
  if (tried === undefined) return {};
  const { trial, p, isAudit } = tried;
  return { trial: { ...trial, isAudit, ...(p === undefined ? {} : { p }) } };
}

function endOf(end: QuestionAnswer["candidates"][number]["end"]): string {
  if (end.kind === "unanswered")
    return end.detail === undefined ? end.because : `${end.because}: ${end.detail}`;
  return end.kind === "failed" ? `failed: ${end.code}` : end.kind;
}

function usdOf(input: number, output: number, prices: Prices): number {
  return (input * prices.inputPerMillion + output * prices.outputPerMillion) / 1e6;
}
