// The tournament file as a person writes it: one strict schema, and what no field can say alone.
import { z } from "zod";
import { pairingModes } from "../../domain/adaptive.ts";
import { languages } from "../../domain/instance.ts";
import { retrievalModes } from "../../domain/run.ts";
import type { WrittenContestant } from "../../inference/index.ts";

const count = (expected: string) => z.int(expected).positive(expected);
const text = (expected: string) => z.string(expected).min(1, expected);
const choice = <const T extends readonly [string, ...string[]]>(of: T) =>
  z.enum(of, `one of ${of.join(", ")}`);
const flag = z.boolean("true or false");
const day = (expected: string) => z.iso.date(expected);

/** An object of these fields. An unknown field is a problem of its own. */
function group<T extends z.core.$ZodLooseShape>(shape: T, besides = "") {
  const expected = `${besides}some of ${Object.keys(shape).join(", ")}`;
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? expected : undefined),
  });
}

const pairing = group(
  {
    mode: choice(pairingModes).exactOptional(),
    anchors: z
      .array(text("a contestant"), "a list of contestants, one of whom takes part in every battle")
      .min(1, "at least one contestant")
      .exactOptional(),
    battlesPerIssue: count("pairs drawn for one issue, a whole number above 0").exactOptional(),
    issuesAtOnce: count("issues open together, a whole number above 0").exactOptional(),
    floor: z
      .number("a share of draws")
      .positive("a share of draws, more than 0")
      .max(1, "a share of draws, 1 at most")
      .exactOptional(),
    battleUsd: z.number("US dollars").positive("US dollars, more than 0").exactOptional(),
    stop: group({
      error: z
        .number("a chance of a wrong winner")
        .positive("a chance of a wrong winner, more than 0")
        .lt(1, "a chance of a wrong winner, less than 1"),
    }).exactOptional(),
  },
  `${pairingModes.join(", ")}, or `,
);

const isMode = (given: unknown): boolean => pairingModes.some((mode) => mode === given);

const amounts = group({
  usd: z.number("US dollars").nonnegative("US dollars, 0 or more").exactOptional(),
  tokens: count("a whole number of tokens above 0").exactOptional(),
  hours: z.number("hours").positive("hours, more than 0").exactOptional(),
});

export const tournamentSchema = z.strictObject(
  {
    schemaVersion: z.literal(1, "1").exactOptional(),
    set: text("the path of an issue set: a folder with set.json and instances.jsonl, or a .jsonl file"),
    /** Looked at one by one: a name is no object, and both have problems of their own. */
    contestants: z
      .array(z.unknown(), "a list of contestants: names such as gold, or entries as in a contestant file")
      .min(1, "at least one contestant"),
    repos: text("the path of a folder with clones of the set's repositories").exactOptional(),
    filters: group({
      only: z
        .array(text("an instance id"), "a list of instance ids")
        .min(1, "at least one instance id")
        .exactOptional(),
      languages: z
        .array(choice(languages), "a list of languages")
        .min(1, "at least one language")
        .exactOptional(),
      createdAfter: day("a day such as 2026-01-31: issues of that day and later").exactOptional(),
      createdBefore: day("a day such as 2026-01-31: issues of before that day").exactOptional(),
      limit: count("how many of the instances to draw, a whole number above 0").exactOptional(),
    }).exactOptional(),
    rounds: count("rounds of one battle, a whole number above 0").exactOptional(),
    samples: count("independent tries of each side, a whole number above 0").exactOptional(),
    repeats: count("runs of one comparison, a whole number above 0").exactOptional(),
    attempts: z
      .int("answers asked for before an unusable one counts, 1 to 20")
      .min(1, "1 to 20 answers")
      .max(20, "1 to 20 answers")
      .exactOptional(),
    feedback: flag.exactOptional(),
    hints: choice(["none", "changed-regions", "diff"]).exactOptional(),
    panel: flag.exactOptional(),
    retrieval: group({
      mode: choice(retrievalModes).exactOptional(),
      snippetTokens: count("a whole number of tokens above 0").exactOptional(),
      queryHints: flag.exactOptional(),
      rerank: text("the path of a model's folder").exactOptional(),
      rerankDevice: choice(["cpu", "cuda"]).exactOptional(),
    }).exactOptional(),
    sandbox: group({
      class: choice(["auto", "docker", "bubblewrap"]).exactOptional(),
      memoryMb: count("memory of one sandbox in MiB, a whole number above 0").exactOptional(),
      atOnce: count("sandboxes at once, a whole number above 0").exactOptional(),
    }).exactOptional(),
    workers: count("battles at once, a whole number above 0").exactOptional(),
    budgets: group({
      total: amounts.exactOptional(),
      perContestant: amounts.exactOptional(),
    }).exactOptional(),
    webhook: group({
      url: z
        .url({
          protocol: /^https?$/,
          hostname: /./,
          error: "an http or https address",
        })
        // A run keeps its file, and no run keeps a key: an address with one is typed, with --webhook.
        .regex(/^[^?#@]*$/, "an address without a password or a query (type such a one: --webhook)"),
      secretEnv: text("the name of the variable that holds the secret").exactOptional(),
    }).exactOptional(),
    canary: group({
      everyBattles: count(
        "battles of an instance between two canaries, a whole number above 0",
      ).exactOptional(),
      everyHours: z.number("hours").positive("hours, more than 0").exactOptional(),
    }).exactOptional(),
    patienceMinutes: z.number("minutes").positive("minutes, more than 0").exactOptional(),
    seed: z
      .union([z.string().min(1), z.int()], "text or a whole number that draws are made from")
      .transform(String)
      .exactOptional(),
    /** A mode alone may stand for itself. */
    pairing: z.preprocess((given) => (isMode(given) ? { mode: given } : given), pairing).exactOptional(),
  },
  {
    error: (issue) =>
      issue.code === "invalid_type"
        ? "a tournament: set, contestants, and what docs/tournaments.md lists"
        : undefined,
  },
);

export type ParsedTournament = z.output<typeof tournamentSchema>;

/** What a program's default export is. */
export interface WrittenTournament extends Omit<z.input<typeof tournamentSchema>, "contestants" | "pairing"> {
  contestants: (string | WrittenContestant)[];
  pairing?: (typeof pairingModes)[number] | z.input<typeof pairing>;
}

interface Rule {
  readonly path: readonly (
    | keyof ParsedTournament
    | keyof NonNullable<ParsedTournament["filters"]>
    | keyof NonNullable<ParsedTournament["pairing"]>
  )[];
  readonly expected: string;
  readonly broken: (tournament: ParsedTournament) => boolean;
}

/** What no field can say alone. */
export const tournamentRules: readonly Rule[] = [
  {
    path: ["samples"],
    expected: "samples or rounds, not both: k samples are 2k rounds",
    broken: ({ samples, rounds }) => samples !== undefined && rounds !== undefined,
  },
  {
    path: ["samples"],
    expected:
      "samples or feedback, not both: a side that sees its earlier answers makes no independent tries",
    broken: ({ samples, feedback }) => samples !== undefined && feedback === true,
  },
  {
    path: ["pairing", "anchors"],
    expected: "anchors or adaptive pairing, not both: who meets whom is drawn",
    broken: ({ pairing }) => pairing?.mode === "adaptive" && pairing.anchors !== undefined,
  },
  {
    path: ["pairing"],
    expected: "mode: adaptive beside what says how pairs are drawn",
    broken: ({ pairing: { mode, anchors, ...drawing } = {} }) =>
      mode !== "adaptive" && Object.keys(drawing).length > 0,
  },
  {
    path: ["filters", "createdBefore"],
    expected: "a day after createdAfter",
    broken: ({ filters: { createdAfter, createdBefore } = {} }) =>
      createdAfter !== undefined && createdBefore !== undefined && createdBefore <= createdAfter,
  },
];
