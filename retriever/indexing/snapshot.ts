// Reads a repository at a commit into a snapshot that can be ranked.
//
// Usage, for now: `const snapshot = await snapshotOf(repository, commit)` (a folder, bare or not, and a commit);
// `await snapshot[Symbol.asyncDispose]()` ends its git child, after which `snapshot.read` no longer works.
import { Digester } from "../chunking/digest-of.ts";
import { type Grammar, loadGrammar } from "../chunking/grammar.ts";
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
  const parsers = new Map<string, Grammar>();
  const parserOf = async (language: Language): Promise<Grammar> => {
    const found = parsers.get(language.name) ?? (await loadGrammar(language));
    parsers.set(language.name, found);
    return found;
  };
  const files: IndexedFile[] = [];
  const known = new Map<string, { traits: Trait[]; digest?: Digest }>();
  const collect = gc();
  let sinceCollection = 0;
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
        read = { traits: found, ...digester.digest(object.content, language, parser) };
        sinceCollection += object.content.length;
        if (sinceCollection > 4e6) {
          sinceCollection = 0;
          collect();
          await new Promise((resolve) => setImmediate(resolve));
        }
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

function gc(): () => void {
  const collect: unknown = Reflect.get(globalThis, "gc");
  return typeof collect === "function" ? () => collect() : () => undefined;
}
