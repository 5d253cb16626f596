// From what a person wrote after `--contestants` to the contestants themselves, by id and in the order written.
import { readFile } from "node:fs/promises";
import { UsageError } from "../domain/fault.ts";
import { type RetrievalMode, retrievalModes } from "../domain/run.ts";
import {
  type Contestant,
  type ContestantRef,
  controlNames,
  parseContestantRefs,
  parseContestants,
} from "../inference/index.ts";

async function contestantsIn(file: string, ref: ContestantRef): Promise<readonly Contestant[]> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const why = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    if (ref.kind !== "id") throw new UsageError(`cannot read the contestant file ${file}${why}`, { cause });
    const known = controlNames.join(", ");
    throw new UsageError(
      `no contestant "${ref.id}": it is none of the controls (${known}), and ${file}, where other names are looked for, cannot be read${why}`,
      { cause },
    );
  });
  const parsed = parseContestants(text, file);
  if (parsed.ok) return parsed.contestants;
  const lines = parsed.problems.map(
    ({ file: where, line, field, expected, found }) =>
      `${where}:${line}: ${field}: expected ${expected}, found ${found}`,
  );
  throw new UsageError(lines.join("\n"));
}

/** What each is shown of the source; a mode that is none is refused elsewhere. */
export function modesOf(models: readonly Contestant[], otherwise = "full"): RetrievalMode[] {
  const common = retrievalModes.find((mode) => mode === otherwise);
  const shown = models.filter(({ command }) => command === undefined);
  return shown.flatMap(({ retrieval = common }) => retrieval ?? []);
}

/** The same model beside itself, with other source: its name says so wherever it stands. */
function twinOf(contestant: Contestant, mode: Contestant["retrieval"]): Contestant {
  if (mode !== undefined && contestant.command !== undefined) {
    throw new UsageError(
      `@${mode} stands behind a model's contestant: ${contestant.id} is an agent and reads the checkout itself`,
    );
  }
  return mode === undefined ? contestant : { ...contestant, id: `${contestant.id}@${mode}`, retrieval: mode };
}

export interface FieldPlaces {
  /** Where an id alone is looked for, behind {@link inline}. */
  readonly defaultFile: string;
  /** Contestants of no file. */
  readonly inline?: readonly Contestant[];
}

async function modelsOf(
  ref: ContestantRef,
  { defaultFile, inline = [] }: FieldPlaces,
): Promise<readonly Contestant[]> {
  if (ref.kind === "control" || ref.kind === "replay") return [];
  const own = ref.kind === "id" ? inline.filter(({ id }) => id === ref.id) : [];
  if (own.length > 0) return own.map((contestant) => twinOf(contestant, ref.twin));
  const file = ref.kind === "file" ? ref.file : defaultFile;
  const all = await contestantsIn(file, ref);
  const wanted = ref.id === undefined ? all : all.filter((contestant) => contestant.id === ref.id);
  if (wanted.length > 0) return wanted.map((contestant) => twinOf(contestant, ref.twin));
  const known = all.map((contestant) => contestant.id).join(", ");
  throw new UsageError(`no contestant ${ref.id} in ${file}; it holds ${known}`);
}

export interface Field {
  readonly refs: readonly ContestantRef[];
  readonly models: readonly Contestant[];
  /** In the order written; a file stands for all it holds. */
  readonly ids: readonly string[];
}

/** Reads a comma list and the files it names. @throws UsageError */
export async function readField(list: string, places: FieldPlaces): Promise<Field> {
  const parsed = parseContestantRefs(list);
  if (!parsed.ok) throw new UsageError(parsed.problem);
  const models: Contestant[] = [];
  const ids: string[] = [];
  for (const ref of parsed.refs) {
    const found = await modelsOf(ref, places);
    models.push(...found);
    if (ref.kind === "control") ids.push(ref.name);
    else if (ref.kind === "replay") ids.push(`replay:${ref.file}`);
    else ids.push(...found.map((contestant) => contestant.id));
  }
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new UsageError(`contestant ${twice} is named twice`);
  return { refs: parsed.refs, models, ids };
}
