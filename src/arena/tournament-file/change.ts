// What a command line puts in the place of a tournament file's fields, checked as the file itself is.
import { UsageError } from "../../domain/fault.ts";
import { inside } from "../../inference/index.ts";
import type { Tournament } from "./read.ts";
import { tournamentRules, tournamentSchema } from "./schema.ts";

export interface Change {
  /** Who asks for it, for errors. */
  readonly flag: string;
  readonly path: readonly string[];
  readonly value: unknown;
  /** Fields that it makes meaningless. */
  readonly instead?: readonly (keyof Tournament)[];
}

function withValue(json: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const fields = typeof json === "object" && json !== null ? json : {};
  return { ...fields, [step]: withValue(inside(json, step), rest, value) };
}

export interface Changes {
  readonly changes: readonly Change[];
  /** Who plays instead, as `--contestants` may name them. */
  readonly contestants?: readonly string[];
}

/** The tournament with these fields changed. @throws UsageError for what the schema refuses */
export function changed(tournament: Tournament, { changes, contestants }: Changes): Tournament {
  let json: unknown = tournament;
  for (const { path, value, instead = [] } of changes) {
    const kept = Object.entries(json ?? {}).filter(([field]) => !instead.some((gone) => gone === field));
    json = withValue(Object.fromEntries(kept), path, value);
  }
  const parsed = tournamentSchema.safeParse(json);
  const problems = parsed.success
    ? tournamentRules
        .filter(({ broken }) => broken(parsed.data))
        .map(({ path, expected }) => `${path.join(".")}: expected ${expected}`)
    : parsed.error.issues.map(({ path, message }) => `${flagOf(changes, path)}: expected ${message}`);
  if (parsed.success && problems.length === 0) {
    // Whoever stands in the file may be named by the id alone.
    const entryOf = (ref: string) =>
      tournament.contestants.find((each) => typeof each !== "string" && each.id === ref) ?? ref;
    return { ...parsed.data, contestants: contestants?.map(entryOf) ?? tournament.contestants };
  }
  throw new UsageError(problems.join("\n"));
}

function flagOf(changes: readonly Change[], at: readonly PropertyKey[]): string {
  const change = changes.find(({ path }) => path.every((step, index) => step === at[index]));
  return change?.flag ?? at.join(".");
}
