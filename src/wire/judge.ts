// The model that judges issues: a contestant of a file, with its key, a budget of its own, and nobody else beside it.
import { readField } from "../arena/index.ts";
import { UsageError } from "../domain/fault.ts";
import { seededRandom } from "../domain/random.ts";
import { Budget, Endpoints, type Model, modelOf, type Spend, systemClock } from "../inference/index.ts";
import { keyOf } from "./environment.ts";

export interface JudgeOptions {
  /** `file#id`. */
  readonly model?: string;
  /** US dollars, over all runs on one folder. */
  readonly budget?: number;
}

export interface OpenedJudge {
  readonly model: Model;
  /** What rows say it was judged by. */
  readonly name: string;
  readonly maxOutputTokens: number;
  readonly spent: () => Spend;
}

/** Undefined where nobody named one. @throws UsageError */
export async function openJudge(
  { model: named, budget: usd }: JudgeOptions,
  before: Spend,
): Promise<OpenedJudge | undefined> {
  if (named === undefined) {
    if (usd !== undefined) throw new UsageError("expected --model beside --budget, found none");
    return undefined;
  }
  const { models } = await readField(named, { defaultFile: "contestants.yaml" });
  const [contestant] = models;
  if (contestant === undefined || models.length > 1)
    throw new UsageError(
      `--model: expected one contestant behind a model, such as models.yaml#id, found ${named}`,
    );
  if (contestant.provider === "a1" || contestant.command !== undefined)
    throw new UsageError(
      `--model: expected a model behind one endpoint, found ${contestant.id}, which is a pair or an agent`,
    );
  const { id, model, maxOutputTokens } = contestant;
  const budget = new Budget(usd === undefined ? {} : { total: { usd } }, new Map([[id, before]]));
  const apiKey = keyOf(contestant);
  const endpoints = new Endpoints(systemClock);
  const asked = modelOf(contestant, {
    ...{ apiKey, budget, clock: systemClock, random: seededRandom(`judge ${id}`) },
    slots: endpoints.slotsOf(contestant, apiKey),
  });
  return { model: asked, name: `${id} (${model})`, maxOutputTokens, spent: () => budget.spent(id) };
}
