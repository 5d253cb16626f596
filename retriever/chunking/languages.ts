// The languages we have: one folder each in languages/, with language.json and tags.scm; nothing else names a language.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { RetrieverFault } from "../fault.ts";

const description = z.strictObject({
  /** What it covers, for people. */
  about: z.string(),
  /** npm package of the grammar. */
  package: z.string(),
  /** Where a package holds several grammars: the name of ours. */
  export: z.string().optional(),
  /** File inside the package, for where the native build does not load. */
  wasm: z.string(),
  /** Between the parts of a qualified name. */
  separator: z.string(),
  /** Lower case, with the dot. */
  extensions: z.array(z.string().regex(/^\.[^A-Z/]+$/)),
  filenames: z.array(z.string()).default([]),
  /** Programs of a `#!` line. */
  interpreters: z.array(z.string()),
  /** Opening and closing; a closing line break is not part of the comment. */
  comments: z.array(z.tuple([z.string().min(1), z.string().min(1)])),
  strings: z.array(
    z.strictObject({
      open: z.string().min(1),
      close: z.string().min(1),
      /** What must stand directly before: `R` of a raw string. */
      after: z.string().default(""),
      escapes: z.boolean().default(true),
      multiline: z.boolean().default(false),
      /** A character, not a text: hides quotes from the scanner, holds no message. */
      isCharacter: z.boolean().default(false),
    }),
  ),
  /**
   * Regular expressions (flags `gm`) whose first group is hidden from the grammar, because only a preprocessor could
   * tell what it stands for: `class EXPORT Name`.
   */
  unreadable: z.array(z.string().min(1)).default([]),
  /** Whether branches of `#if` may each hold half of a block. */
  hasConditionals: z.boolean().default(false),
  /** What a line begins with whose names are imports. */
  imports: z.array(z.string().min(1)),
  /** Words that are never names, however broken a parse is. */
  keywords: z.array(z.string()),
});

export interface Language extends z.infer<typeof description> {
  /** Its folder. */
  readonly name: string;
  /** Text of tags.scm. */
  readonly tags: string;
}

const folder = fileURLToPath(new URL("../languages/", import.meta.url));

function readLanguage(name: string): Language {
  try {
    const data: unknown = JSON.parse(readFileSync(`${folder}${name}/language.json`, "utf8"));
    return { ...description.parse(data), name, tags: readFileSync(`${folder}${name}/tags.scm`, "utf8") };
  } catch (cause) {
    const message = `expected language.json and tags.scm in retriever/languages/${name}: ${String(cause)}`;
    throw new RetrieverFault("grammar-unusable", message, { cause });
  }
}

export interface Languages {
  readonly all: readonly Language[];
  /** By file name, or by the `#!` line where the name says nothing. */
  of(path: string, firstBytes: Buffer): Language | undefined;
  /** Changes whenever what a language makes of a file may change. */
  readonly fingerprint: string;
}

function interpreterOf(firstBytes: Buffer): string | undefined {
  if (firstBytes[0] !== 0x23 || firstBytes[1] !== 0x21) return undefined;
  const line = firstBytes.toString("latin1", 2, 120).split("\n", 1)[0] ?? "";
  const words = line.trim().split(/\s+/);
  const program = words[0]?.split("/").at(-1);
  const named = program === "env" ? words.slice(1).find((word) => !word.startsWith("-")) : program;
  return named?.replace(/(\d)\.\d+$/, "$1");
}

let loaded: Languages | undefined;

/** @throws RetrieverFault grammar-unusable when a folder of ours is broken */
export function languages(): Languages {
  loaded ??= readLanguages();
  return loaded;
}

function readLanguages(): Languages {
  const names = readdirSync(folder).filter((name) => existsSync(`${folder}${name}/language.json`));
  const all = names.sort().map(readLanguage);
  const byExtension = new Map(all.flatMap((each) => each.extensions.map((extension) => [extension, each])));
  const byName = new Map(all.flatMap((each) => each.filenames.map((name) => [name, each])));
  const byInterpreter = new Map(all.flatMap((each) => each.interpreters.map((name) => [name, each])));
  return {
    all,
    fingerprint: createHash("sha256").update(JSON.stringify(all)).digest("hex"),
    of(path, firstBytes) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const dot = name.lastIndexOf(".");
      const extension = dot < 0 ? "" : name.slice(dot).toLowerCase();
      const found = byName.get(name) ?? byExtension.get(extension);
      return found ?? (dot < 0 ? byInterpreter.get(interpreterOf(firstBytes) ?? "") : undefined);
    },
  };
}
