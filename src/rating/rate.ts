// Rates contestants in both roles from plain rounds: strengths, intervals, ranks, and what must be said about them.
import type { Language } from "../domain/instance.ts";
import type { Random } from "../domain/random.ts";
import { defaultLevel, fewInstances } from "./bootstrap.ts";
import { issuesByNode, type Scale } from "./contrast.ts";
import type { Roles } from "./design.ts";
import { estimateOf, type Fit, fitRounds } from "./fit.ts";
import { addTo, at, whole } from "./linear.ts";
import { type Notice, noticesOf } from "./notices.ts";
import type { Margin, RatedRound } from "./outcome.ts";
import { separationPenalty } from "./penalty.ts";
import { resampled } from "./resampling.ts";
import { type Bounds, boundsOf, type Correction, Sandwich } from "./sandwich.ts";
import { type Strength, strengthsOn } from "./strengths.ts";

export interface RatingOptions {
  readonly random: Random;
  /** Share of intervals that should cover the truth; 0.95 unless said otherwise. */
  readonly level?: number;
  /** Of the bootstrap; 0 leaves its intervals out. */
  readonly resamples?: number;
  /** `one`: a single strength per contestant, given as its `submitter`; the classic model. */
  readonly roles?: Roles;
  /** False: all issues are taken for equally hard. */
  readonly issueEffects?: boolean;
}

export interface RatedContestant {
  readonly id: string;
  /** Issues with at least one round that is not void. */
  readonly issues: number;
  /** Fewer than ten: intervals are hints. */
  readonly tooFewIssues: boolean;
  readonly rounds: { readonly submitter: number; readonly reviewer: number; readonly void: number };
  /** Absent where the role was not played, or can be compared with nobody's. */
  readonly submitter?: Strength;
  readonly reviewer?: Strength;
  /** Submitter's plus reviewer's: what decides a battle with its roles swapped. */
  readonly overall?: Strength;
}

/** How much easier a language's issues are for submitters than the mean of languages, in log-odds. */
export interface LanguageEffect extends Bounds {
  readonly language: Language;
  readonly issues: number;
  readonly value: number;
}

export interface Ratings {
  /** By overall strength (by the only one where roles are one); those without one last. */
  readonly contestants: readonly RatedContestant[];
  readonly issues: number;
  readonly rounds: { readonly played: number; readonly void: number };
  readonly level: number;
  readonly tooFewIssues: boolean;
  /** Absent where nothing could be fitted. */
  readonly correction?: Correction;
  /** Standard deviation of issue effects in log-odds; absent where none were fitted. */
  readonly issueDeviation?: number;
  /** Precision of the penalty on strengths without a finite figure; 0 where there are none. */
  readonly penalty: number;
  readonly margins: readonly { readonly margin: Margin; readonly share: number }[];
  /** Absent ones have no effect of their own: a single language, or languages that nothing connects or bounds. */
  readonly languages: readonly LanguageEffect[];
  readonly notices: readonly Notice[];
}

export const defaultRatingResamples = 1_000;

interface Tallies {
  issues: Set<string>;
  submitter: number;
  reviewer: number;
  void: number;
}

function talliesOf(rounds: readonly RatedRound[]): Map<string, Tallies> {
  const tallies = new Map<string, Tallies>();
  const of = (id: string): Tallies => {
    const known = tallies.get(id);
    if (known !== undefined) return known;
    const made = { issues: new Set<string>(), submitter: 0, reviewer: 0, void: 0 };
    tallies.set(id, made);
    return made;
  };
  for (const { submitter, reviewer, instanceId, score } of rounds) {
    const [left, right] = [of(submitter), of(reviewer)];
    if (score === undefined) {
      left.void += 1;
      if (right !== left) right.void += 1;
      continue;
    }
    left.submitter += 1;
    right.reviewer += 1;
    left.issues.add(instanceId);
    right.issues.add(instanceId);
  }
  return tallies;
}

function marginShares({ design }: Fit): { margin: Margin; share: number }[] {
  const totals = new Float64Array(design.margins.length);
  design.cells.counts.forEach((count, index) => {
    addTo(totals, index % totals.length, count);
  });
  const sum = totals.reduce((a, b) => a + b, 0);
  return design.margins.map((margin, k) => ({ margin, share: at(totals, k) / sum }));
}

function languageEffects(fit: Fit, sandwich: Sandwich, level: number): LanguageEffect[] {
  const { languages, languagePlace, languageOf, size, isSeparated } = fit.design;
  if (isSeparated || languages.length < 2 || whole(languagePlace, 1) < 0) return [];
  return languages.map((language, own) => {
    const vector = new Float64Array(size);
    languages.forEach((_, other) => {
      const place = whole(languagePlace, other);
      if (place >= 0) addTo(vector, place, (other === own ? 1 : 0) - 1 / languages.length);
    });
    const value = estimateOf(fit, vector);
    const issues = languageOf.filter((each) => each === own).length;
    return { language, issues, value, ...boundsOf(value, sandwich.spread(vector), level) };
  });
}

const strongest = (one: RatedContestant, other: RatedContestant): number => {
  const value = ({ overall, submitter }: RatedContestant) => (overall ?? submitter)?.value;
  const [left, right] = [value(one), value(other)];
  const order = (right ?? Number.NEGATIVE_INFINITY) - (left ?? Number.NEGATIVE_INFINITY);
  return order > 0 || order < 0 ? order : one.id < other.id ? -1 : 1;
};

type Figures = Readonly<Partial<Record<Scale, Strength>>>;

function figuresOf(fit: Fit, sandwich: Sandwich, options: Required<RatingOptions>): (id: string) => Figures {
  const { random, resamples: count, level } = options;
  const resamples = resampled(fit, { random: random.fork("rating bootstrap"), resamples: count });
  const issues = issuesByNode(fit.design);
  const scales: readonly Scale[] =
    fit.design.roles === "one" ? ["submitter"] : ["submitter", "reviewer", "overall"];
  const found = scales.map(
    (scale) => [scale, strengthsOn(scale, { fit, sandwich, resamples, level, issues })] as const,
  );
  return (id) => {
    const number = fit.design.contestants.indexOf(id);
    return Object.fromEntries(
      found.flatMap(([scale, strengths]) => {
        const strength = strengths.get(number);
        return strength === undefined ? [] : [[scale, strength]];
      }),
    );
  };
}

function unrated(tallies: Map<string, Tallies>): Notice {
  const played = [...tallies.values()].some(({ issues }) => issues.size > 0);
  return played
    ? { code: "no-contrast", text: "Every round came out the same: there is nothing to rate by." }
    : { code: "nothing-played", text: "No round was played that is not void: there is nothing to rate by." };
}

/** `rate` of rounds that are fitted already. */
export function rateFit(
  rounds: readonly RatedRound[],
  fit: Fit | undefined,
  options: Required<RatingOptions>,
): Ratings {
  const tallies = talliesOf(rounds);
  const sandwich = fit === undefined ? undefined : new Sandwich(fit);
  const figures = fit && sandwich ? figuresOf(fit, sandwich, options) : () => ({});
  const contestants = [...tallies].map(
    ([id, { issues, submitter, reviewer, void: lost }]): RatedContestant => ({
      id,
      issues: issues.size,
      tooFewIssues: issues.size < fewInstances,
      rounds: { submitter, reviewer, void: lost },
      ...figures(id),
    }),
  );
  const played = rounds.filter(({ score }) => score !== undefined);
  const issues = new Set(played.map(({ instanceId }) => instanceId)).size;
  const common = {
    contestants: contestants.sort(strongest),
    issues,
    rounds: { played: played.length, void: rounds.length - played.length },
    level: options.level,
    tooFewIssues: issues < fewInstances,
  };
  if (fit === undefined || sandwich === undefined) {
    return { ...common, penalty: 0, margins: [], languages: [], notices: [unrated(tallies)] };
  }
  const notices = noticesOf(fit, options.issueEffects);
  return {
    ...common,
    correction: sandwich.correction,
    ...(fit.issueDeviation === undefined ? {} : { issueDeviation: fit.issueDeviation }),
    penalty: notices.some(({ code }) => code === "separated") ? separationPenalty : 0,
    margins: marginShares(fit),
    languages: languageEffects(fit, sandwich, options.level),
    notices,
  };
}

export const completed = (given: RatingOptions): Required<RatingOptions> => ({
  level: defaultLevel,
  resamples: defaultRatingResamples,
  roles: "two",
  issueEffects: true,
  ...given,
});

/**
 * Strengths of all contestants from rounds of any number of battles. Rounds on one issue are one cluster. Pure: the same
 * rounds in whatever order give the same figures to the last digit (weights other than 1: to rounding).
 * Model: `IssueLikelihood`; intervals: `Sandwich` and `resampled`; ranks: `ranksOf`; unbounded strengths: `endOf`.
 * @throws RangeError for a weight that is not above 0, or a score that is none
 */
export function rate(rounds: readonly RatedRound[], given: RatingOptions): Ratings {
  const options = completed(given);
  return rateFit(rounds, fitRounds(rounds, options), options);
}

/** A rating of its own for each language: nothing is borrowed from the others. */
export function rateByLanguage(
  rounds: readonly RatedRound[],
  options: RatingOptions,
): ReadonlyMap<Language, Ratings> {
  const languages = [...new Set(rounds.map(({ language }) => language))].sort();
  return new Map(
    languages.map((language) => [
      language,
      rate(
        rounds.filter((round) => round.language === language),
        options,
      ),
    ]),
  );
}
