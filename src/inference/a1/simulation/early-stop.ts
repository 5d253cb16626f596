// When a question needs no more samples: the same rule for every schedule, so that none is faster by stopping sooner.
import { SiblingsDecided } from "../sample.ts";
import type { StopRule, StopState } from "../tasks/stopping.ts";
import type { TracedSample } from "./trace.ts";

interface Question {
  readonly samples: number;
  readonly ended: (string | undefined)[];
  readonly decided: AbortController;
  startedMs?: number;
  endedMs?: number;
}

function votesIn(answers: readonly (string | undefined)[]): Pick<StopState, "counts" | "unanswered"> {
  const counts = new Map<string, number>();
  for (const answer of answers) if (answer !== undefined) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return {
    counts: [...counts.values()].toSorted((one, other) => other - one),
    unanswered: answers.filter((answer) => answer === undefined).length,
  };
}

/** Which questions are open, in virtual time; what is decided calls off its samples. */
export class OpenQuestions {
  readonly #questions = new Map<string, Question>();
  readonly #now: () => number;
  readonly #stop: StopRule;

  constructor(
    samples: readonly TracedSample[],
    { now, stop }: { readonly now: () => number; readonly stop: StopRule },
  ) {
    for (const { question } of samples) {
      const known = this.#questions.get(question);
      this.#questions.set(question, {
        samples: (known?.samples ?? 0) + 1,
        ended: [],
        decided: new AbortController(),
      });
    }
    this.#now = now;
    this.#stop = stop;
  }

  /** Aborted with {@link SiblingsDecided} when the question is decided. */
  begun({ question }: TracedSample): AbortSignal {
    const own = this.#of(question);
    own.startedMs ??= this.#now();
    return own.decided.signal;
  }

  isDecided({ question }: TracedSample): boolean {
    return this.#of(question).decided.signal.aborted;
  }

  ended({ question, answer }: TracedSample): void {
    const own = this.#of(question);
    own.ended.push(answer);
    const remaining = own.samples - own.ended.length;
    const stops = this.#stop({ ...votesIn(own.ended), remaining });
    if (remaining === 0 || stops) own.endedMs ??= this.#now();
    if (remaining > 0 && stops && !own.decided.signal.aborted) own.decided.abort(new SiblingsDecided());
  }

  /** From a question's first call to its answer. */
  latenciesSeconds(): number[] {
    return [...this.#questions.values()].flatMap(({ startedMs, endedMs }) =>
      startedMs === undefined || endedMs === undefined ? [] : [(endedMs - startedMs) / 1000],
    );
  }

  #of(name: string): Question {
    const question = this.#questions.get(name);
    if (question === undefined) throw new Error(`bug: question ${name} is not of this workload`);
    return question;
  }
}
