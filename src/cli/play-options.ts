// What `arena play` goes by: a tournament file under the options that were typed, or a run that goes on.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  absoluteRef,
  type Change,
  type Changes,
  changed,
  isRenewable,
  isTournamentFile,
  keptTournament,
  manifestIn,
  mustBeSameTournament,
  readTournament,
  resumedOptions,
  type Tournament,
  tournamentFileForms,
} from "../arena/index.ts";
import { UsageError } from "../domain/fault.ts";
import { inside } from "../inference/index.ts";
import type { SessionOptions } from "../wire.ts";
import type { Drawing } from "./pairing-options.ts";

export interface PlayOptions extends SessionOptions {
  readonly resume?: string;
  readonly retryVoids?: boolean;
  readonly retryQuarantined?: boolean;
  readonly rounds: number;
  readonly repeats: number;
  readonly feedback?: boolean;
  readonly hints: string;
  /** False with --no-panel. */
  readonly panel: boolean;
  readonly retrieval: string;
  readonly snippetTokens: number;
  readonly queryHints?: boolean;
  /** Who meets whom: `everybody` when absent. */
  readonly pairing?: string;
  /** Of adaptive pairing: the chance of a wrong winner at which it may end; without it every issue is played. */
  readonly stopError?: number;
  /** How a tournament file says that pairs are drawn; what it leaves out has its default. */
  readonly drawing?: Drawing;
  /** With --dry-run: a run whose stored seconds and bytes the plan is reckoned by. */
  readonly like?: string;
  /** Told when the run has ended; kept with no run unless a tournament file says it. */
  readonly webhook?: string;
  /** The variable with the secret that it is signed with. */
  readonly webhookSecretEnv?: string;
}

/** As the command line gives them. */
export interface GivenOptions extends Omit<PlayOptions, "set"> {
  /** A set or a tournament file; may be left out where a run goes on. */
  readonly set?: string;
  /** Options that were typed, by name: all others have their defaults. */
  readonly typed: readonly string[];
}

/** The options' names, and the fields of a tournament that say the same. */
const fields = {
  repos: ["repos"],
  rounds: ["rounds"],
  repeats: ["repeats"],
  feedback: ["feedback"],
  hints: ["hints"],
  panel: ["panel"],
  retrieval: ["retrieval", "mode"],
  snippetTokens: ["retrieval", "snippetTokens"],
  queryHints: ["retrieval", "queryHints"],
  rerank: ["retrieval", "rerank"],
  rerankDevice: ["retrieval", "rerankDevice"],
  sandbox: ["sandbox", "class"],
  memory: ["sandbox", "memoryMb"],
  sandboxes: ["sandbox", "atOnce"],
  workers: ["workers"],
  budget: ["budgets", "total", "usd"],
  budgetTokens: ["budgets", "total", "tokens"],
  budgetHours: ["budgets", "total", "hours"],
  budgetEach: ["budgets", "perContestant", "usd"],
  budgetEachTokens: ["budgets", "perContestant", "tokens"],
  budgetEachHours: ["budgets", "perContestant", "hours"],
  canaryBattles: ["canary", "everyBattles"],
  canaryHours: ["canary", "everyHours"],
  patience: ["patienceMinutes"],
  seed: ["seed"],
  only: ["filters"],
  anchors: ["pairing", "anchors"],
  pairing: ["pairing", "mode"],
  stopError: ["pairing", "stop", "error"],
} as const satisfies Partial<Record<keyof PlayOptions, readonly string[]>>;

type Named = keyof typeof fields;
const names = Object.keys(fields).filter((name): name is Named => Object.hasOwn(fields, name));

const kebab = (name: string): string => name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
const flagOf = (name: string): string => (name === "panel" ? "--no-panel" : `--${kebab(name)}`);
const listed = (text: string): string[] => text.split(",").map((each) => each.trim());

/** Paths on a command line are those of the folder it was typed in. */
function fieldValue(name: Named, given: GivenOptions): unknown {
  const { only, anchors, repos, rerank } = given;
  if (name === "only") return only === undefined ? undefined : { only: listed(only) };
  if (name === "anchors") return anchors === undefined ? undefined : listed(anchors);
  if (name === "repos") return repos === undefined ? undefined : resolve(repos);
  if (name === "rerank") return rerank === undefined ? undefined : resolve(rerank);
  return given[name];
}

function changesTyped(given: GivenOptions): Changes {
  const changes = names
    .filter((name) => given.typed.includes(name))
    .map((name): Change => {
      const instead = name === "rounds" ? { instead: ["samples"] as const } : {};
      return { flag: flagOf(name), path: fields[name], value: fieldValue(name, given), ...instead };
    });
  if (given.contestants === undefined) return { changes };
  const contestants = listed(given.contestants).map((ref) => absoluteRef(ref, ".") ?? ref);
  return { changes, contestants };
}

/** What was typed in the place of something the file says: an override is never silent. */
function overrides(file: string, tournament: Tournament, { changes, contestants }: Changes): string[] {
  const told = (flag: string, value: unknown, path: readonly string[]): string[] => {
    const before = path.reduce<unknown>(inside, tournament);
    if (before === undefined || isDeepStrictEqual(before, value)) return [];
    const [field, was, is] = [path.join("."), JSON.stringify(before), JSON.stringify(value)];
    return [`${flag} overrides ${field} of ${file}: ${is} instead of ${was}`];
  };
  return [
    ...changes.flatMap(({ flag, value, path, instead = [] }) =>
      [path, ...instead.map((field) => [field])].flatMap((each) => told(flag, value, each)),
    ),
    ...(contestants === undefined ? [] : [`--contestants overrides contestants of ${file}`]),
  ];
}

type FromFile = { readonly [K in keyof PlayOptions]?: PlayOptions[K] | undefined };

const defined = (values: FromFile): Partial<PlayOptions> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** What may change while a run goes on. */
function renewable(tournament: Tournament): FromFile {
  const { budgets, workers, sandbox, retrieval, canary, patienceMinutes } = tournament;
  const { total, perContestant } = budgets ?? {};
  return {
    ...{ budget: total?.usd, budgetTokens: total?.tokens, budgetHours: total?.hours },
    ...{ budgetEach: perContestant?.usd, budgetEachTokens: perContestant?.tokens },
    ...{ budgetEachHours: perContestant?.hours, workers, sandboxes: sandbox?.atOnce },
    ...{ rerank: retrieval?.rerank, rerankDevice: retrieval?.rerankDevice },
    ...{ canaryBattles: canary?.everyBattles, canaryHours: canary?.everyHours, patience: patienceMinutes },
  };
}

/** Who is told in the end: what was typed, or what the file says. */
function toldOf(given: GivenOptions, { webhook }: Tournament): FromFile {
  if (given.webhook !== undefined) return {};
  return { webhook: webhook?.url, webhookSecretEnv: given.webhookSecretEnv ?? webhook?.secretEnv };
}

/** What a run is begun with and stays. */
function lasting(tournament: Tournament): FromFile {
  const { set, contestants, repos, filters, samples, repeats, attempts, retrieval } = tournament;
  const { feedback, hints, panel, sandbox, seed, pairing } = tournament;
  const { only, ...others } = filters ?? {};
  const { mode, anchors, stop, ...drawing } = pairing ?? {};
  return {
    ...{ set, repos, repeats, attempts, feedback, hints, panel, seed },
    contestants: contestants.map((each) => (typeof each === "string" ? each : each.id)).join(","),
    inline: contestants.filter((each) => typeof each !== "string"),
    only: only?.join(","),
    ...(Object.keys(others).length === 0 ? {} : { filters: others }),
    rounds: samples === undefined ? tournament.rounds : 2 * samples,
    ...{ retrieval: retrieval?.mode, snippetTokens: retrieval?.snippetTokens },
    ...{ queryHints: retrieval?.queryHints, sandbox: sandbox?.class, memory: sandbox?.memoryMb },
    ...{ anchors: anchors?.join(","), pairing: mode, stopError: stop?.error, drawing },
  };
}

export interface Asked {
  readonly options: PlayOptions;
  /** Of a new run, to be kept with it. */
  readonly tournament?: Tournament;
}

/** The tournament of a file under what was typed. */
async function tournamentOf(
  file: string,
  given: GivenOptions,
  note: (line: string) => void,
): Promise<Tournament> {
  const tournament = await readTournament(file);
  const changes = changesTyped(given);
  const result = changed(tournament, changes);
  for (const line of overrides(file, tournament, changes)) note(line);
  if (given.webhook !== undefined && tournament.webhook !== undefined)
    note(`--webhook overrides webhook of ${file}`);
  return result;
}

/** @throws UsageError for a file that is wrong, and where there is nothing to play */
export async function askedFor(given: GivenOptions, note: (line: string) => void): Promise<Asked> {
  const { set: target, run, resume } = given;
  if (target !== undefined && isTournamentFile(target)) {
    const tournament = await tournamentOf(target, given, note);
    const isBegun = run !== undefined && (await manifestIn(run)) !== undefined;
    const begun = resume ?? (isBegun ? run : undefined);
    if (begun !== undefined) return { options: await goingOn(given, begun, tournament) };
    const options = {
      ...given,
      set: tournament.set,
      ...defined(lasting(tournament)),
      ...defined(renewable(tournament)),
      ...defined(toldOf(given, tournament)),
    };
    return { options, tournament };
  }
  if (resume !== undefined) {
    for (const line of await ignored(given, resume)) note(line);
    return { options: await goingOn(given, resume) };
  }
  if (target === undefined)
    throw new UsageError(
      "expected a set or a tournament file to play, or --resume <folder> to go on with a run",
    );
  await mustBeSet(target);
  return { options: { ...given, set: target } };
}

/** What a set itself must hold is told where it is read. @throws UsageError for what can be neither */
async function mustBeSet(target: string): Promise<void> {
  const status = await stat(target).catch(() => undefined);
  if (status?.isDirectory() === true || (status !== undefined && target.endsWith(".jsonl"))) return;
  const found = status === undefined ? "nothing that can be read" : "a file of another kind";
  throw new UsageError(
    `expected a set folder (set.json and instances.jsonl), a .jsonl file or ${tournamentFileForms} at ${target}, found ${found}`,
  );
}

const lastingNames = [...names.filter((name) => !isRenewable(name)), "contestants"] as const;

/** What was typed and would change what the run was begun as: it goes on as it was, and says so. */
async function ignored(given: GivenOptions, run: string): Promise<string[]> {
  const begun = new Map<string, unknown>(Object.entries(await resumedOptions({}, run)));
  return lastingNames
    .filter((name) => given.typed.includes(name) && !isDeepStrictEqual(begun.get(name), given[name]))
    .map((name) => `${flagOf(name)} is ignored: ${run} goes on as it was begun`);
}

/** The run as it was begun; `now` is a file given again, which may renew what touches no verdict. */
async function goingOn(given: GivenOptions, run: string, now?: Tournament): Promise<PlayOptions> {
  // A folder that holds no run is told before what it was begun as.
  await resumedOptions({}, run);
  const begun = await keptTournament(run);
  if (now !== undefined) mustBeSameTournament(run, begun, now);
  // What its filters left is on record by name.
  const { filters, ...kept } = begun === undefined ? {} : defined(lasting(begun));
  const anew = now === undefined ? {} : defined(renewable(now));
  const file = now ?? begun;
  const told = file === undefined ? {} : defined(toldOf(given, file));
  const { set = "" } = given;
  return resumedOptions({ ...given, set, ...kept, ...anew, ...told }, run);
}
