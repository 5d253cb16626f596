// Source files in four languages and prose, made from a seed: enough to index, rank and pack, nothing of anyone's.
import { type Random, seededRandom } from "../../src/domain/random.ts";
import type { TreeItem } from "./fast-import.ts";

const verbs = ["read", "write", "merge", "split", "parse", "encode", "open", "close", "count", "rename"];
const nouns = [
  "ledger",
  "basket",
  "parser",
  "window",
  "socket",
  "record",
  "budget",
  "cursor",
  "bucket",
  "header",
];
const manners = ["once", "twice", "lazily", "safely", "inPlace", "inOrder", "backwards", "partly"];

const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
};

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

interface Piece {
  readonly name: string;
  readonly calls: string;
  readonly says: string;
}

function pieceOf(random: Random): Piece {
  const name = (): string =>
    pick(random, verbs) + capital(pick(random, nouns)) + capital(pick(random, manners));
  const says = `cannot ${pick(random, verbs)} the ${pick(random, nouns)} ${pick(random, manners)} here`;
  return { name: name(), calls: name(), says };
}

const languages: readonly { readonly ending: string; readonly write: (piece: Piece) => string }[] = [
  {
    ending: "py",
    write: ({ name, calls, says }) =>
      `def ${name}(value):\n    """É: ${says}."""\n    if value is None:\n        raise ValueError("${says}")\n    return ${calls}(value)\n`,
  },
  {
    ending: "go",
    write: ({ name, calls, says }) =>
      `// ${name} reports ${says}.\nfunc ${capital(name)}(value int) error {\n\tif value < 0 {\n\t\treturn errors.New("${says}")\n\t}\n\treturn ${capital(calls)}(value)\n}\n`,
  },
  {
    ending: "rs",
    write: ({ name, calls, says }) =>
      `impl ${capital(name)} {\n    fn ${name}(&self) -> Result<u32, String> {\n        Err("${says}".into())\n    }\n    fn next(&self) { ${calls}(1); }\n}\n`,
  },
  {
    ending: "cpp",
    write: ({ name, calls, says }) =>
      `struct ${capital(name)} {\n  int ${name}(int value) {\n    if (value < 0) throw std::runtime_error("${says}");\n    return ${calls}(value);\n  }\n};\n`,
  },
  { ending: "md", write: ({ name, says }) => `## ${name}\n\nIt says that it ${says}.\n` },
];

/** `count` files of about `bytes` each; the same seed makes the same files. */
export function* codeCorpus(seed: string, count: number, bytes = 2_500): Generator<TreeItem> {
  const random = seededRandom(seed);
  for (let at = 0; at < count; at += 1) {
    const { ending, write } = pick(random, languages);
    const folder = `${pick(random, nouns)}/${pick(random, verbs)}`;
    let content = ending === "go" ? "package p\n\n" : "";
    while (content.length < bytes) content += `${write(pieceOf(random))}\n`;
    yield { path: `${folder}/${pick(random, manners)}_${at}.${ending}`, content };
  }
}

/** Questions whose words stand in the corpus. */
export const corpusQuestions: readonly string[] = [
  "mergeLedgerOnce fails\n\nIt says `cannot split the basket lazily here` when the ledger is empty.",
  "Renaming a window backwards loses its header\n\nSee `window/rename` and encodeRecordSafely().",
];
