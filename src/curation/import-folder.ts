// Freezes an authoring folder, where every text is a file of its own, into a set.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../domain/fault.ts";
import { fieldProblems, instanceSchema, parseInstance, shown } from "../domain/instance.ts";
import { repositoryOfFolder } from "../git/index.ts";
import type { InstanceLine } from "./imported.ts";
import { problemText, type SetProblem, setSchema } from "./set.ts";
import { type FrozenSet, freeze, type SetNaming } from "./write-set.ts";

export interface ImportFolderOptions {
  /** Holds `instances/<id>/` and, for repositories kept as plain files, `repos/<name>/`. */
  readonly folder: string;
  /** Where the repositories are made to learn their commits. */
  readonly cache: string;
  /** Overrides what the folder's set.json says; without either, name and version are the folder's last two names. */
  readonly naming?: Partial<SetNaming>;
}

/** instance.json: a line without the texts that are files of their own, plus notes for people. */
const authoredSchema = instanceSchema
  .omit({ patch: true, test_patch: true, problem_statement: true, hints_text: true })
  .extend({
    hints_text: z.string().default(""),
    panel: z.array(z.strictObject({ id: z.string(), label: z.enum(["resolved", "unresolved"]) })).default([]),
  })
  .catchall(z.unknown());

type Authored = z.infer<typeof authoredSchema>;

const lineKeys: ReadonlySet<string> = new Set(Object.keys(instanceSchema.shape));

/** `panelNotes`, `notes` and their like belong to people: they travel in provenance. */
function notesOf(authored: Authored): Record<string, unknown> {
  return Object.fromEntries(Object.entries(authored).filter(([key]) => !lineKeys.has(key) && isNote(key)));
}

function isNote(key: string): boolean {
  return /notes?$/i.test(key);
}

/** Undefined when there is no such file or it is not UTF-8: text replaced on the way would not be the author's. */
async function textOf(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

class Author {
  readonly problems: SetProblem[] = [];
  readonly #folder: string;
  readonly #cache: string;
  readonly #commits = new Map<string, Promise<string>>();

  constructor(folder: string, cache: string) {
    this.#folder = folder;
    this.#cache = cache;
  }

  async line(name: string): Promise<InstanceLine | undefined> {
    const folder = join(this.#folder, "instances", name);
    const authored = await this.#authored(join(folder, "instance.json"));
    if (authored === undefined) return undefined;
    if (authored.instance_id !== name) {
      this.#report(
        join(folder, "instance.json"),
        "instance_id",
        `the folder's name, ${name}`,
        authored.instance_id,
      );
    }
    const line = await this.#withTexts(folder, authored);
    const parsed = parseInstance(line);
    if (parsed.ok) return line;
    for (const problem of parsed.problems) this.problems.push({ file: folder, ...problem });
    return undefined;
  }

  async #authored(file: string): Promise<Authored | undefined> {
    const text = await textOf(file);
    if (text === undefined) {
      this.#report(file, "(the whole file)", "one JSON object", undefined);
      return undefined;
    }
    try {
      const json: unknown = JSON.parse(text);
      const parsed = authoredSchema.safeParse(json);
      if (parsed.success) {
        this.#refuseUnknown(file, parsed.data);
        return parsed.data;
      }
      this.problems.push(...fieldProblems(parsed.error, json).map((problem) => ({ file, ...problem })));
    } catch (error) {
      this.#report(file, "(the whole file)", "one JSON object", String(error));
    }
    return undefined;
  }

  #refuseUnknown(file: string, authored: Authored): void {
    for (const key of Object.keys(authored).filter((each) => !lineKeys.has(each) && !isNote(each))) {
      this.#report(file, key, "a field of an instance, or a name ending in notes", key);
    }
  }

  async #withTexts(folder: string, authored: Authored): Promise<InstanceLine> {
    const hints = await textOf(join(folder, "hints.md"));
    return {
      instance_id: authored.instance_id,
      repo: authored.repo,
      base_commit: await this.#baseCommit(authored.repo, authored.base_commit),
      language: authored.language,
      created_at: authored.created_at ?? "",
      ci: authored.ci,
      oracle: authored.oracle,
      problem_statement: (await this.#mustRead(join(folder, "issue.md"))).trimEnd(),
      hints_text: hints?.trimEnd() ?? authored.hints_text,
      FAIL_TO_PASS: authored.FAIL_TO_PASS,
      PASS_TO_PASS: authored.PASS_TO_PASS,
      patch: await this.#mustRead(join(folder, "gold.patch")),
      test_patch: (await textOf(join(folder, "test.patch"))) ?? "",
      panel: await this.#panel(folder, authored.panel),
      provenance: { ...authored.provenance, ...notesOf(authored) },
    };
  }

  async #panel(folder: string, members: Authored["panel"]): Promise<InstanceLine["panel"]> {
    const written = await readdir(join(folder, "panel")).catch(() => []);
    for (const name of written.filter((each) => !members.some((member) => `${member.id}.patch` === each))) {
      const expected = "a patch that instance.json lists in its panel";
      this.#report(join(folder, "panel", name), "(the whole file)", expected, name);
    }
    return Promise.all(
      members.map(async (member) => ({
        ...member,
        patch: await this.#mustRead(join(folder, "panel", `${member.id}.patch`)),
      })),
    );
  }

  /** A plain folder's commit is frozen into the line: a later change to the folder is then seen, not judged. */
  async #baseCommit(repo: string, stated: string): Promise<string> {
    const folder = join(this.#folder, "repos", basename(repo));
    if (!(await isFolder(folder))) return stated;
    const known = this.#commits.get(folder);
    const computed = known ?? repositoryOfFolder(folder, this.#cache).then((made) => made.commit);
    this.#commits.set(folder, computed);
    const commit = await computed;
    if (stated !== "" && stated !== commit)
      this.#report(folder, "base_commit", `${commit} or nothing`, stated);
    return commit;
  }

  async #mustRead(path: string): Promise<string> {
    const text = await textOf(path);
    if (text === undefined)
      this.#report(path, "(the whole file)", "a readable file of UTF-8 text", undefined);
    return text ?? "";
  }

  #report(file: string, field: string, expected: string, found: unknown): void {
    this.problems.push({ file, field, expected, found: shown(found) });
  }
}

/** What an earlier set.json calls the set; its hash and count are made anew. */
async function knownNaming(file: string): Promise<Partial<SetNaming>> {
  const text = await textOf(file);
  if (text === undefined) return {};
  try {
    const known = setSchema.partial().parse(JSON.parse(text));
    const named = Object.entries(known).filter(([key, value]) => namingKeys.has(key) && value !== undefined);
    return Object.fromEntries(named);
  } catch (cause) {
    throw new UsageError(`${file}: expected a set.json (or none), found something else: ${String(cause)}`, {
      cause,
    });
  }
}

const namingKeys: ReadonlySet<string> = new Set(["name", "version", "licence", "howMade"]);

async function namingOf(options: ImportFolderOptions): Promise<SetNaming> {
  const folder = resolve(options.folder);
  return {
    name: basename(dirname(folder)),
    version: basename(folder),
    licence: "unstated: see the repositories",
    howMade: "written by hand, frozen from an authoring folder",
    ...(await knownNaming(join(folder, "set.json"))),
    ...options.naming,
  };
}

/**
 * Reads an authoring folder: `instances/<id>/{instance.json, issue.md, gold.patch, test.patch, panel/*.patch}` and
 * `repos/<name>/`. Writes nothing; the same files always give the same bytes.
 * @throws UsageError that lists everything wrong with the folder; GitFault folder-unreadable
 */
export async function importFolder(options: ImportFolderOptions): Promise<FrozenSet> {
  const folder = resolve(options.folder);
  const names = await readdir(join(folder, "instances")).catch((cause: unknown) => {
    const expected = "an authoring folder with instances/<id>/instance.json in it";
    throw new UsageError(`expected ${expected}, found none at ${folder}`, { cause });
  });
  const author = new Author(folder, options.cache);
  const lines: InstanceLine[] = [];
  for (const name of names.sort()) {
    const line = await author.line(name);
    if (line !== undefined) lines.push(line);
  }
  if (author.problems.length > 0) {
    throw new UsageError(`${folder} cannot be frozen:\n${author.problems.map(problemText).join("\n")}`);
  }
  return freeze(await namingOf(options), lines);
}
