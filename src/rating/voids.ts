// What void rounds could have changed: they are not missing at random, so every figure gets its worst and its best case.
import type { Side } from "../domain/record.ts";
import { overParameters, type Scale, standpoints } from "./contrast.ts";
import type { Roles } from "./design.ts";
import { type Estimated, estimateOf } from "./fit.ts";
import type { RatedRound } from "./outcome.ts";
import { Refits } from "./refit.ts";
import type { Bounds } from "./sandwich.ts";

export interface VoidBounds {
  readonly id: string;
  readonly rounds: number;
  /** Strengths were all void rounds of the contestant lost, and were all won; others' void rounds are left out. */
  readonly submitter?: Bounds;
  readonly reviewer?: Bounds;
  readonly overall?: Bounds;
}

export interface VoidSensitivity {
  /** Contestants with void rounds only. */
  readonly contestants: readonly VoidBounds[];
  readonly first?: string;
  /** Who would be ahead of the first, had its own void rounds all been won and all those of the first been lost. */
  readonly overtakenBy: readonly string[];
}

type Outcome = "won" | "lost";

/** Who has won a void round if `id` has won or lost it; undefined where it had no part in it. */
function winnerIf(
  id: string,
  outcome: Outcome,
  { submitter, reviewer }: Pick<RatedRound, Side>,
): Side | undefined {
  if (submitter === reviewer || (submitter !== id && reviewer !== id)) return undefined;
  return (submitter === id) === (outcome === "won") ? "submitter" : "reviewer";
}

function valuesOf(fit: Estimated, scale: Scale): ReadonlyMap<string, number> {
  return new Map(
    standpoints(fit.design, scale).map(({ contestant, weights }) => [
      fit.design.contestants[contestant] ?? "",
      estimateOf(fit, overParameters(fit.design, weights)),
    ]),
  );
}

const mainScale = (roles: Roles): Scale => (roles === "one" ? "submitter" : "overall");

/** Highest value; undefined where nobody has one. */
export function firstOf(fit: Estimated): string | undefined {
  const values = [...valuesOf(fit, mainScale(fit.design.roles))];
  return values.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
}

/** How much `one` is ahead of `other`; undefined where they cannot be compared. */
export function leadOf(fit: Estimated, one: string, other: string): number | undefined {
  const values = valuesOf(fit, mainScale(fit.design.roles));
  const [left, right] = [values.get(one), values.get(other)];
  return left === undefined || right === undefined ? undefined : left - right;
}

function boundsOf(refits: Refits, id: string): VoidBounds {
  const fits = (["lost", "won"] as const).map((outcome) =>
    refits.decided((round) => winnerIf(id, outcome, round)),
  );
  const of = (scale: Scale): Readonly<Partial<Record<Scale, Bounds>>> => {
    const [lost, won] = fits.map((fit) => (fit === undefined ? undefined : valuesOf(fit, scale).get(id)));
    if (lost === undefined || won === undefined) return {};
    // A role without void rounds moves with the others' mean, either way.
    return { [scale]: { low: Math.min(lost, won), high: Math.max(lost, won) } };
  };
  const lost = refits.rounds.filter(
    ({ score, submitter, reviewer }) => score === undefined && (submitter === id || reviewer === id),
  );
  const roles = refits.options.roles === "one" ? {} : { ...of("reviewer"), ...of("overall") };
  return { id, rounds: lost.length, ...of("submitter"), ...roles };
}

/** The rival's case: what the first has of void rounds is lost, what the rival has besides is won. */
function isOvertaken(refits: Refits, pair: { first: string; rival: string }): boolean {
  const fit = refits.decided(
    (round) => winnerIf(pair.first, "lost", round) ?? winnerIf(pair.rival, "won", round),
  );
  const lead = fit === undefined ? undefined : leadOf(fit, pair.first, pair.rival);
  return lead !== undefined && lead <= 0;
}

/** `voidSensitivity` of rounds that are fitted already. */
export function voidSensitivityOf(refits: Refits): VoidSensitivity {
  const lost = refits.rounds.filter(({ score }) => score === undefined);
  const ids = [...new Set(lost.flatMap(({ submitter, reviewer }) => [submitter, reviewer]))].sort();
  const contestants = ids.map((id) => boundsOf(refits, id));
  const fit = refits.base;
  const first = fit === undefined ? undefined : firstOf(fit);
  if (first === undefined || fit === undefined) return { contestants, overtakenBy: [] };
  const rivals = fit.design.contestants.filter(
    (id) => id !== first && (ids.includes(id) || ids.includes(first)),
  );
  return {
    contestants,
    first,
    overtakenBy: rivals.filter((rival) => isOvertaken(refits, { first, rival })),
  };
}

/**
 * Worst-case bounds in the sense of Manski (1989, "Anatomy of the Selection Problem"; 2003, "Partial Identification of
 * Probability Distributions", ch. 1): nothing is assumed about why rounds are void. Two fits for every contestant with void
 * rounds and one for every rival of the first.
 */
export function voidSensitivity(
  rounds: readonly RatedRound[],
  given: { readonly roles?: Roles; readonly issueEffects?: boolean } = {},
): VoidSensitivity {
  return voidSensitivityOf(new Refits(rounds, { roles: "two", issueEffects: true, ...given }));
}
