// The most a question may cost: every draft its gates may refuse, every score and every takeover, each with its prompt read anew.
import type { Spend } from "../model.ts";
import type { SampleSettings } from "./sample.ts";
import type { EnginePrices } from "./spending.ts";

/** What a score puts around the text it asks about: a question, and marks of the template. */
const scoreQuestionTokens = 64;

export interface WorstCaseSettings {
  readonly sample: Pick<SampleSettings, "turns" | "draftTokens" | "takeoverTokens" | "regenerations">;
  readonly samples: number;
  readonly ownBankDrafts: number;
  readonly prices: { readonly draft: EnginePrices; readonly target: EnginePrices };
}

export interface WorstCaseQuestion {
  readonly promptTokens: number;
  readonly maxOutputTokens: number;
}

interface Use {
  readonly read: number;
  readonly written: number;
}

/** Exceeded only where the prompt is longer than was thought, or a text longer in the one model's tokens than in the other's. */
export function pairWorstCase(question: WorstCaseQuestion, settings: WorstCaseSettings): Spend {
  const { promptTokens, maxOutputTokens } = question;
  const { sample, samples, ownBankDrafts, prices } = settings;
  const turns = samples * sample.turns;
  // A first draft of no words is asked for once more, whatever may be regenerated.
  const drafts = turns * Math.max(2, 1 + sample.regenerations);
  const draftTokens = Math.min(sample.draftTokens, maxOutputTokens);
  const context = promptTokens + maxOutputTokens;
  const draft: Use = {
    read: drafts * context + ownBankDrafts * promptTokens,
    written: (drafts + ownBankDrafts) * draftTokens,
  };
  const scored =
    turns * (context + scoreQuestionTokens) +
    ownBankDrafts * (promptTokens + draftTokens + scoreQuestionTokens);
  const target: Use = {
    read: scored + turns * context,
    written: turns * Math.min(sample.takeoverTokens, maxOutputTokens),
  };
  return {
    usd: usdOf(draft, prices.draft) + usdOf(target, prices.target),
    // As they are counted: the prompt once, what is read in order to score, and all that is written.
    tokens: promptTokens + scored + draft.written + target.written,
  };
}

function usdOf({ read, written }: Use, prices: EnginePrices): number {
  const { inputPerMillion, cachedInputPerMillion = 0, outputPerMillion } = prices;
  return (read * Math.max(inputPerMillion, cachedInputPerMillion) + written * outputPerMillion) / 1e6;
}
