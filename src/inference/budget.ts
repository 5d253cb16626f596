// Money and tokens that may be spent: the worst case is set aside before a request, the rest given back after it.
import { whenAborted } from "./abort.ts";
import { ModelFault, type Spend } from "./model.ts";

/** A missing limit is no limit. */
export interface Limit {
  readonly usd?: number;
  readonly tokens?: number;
}

export interface BudgetLimits {
  readonly perContestant?: Limit;
  readonly total?: Limit;
}

/**
 * What stored calls say was spent, by contestant. A call that had begun and never finished (the process died)
 * goes in with its worst case.
 */
export type SpentSoFar = ReadonlyMap<string, Spend>;

/** Money set aside for one request. Settled exactly once; a second time is a bug of the caller. */
export interface Hold {
  settle(actual: Spend): void;
}

const nothing: Spend = { usd: 0, tokens: 0 };

/** Sums of prices come out of floating point; a billionth of a dollar is not an overrun. */
const tolerance = 1e-9;

function plus(a: Spend, b: Spend): Spend {
  return { usd: a.usd + b.usd, tokens: a.tokens + b.tokens };
}

function within(spend: Spend, limit: Limit): boolean {
  const usdFits = limit.usd === undefined || spend.usd <= limit.usd + tolerance;
  return usdFits && (limit.tokens === undefined || spend.tokens <= limit.tokens);
}

function inWords(limit: Limit): string {
  const parts = [
    limit.usd === undefined ? [] : [`${limit.usd.toFixed(4)} USD`],
    limit.tokens === undefined ? [] : [`${limit.tokens} tokens`],
  ];
  return parts.flat().join(" and ");
}

interface Waiter {
  readonly contestant: string;
  readonly worst: Spend;
  readonly settle: (result: Hold | ModelFault) => void;
}

/**
 * Refuses rather than exceeds. What is spent can pass a limit only by the error of an input estimate, since output
 * is bounded by the request itself. A request that fits beside what is *spent* but not beside what others have set
 * aside waits for them: it may still fit, and refusing it would stop a run that has money left.
 */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #spent: Map<string, Spend>;
  readonly #held = new Map<string, Spend>();
  #waiting: Waiter[] = [];

  constructor(limits: BudgetLimits = {}, spent: SpentSoFar = new Map()) {
    this.#limits = limits;
    this.#spent = new Map(spent);
  }

  /** Spent so far, by one contestant or by all. */
  spent(contestant?: string): Spend {
    if (contestant !== undefined) return this.#spent.get(contestant) ?? nothing;
    return [...this.#spent.values()].reduce(plus, nothing);
  }

  /** Set aside for requests under way. */
  held(): Spend {
    return [...this.#held.values()].reduce(plus, nothing);
  }

  /** @throws ModelFault `budget-exhausted` when it can never fit; the signal's reason when aborted while waiting. */
  reserve(contestant: string, worst: Spend, signal: AbortSignal): Promise<Hold> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        contestant,
        worst,
        settle: (result) => {
          stay();
          if (result instanceof ModelFault) reject(result);
          else resolve(result);
        },
      };
      const stay = whenAborted(signal, () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(signal.reason);
      });
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  #serve(): void {
    const queue = this.#waiting;
    this.#waiting = [];
    for (const waiter of queue) {
      const answer = this.#answer(waiter);
      if (answer === "later") this.#waiting.push(waiter);
      else waiter.settle(answer);
    }
  }

  #answer({ contestant, worst }: Waiter): Hold | ModelFault | "later" {
    const refusal = this.#refusal(contestant, worst);
    if (refusal !== undefined) return refusal;
    const held = this.#held.get(contestant) ?? nothing;
    const ownFits = this.#fits("perContestant", plus(plus(this.spent(contestant), held), worst));
    const allFits = this.#fits("total", plus(plus(this.spent(), this.held()), worst));
    return ownFits && allFits ? this.#hold(contestant, worst) : "later";
  }

  #fits(scope: keyof BudgetLimits, spend: Spend): boolean {
    const limit = this.#limits[scope];
    return limit === undefined || within(spend, limit);
  }

  #refusal(contestant: string, worst: Spend): ModelFault | undefined {
    const scopes = [
      { scope: "total", spent: this.spent(), whose: "of the run", reach: "run" },
      {
        scope: "perContestant",
        spent: this.spent(contestant),
        whose: `of ${contestant}`,
        reach: "contestant",
      },
    ] as const;
    for (const { scope, spent, whose, reach } of scopes) {
      const limit = this.#limits[scope];
      if (limit === undefined || this.#fits(scope, plus(spent, worst))) continue;
      const message =
        `the budget ${whose} allows ${inWords(limit)}; spent ${inWords(spent)}, ` +
        `and the next request may take ${inWords(worst)}: raise the budget and resume`;
      return new ModelFault("budget-exhausted", message, { retryable: false, reach });
    }
    return undefined;
  }

  #hold(contestant: string, worst: Spend): Hold {
    this.#held.set(contestant, plus(this.#held.get(contestant) ?? nothing, worst));
    let settled = false;
    return {
      settle: (actual) => {
        if (settled) throw new Error("a hold was settled twice");
        settled = true;
        this.#held.set(contestant, plus(this.#held.get(contestant) ?? nothing, minus(worst)));
        this.#spent.set(contestant, plus(this.spent(contestant), actual));
        this.#serve();
      },
    };
  }
}

function minus({ usd, tokens }: Spend): Spend {
  return { usd: -usd, tokens: -tokens };
}
