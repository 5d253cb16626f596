// From a tournament file, YAML, JSON or a program, to a tournament whose paths hold from anywhere, or all its problems.
import { readFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isEncodingName } from "../../../retriever/index.ts";
import { UsageError } from "../../domain/fault.ts";
import {
  type Contestant,
  contestantForms,
  type FieldPath,
  FileReading,
  fileProblemText,
  inside,
  noteIssues,
  noteTwins,
  parseContestantRef,
  type Reading,
  readContestant,
  resolvedContestant,
  ValueReading,
} from "../../inference/index.ts";
import { type ParsedTournament, tournamentRules, tournamentSchema } from "./schema.ts";

/** Paths are absolute. A contestant is what `--contestants` may name, or stands here with all that makes it. */
export interface Tournament extends Omit<ParsedTournament, "contestants"> {
  readonly contestants: readonly (string | Contestant)[];
}

const written = [".yaml", ".yml", ".json"];
const programs = [".ts", ".mts", ".mjs"];

/** Whether `arena play` was given such a file and no set. */
export function isTournamentFile(path: string): boolean {
  return [...written, ...programs].includes(extname(path));
}

export const tournamentFileForms = `a tournament file (${[...written, ...programs].join(", ")})`;

/**
 * Reads a file by the schema; a program is run for its default export.
 * @throws UsageError with every problem, each with its line and column, or its field where a program gave it
 */
export async function readTournament(file: string): Promise<Tournament> {
  const reading = programs.includes(extname(file))
    ? new ValueReading(await exportOf(file), file)
    : new FileReading(await textOf(file), file);
  const tournament = reading.problems.length > 0 ? undefined : parsed(reading, dirname(resolve(file)));
  if (tournament !== undefined && reading.problems.length === 0) return tournament;
  const sorted = reading.problems.toSorted(
    (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
  );
  // Each on a line of its own from its beginning, so that an editor can follow it.
  throw new UsageError(["expected a sound tournament file", ...sorted.map(fileProblemText)].join("\n"));
}

async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const found = code === "ENOENT" ? "nothing" : `something unreadable (${code})`;
    throw new UsageError(`expected ${tournamentFileForms} at ${file}, found ${found}`, { cause });
  });
}

async function exportOf(file: string): Promise<unknown> {
  // A program that is not there is told apart from one that imports what is not there.
  await textOf(file);
  const { tsImport } = await import("tsx/esm/api");
  try {
    const loaded: unknown = await tsImport(pathToFileURL(resolve(file)).href, import.meta.url);
    return inside(loaded, "default");
  } catch (cause) {
    const found = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new UsageError(
      `${file}: expected a program with a tournament as its default export, found ${found}`,
      {
        cause,
      },
    );
  }
}

function parsed(reading: Reading, base: string): Tournament | undefined {
  const checked = tournamentSchema.safeParse(reading.json);
  if (checked.success) {
    for (const { path, expected, broken } of tournamentRules)
      if (broken(checked.data)) reading.note(path, expected);
  } else noteIssues(reading, [], checked.error.issues);
  // Its problems are told together with those of all other fields.
  const contestants = contestantsIn(reading, base);
  return checked.success ? resolved({ ...checked.data, contestants }, base) : undefined;
}

function contestantsIn(reading: Reading, base: string): (string | Contestant)[] {
  const entries = inside(reading.json, "contestants");
  if (!Array.isArray(entries)) return [];
  noteTwins(reading, ["contestants"]);
  return entries.flatMap((entry: unknown, index) => {
    const path = ["contestants", index];
    if (typeof entry === "string") return reference(reading, path, { entry, base }) ?? [];
    noteSecrets(reading, path);
    const contestant = readContestant(reading, path);
    return contestant === undefined ? [] : withTokenizer(resolvedContestant(contestant, base), base);
  });
}

const elsewhere =
  "put the contestant into a file of its own and name that, since a run keeps what stands here and no run keeps a key";

/** What may be a key is neither kept nor shown. */
function noteSecrets(reading: Reading, path: FieldPath): void {
  const value = path.reduce<unknown>(inside, reading.json);
  if (path.at(-1) === "extra") {
    if (value !== undefined) reading.note(path, `nothing here: ${elsewhere}`, "further fields");
  } else if (typeof value === "string" && /^https?:/.test(value) && URL.canParse(value)) {
    const { username, password, search } = new URL(value);
    if (username + password + search === "") return;
    reading.note(path, `an address without user, password and query: ${elsewhere}`, "one with them");
  } else if (typeof value === "object" && value !== null)
    for (const key of Object.keys(value)) noteSecrets(reading, [...path, key]);
}

function reference(
  reading: Reading,
  path: FieldPath,
  { entry, base }: { readonly entry: string; readonly base: string },
): string | undefined {
  const absolute = absoluteRef(entry, base);
  if (absolute === undefined) reading.note(path, `an entry as in a contestant file, or ${contestantForms}`);
  // They are joined by commas wherever a run is kept.
  else if (absolute.includes(","))
    reading.note(path, `one contestant, no comma in it nor in the folder ${base}`);
  else return absolute;
  return undefined;
}

/** The same reference, its file by an absolute path; undefined for what is none. */
export function absoluteRef(entry: string, base: string): string | undefined {
  const ref = parseContestantRef(entry);
  if (typeof ref === "string") return undefined;
  if (ref.kind === "replay") return `replay:${resolve(base, ref.file)}`;
  if (ref.kind !== "file") return entry;
  const id = ref.id === undefined ? "" : `#${ref.id}`;
  return `${resolve(base, ref.file)}${id}${ref.twin === undefined ? "" : `@${ref.twin}`}`;
}

function withTokenizer({ tokenizer, ...contestant }: Contestant, base: string): Contestant {
  if (tokenizer === undefined) return contestant;
  return { ...contestant, tokenizer: isEncodingName(tokenizer) ? tokenizer : resolve(base, tokenizer) };
}

function resolved(tournament: Tournament, base: string): Tournament {
  const { set, repos, retrieval, pairing } = tournament;
  const { rerank } = retrieval ?? {};
  // Contestants are known by their ids: of these only a replayed file's is a path.
  const anchors = pairing?.anchors?.map((id) =>
    id.startsWith("replay:") ? (absoluteRef(id, base) ?? id) : id,
  );
  return {
    ...tournament,
    set: resolve(base, set),
    ...(repos === undefined ? {} : { repos: resolve(base, repos) }),
    ...(rerank === undefined ? {} : { retrieval: { ...retrieval, rerank: resolve(base, rerank) } }),
    ...(anchors === undefined ? {} : { pairing: { ...pairing, anchors } }),
  };
}
