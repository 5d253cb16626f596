// The paper's tables as rows of cells, before they become a terminal's grid or Markdown.
import type { Estimate } from "../../rating/index.ts";
import type { Metrics } from "../metrics.ts";
import { absent, percent, share, shareInterval, signed } from "../text.ts";
import type { Failure } from "./failures.ts";
import type { PairFigures } from "./pairs.ts";
import type { Paper } from "./paper.ts";
import type { Curve } from "./tries.ts";
import type { TwinFigure } from "./twins.ts";

/** A figure or a word of ours; `theirs` is a name or a word that others chose. */
export type PaperCell = string | { readonly theirs: string };

export interface PaperTable {
  readonly title: string;
  /** What the figures are; a sentence or two. */
  readonly what: string;
  /** Titles of two lines are parted by a line break. */
  readonly columns: readonly string[];
  /** As many columns from the left hold names. */
  readonly names: number;
  readonly rows: readonly (readonly PaperCell[])[];
}

const theirs = (text: string): PaperCell => ({ theirs: text });

const mean = (estimate: Estimate | undefined, digits = 0): string =>
  estimate === undefined ? absent : estimate.value.toFixed(digits);

const shares = (metrics: Metrics, names: readonly string[]): string[] =>
  names.map((name) => share(metrics[name]));

function pairList(pairs: readonly PairFigures[]): PaperTable {
  return {
    title: "Pairs",
    what: "RPR: CI jobs that pass on gold with the reviewer's tests. SPR: CI jobs that pass on the submission. Win: valid and not killed (strict: also resolved, and tried by valid tests).",
    columns: ["submitter", "reviewer", "RPR", "SPR", "win rate", "win\nstrict", "void", "n"],
    names: 2,
    rows: pairs.map(({ submitter, reviewer, metrics, void: lost }) => [
      ...[theirs(submitter), theirs(reviewer)],
      ...shares(metrics, ["rpr", "spr"]),
      shareInterval(metrics.winRate),
      share(metrics.winRateStrict),
      String(lost),
      String(metrics.winRate?.n ?? 0),
    ]),
  };
}

/** Submitters down, reviewers across, by number: names would not fit. */
function pairMatrix(pairs: readonly PairFigures[]): PaperTable[] {
  const ids = [...new Set(pairs.flatMap(({ submitter, reviewer }) => [submitter, reviewer]))].sort();
  if (ids.length < 3) return [];
  const cell = (submitter: string, reviewer: string): string => {
    const pair = pairs.find((one) => one.submitter === submitter && one.reviewer === reviewer);
    return pair === undefined ? "" : share(pair.metrics.winRate);
  };
  return [
    {
      title: "Win Rate of submitters (rows) against reviewers (columns, by number)",
      what: "Nothing where the two never met in these roles.",
      columns: ["submitter", "", ...ids.map((_, place) => String(place + 1))],
      names: 1,
      rows: ids.map((submitter, place) => [
        theirs(submitter),
        String(place + 1),
        ...ids.map((reviewer) => cell(submitter, reviewer)),
      ]),
    },
  ];
}

const noTries =
  "No contestant has independent tries: a temperature above 0, a seed each and no feedback are needed.";

function bestTable({ bestByLanguage, k }: Paper): PaperTable {
  const languages = [...new Set(bestByLanguage.map(({ language }) => language))];
  const keys = [...new Set(bestByLanguage.map(({ contestant, role }) => JSON.stringify([contestant, role])))];
  return {
    title: `Best@${k} by language`,
    what: bestByLanguage.length === 0 ? noTries : `Chance that one of ${k} independent tries succeeds.`,
    columns: ["contestant", "role", ...languages],
    names: 1,
    rows: keys.map((key) => {
      const own = bestByLanguage.filter(({ contestant, role }) => JSON.stringify([contestant, role]) === key);
      const figures = languages.map((language) =>
        language === "all"
          ? shareInterval(own.find((one) => one.language === language)?.best)
          : share(own.find((one) => one.language === language)?.best),
      );
      return [theirs(own[0]?.contestant ?? ""), own[0]?.role ?? "", ...figures];
    }),
  };
}

/** As many as a terminal has room for; JSON and CSV have all. */
const shownPoints = [1, 2, 3, 5, 8, 10, 15, 20];

function curveTable(curves: readonly Curve[]): PaperTable[] {
  const ks = shownPoints.filter((k) => curves.some(({ points }) => points.some((point) => point.k === k)));
  if (ks.length === 0) return [];
  return [
    {
      title: "Best@k over k (pass^k beside)",
      what: "Each figure is over the issues with k tries or more: figures over other issues make no curve.",
      columns: ["contestant", "role", ...ks.map((k) => `k=${k}`)],
      names: 1,
      rows: curves.map(({ contestant, role, points }) => [
        theirs(contestant),
        role,
        ...ks.map((k) => {
          const point = points.find((one) => one.k === k);
          return point === undefined ? absent : `${share(point.best)} ${share(point.all)}`;
        }),
      ]),
    },
  ];
}

function pairedText({ paired }: TwinFigure): string[] {
  if (paired === undefined) return [absent, absent, absent];
  const { difference, low, high, adjustedP, n } = paired;
  return [`${signed(difference)} [${signed(low)}, ${signed(high)}]`, adjustedP.toFixed(3), String(n)];
}

function twinTable({ twins }: Paper): PaperTable {
  return {
    title: "With and without retrieval",
    what:
      twins.length === 0
        ? "No twin played: name contestants as <id>@none or <id>@bm25 beside <id>."
        : "A contestant as submitter beside its twin that was shown the source in another way; p of the paired sign-flip test over issues.",
    columns: ["contestant", "twin", "figure", "whole", "twin", "difference", "p", "n"],
    names: 1,
    rows: twins.flatMap(({ contestant, mode, figures }) =>
      figures.map((figure) => [
        theirs(contestant),
        `@${mode}`,
        figure.metric,
        share(figure.whole),
        share(figure.twin),
        ...pairedText(figure),
      ]),
    ),
  };
}

function reviewingTable({ reviewing }: Paper): PaperTable {
  return {
    title: "With and without a reviewer",
    what: "Win without a reviewer is a valid patch: continuous integration alone would have taken it. Wrong let through: valid though unresolved. Caught: of these, killed by the reviewer's tests. Right rejected: resolved ones killed.",
    columns: [
      "submitter",
      "win without",
      "win with",
      "resolved",
      "wrong\nlet through",
      "\ncaught",
      "right\nrejected",
    ],
    names: 1,
    rows: reviewing.map(({ contestant, metrics }) => [
      theirs(contestant),
      ...[shareInterval(metrics.validRate), shareInterval(metrics.winRate)],
      ...shares(metrics, ["resolvedRate", "wrongLetThrough", "wrongCaught", "rightRejected"]),
    ]),
  };
}

function turnTables({ turns }: Paper): PaperTable[] {
  const of = (role: "submitter" | "reviewer", columns: readonly string[], names: readonly string[]) => ({
    title: `Round by round, as ${role}`,
    what: "Turn: the how-manyeth time in this role in a battle.",
    columns: ["contestant", "turn", ...columns, "attempts", "rounds"],
    names: 1,
    rows: turns
      .filter((turn) => turn.role === role)
      .map(({ contestant, turn, metrics, rounds }) => [
        theirs(contestant),
        String(turn),
        ...names.map((name, place) => (place === 0 ? shareInterval(metrics[name]) : share(metrics[name]))),
        mean(metrics[`${role}Attempts`], 2),
        String(rounds),
      ]),
  });
  return [
    of(
      "submitter",
      ["win rate", "win strict", "valid", "resolved"],
      ["winRate", "winRateStrict", "validRate", "resolvedRate"],
    ),
    of(
      "reviewer",
      ["tests valid", "kills", "of wrong", "RPR"],
      ["reviewValidRate", "killRate", "killRateOnUnresolved", "rpr"],
    ),
  ];
}

function useTable({ uses }: Paper): PaperTable {
  return {
    title: "Attempts, tokens, money and time of a round",
    what: "Means over the role's rounds. Source: tokens of the repository that the prompt showed; gold: share of the files that gold changes among them.",
    columns: ["contestant", "role", "attempts", "in", "out", "source", "gold", "USD", "seconds", "rounds"],
    names: 1,
    rows: uses.map(({ contestant, role, metrics, rounds }) => [
      theirs(contestant),
      role,
      mean(metrics[`${role}Attempts`], 2),
      ...["InputTokens", "OutputTokens", "ContextTokens"].map((name) => mean(metrics[`${role}${name}`])),
      share(metrics[`${role}GoldRecall`]),
      mean(metrics[`${role}CostUsd`], 4),
      mean(metrics[`${role}Seconds`], 1),
      String(rounds),
    ]),
  };
}

const kindText = (kind: Failure["kind"]): string => kind.replaceAll("-", " ");

function failureTable({ failures }: Paper): PaperTable {
  return {
    title: "Failures",
    what: "Each round once, by its first cause. Gold not shown: of these, rounds whose prompt showed no text of any file that gold changes.",
    columns: ["contestant", "role", "failure", "cause", "rounds", "share", "gold not\nshown"],
    names: 1,
    rows: failures.map(({ contestant, role, kind, code, rounds, share: part, goldNotShown }) => [
      ...[theirs(contestant), role, kindText(kind), theirs(code ?? "")],
      ...[String(rounds), percent(part), goldNotShown === 0 ? absent : String(goldNotShown)],
    ]),
  };
}

/** All sections, in the paper's order; one without rows says why in `what`. */
export function paperTables(paper: Paper): readonly PaperTable[] {
  return [
    pairList(paper.pairs),
    ...pairMatrix(paper.pairs),
    bestTable(paper),
    ...curveTable(paper.curves),
    twinTable(paper),
    reviewingTable(paper),
    ...turnTables(paper),
    useTable(paper),
    failureTable(paper),
  ];
}
