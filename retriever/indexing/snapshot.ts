// Reads a repository at a commit into a snapshot that can be ranked.
//
// Usage, for now: `const snapshot = await snapshotOf(repository, commit)` (a folder, bare or not, and a commit);
// `await snapshot[Symbol.asyncDispose]()` ends its git child, after which `snapshot.read` no longer works.
import { Digester, type Parser } from "../chunking/digest-of.ts";
import { loadGrammar } from "../chunking/grammar.ts";
import { type Language, languages } from "../chunking/languages.ts";
import type { Digest, IndexedFile, Snapshot, Trait } from "../digest.ts";
import { readCommit, readHistory } from "../reading/history.ts";
import { ObjectReader } from "../reading/objects.ts";
import { contentTraits, entryTraits, isIndexed, pathTraits } from "../reading/traits.ts";
import { listTree, resolveCommit } from "../reading/tree.ts";

export async function snapshotOf(repository: string, commit: string): Promise<Snapshot & AsyncDisposable> {
  const id = await resolveCommit({ repository, commit });
  const objects = new ObjectReader(repository);
  const digester = new Digester();
  const parsers = new Map<string, Parser>();
  const parserOf = async (language: Language): Promise<Parser> => {
    const found = parsers.get(language.name) ?? { language, grammar: await loadGrammar(language) };
    parsers.set(language.name, found);
    return found;
  };
  const files: IndexedFile[] = [];
  const known = new Map<string, { traits: Trait[]; digest?: Digest }>();
  const breath = new Breath();
  for (const entry of await listTree({ repository, commit: id })) {
    const traits = [...pathTraits(entry.path), ...entryTraits(entry)];
    const object = isIndexed(traits) ? await objects.get(entry.id) : undefined;
    const language = languages().of(entry.path, object?.content.subarray(0, 200) ?? Buffer.alloc(0));
    const key = `${entry.id} ${language?.name}`;
    let read = known.get(key);
    if (read === undefined && object !== undefined) {
      const found = contentTraits(object.content);
      read = { traits: found };
      if (isIndexed(found)) {
        const parser = language === undefined ? undefined : await parserOf(language);
        read = { traits: found, ...digester.digest(object.content, parser) };
        await breath.after(object.content.length);
      }
      known.set(key, read);
    }
    files.push({
      path: entry.path,
      blob: entry.id,
      ...(language === undefined ? {} : { language: language.name }),
      traits: [...new Set([...traits, ...(read?.traits ?? [])])],
      ...(read?.digest === undefined ? {} : { digest: read.digest }),
    });
  }
  const { time } = readCommit(await objects.need(id, "commit"));
  return {
    commit: id,
    time,
    files,
    history: await readHistory({ repository, commit: id }, objects),
    read: (file) => objects.need(file.blob, "blob"),
    [Symbol.asyncDispose]: () => objects.close(),
  };
}

/** Frees syntax trees: it takes a collection and a turn of the event loop, without which they pile up. */
class Breath {
  #bytes = 0;

  async after(bytes: number): Promise<void> {
    this.#bytes += bytes;
    if (this.#bytes < 4e6) return;
    this.#bytes = 0;
    const collect: unknown = Reflect.get(globalThis, "gc");
    if (typeof collect === "function") collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
