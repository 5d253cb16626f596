// Writes a set in its one frozen form: the same instances give the same bytes and so the same hash anywhere.
import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstanceLine } from "./imported.ts";
import type { SetDescription } from "./set.ts";

/** Order of the keys in a line: what a person looks for first comes first, the bulk last. */
const keys = [
  "instance_id",
  "repo",
  "base_commit",
  "language",
  "created_at",
  "oracle",
  "ci",
  "problem_statement",
  "hints_text",
  "FAIL_TO_PASS",
  "PASS_TO_PASS",
  "version",
  "environment_setup_commit",
  "provenance",
  "patch",
  "test_patch",
  "panel",
] as const satisfies readonly (keyof InstanceLine)[];

/** Keys within a value are sorted: who made the object, and in which order, must not show. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, each]) => [key, sorted(each)]),
  );
}

function frozenLine(line: InstanceLine): string {
  const entries = keys.filter((key) => line[key] !== undefined).map((key) => [key, sorted(line[key])]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** The text of instances.jsonl: sorted by id, one line each, LF, a newline at the end. */
export function frozenText(lines: readonly InstanceLine[]): string {
  const byId = [...lines].sort((one, other) => (one.instance_id < other.instance_id ? -1 : 1));
  return byId.map((line) => `${frozenLine(line)}\n`).join("");
}

export type SetNaming = Pick<SetDescription, "name" | "version" | "licence" | "howMade">;

export interface FrozenSet {
  readonly description: SetDescription;
  readonly instancesText: string;
  readonly setText: string;
}

/** The two files of a set, nothing written. */
export function freeze(naming: SetNaming, lines: readonly InstanceLine[]): FrozenSet {
  const instancesText = frozenText(lines);
  const description: SetDescription = {
    schemaVersion: 1,
    name: naming.name,
    version: naming.version,
    licence: naming.licence,
    howMade: naming.howMade,
    instances: lines.length,
    sha256: createHash("sha256").update(instancesText).digest("hex"),
  };
  return { description, instancesText, setText: `${JSON.stringify(description, null, 2)}\n` };
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Writes instances.jsonl, then set.json, below `folder`; a kill in between shows as a hash mismatch. */
export async function writeSet(folder: string, frozen: FrozenSet): Promise<void> {
  await mkdir(folder, { recursive: true });
  await replace(join(folder, "instances.jsonl"), frozen.instancesText);
  await replace(join(folder, "set.json"), frozen.setText);
}
