// What a person may write after `--contestants`: controls, replays, and contestants by id or by file.

/** Built in, no key needed (DESIGN 4.11). */
export const controlNames = ["gold", "empty", "mutant", "trivial", "overfit"] as const;
export type ControlName = (typeof controlNames)[number];

/** A twin of a contestant: the same in all but what it is shown of the source, written `<contestant>@<mode>`. */
export const twinModes = ["full", "bm25", "none", "oracle"] as const;
export type TwinMode = (typeof twinModes)[number];

export type ContestantRef =
  | { readonly kind: "control"; readonly name: ControlName }
  /** JSONL of `{instance_id, role, patch}`. */
  | { readonly kind: "replay"; readonly file: string }
  /** A contestant of the configured contestant file. */
  | { readonly kind: "id"; readonly id: string; readonly twin?: TwinMode }
  /** One contestant of a named file; without `id` all of it. */
  | { readonly kind: "file"; readonly file: string; readonly id?: string; readonly twin?: TwinMode };

export type ParsedRefs =
  | { readonly ok: true; readonly refs: readonly ContestantRef[] }
  | { readonly ok: false; readonly problem: string };

export const contestantIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** What may stand there, for whoever says what was expected. */
export const contestantForms = `one of ${controlNames.join(", ")}, replay:<file>, <id>, <file>.yaml or <file>.yaml#<id>, the last three also with @<mode>`;

const looksLikeFile = /[/\\]|\.(ya?ml|json)$/i;

/** Splits `@<mode>` off; any other @ is part of the name. */
function twinOf(written: string): { readonly name: string; readonly twin?: TwinMode } {
  const at = written.lastIndexOf("@");
  const twin = twinModes.find((mode) => mode === written.slice(at + 1));
  return at <= 0 || twin === undefined ? { name: written } : { name: written.slice(0, at), twin };
}

/** One of them, or what is wrong with it. */
export function parseContestantRef(written: string): ContestantRef | string {
  if (written.startsWith("replay:")) return parseName(written);
  const { name, twin } = twinOf(written);
  const ref = parseName(name);
  if (typeof ref === "string" || twin === undefined) return ref;
  if (ref.kind === "id" || ref.kind === "file") return { ...ref, twin };
  return `@${twin} stands behind a model's contestant: "${name}" is shown no source; found "${written}"`;
}

function parseName(written: string): ContestantRef | string {
  const control = controlNames.find((name) => name === written);
  if (control !== undefined) return { kind: "control", name: control };
  if (written.startsWith("replay:")) {
    const file = written.slice("replay:".length);
    return file === "" ? "`replay:` needs a file: replay:<file>" : { kind: "replay", file };
  }
  const hash = written.lastIndexOf("#");
  const file = hash === -1 ? written : written.slice(0, hash);
  const id = hash === -1 ? undefined : written.slice(hash + 1);
  if (id !== undefined && (file === "" || !contestantIdPattern.test(id)))
    return `expected ${contestantForms}; found "${written}"`;
  if (id !== undefined) return { kind: "file", file, id };
  if (looksLikeFile.test(file)) return { kind: "file", file };
  return contestantIdPattern.test(file)
    ? { kind: "id", id: file }
    : `expected ${contestantForms}; found "${written}"`;
}

/** Reads a comma list. Says which element is wrong and what could stand there. */
export function parseContestantRefs(list: string): ParsedRefs {
  const refs: ContestantRef[] = [];
  for (const [index, written] of list.split(",").entries()) {
    const ref = parseContestantRef(written.trim());
    if (typeof ref === "string") return { ok: false, problem: `contestant ${index + 1}: ${ref}` };
    refs.push(ref);
  }
  return { ok: true, refs };
}
