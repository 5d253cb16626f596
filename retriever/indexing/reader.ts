// Turns one blob into the bytes of its digest: what a worker does, and the main thread where little is to be done.
import { Digester } from "../chunking/digest-of.ts";
import { type Grammar, type GrammarKind, loadGrammar } from "../chunking/grammar.ts";
import { type Language, languages } from "../chunking/languages.ts";
import { contentTraits, isIndexed } from "../reading/traits.ts";
import { encodeBlob } from "./codec.ts";

/** Stands for a language where only the first line of the file can tell. */
export const byFirstLine = "#!";

export interface BlobTask {
  readonly bytes: Buffer;
  /** Name of the language, "" for none, or {@link byFirstLine}. */
  readonly language: string;
  /** Why no grammar is to be used: it failed on this blob before. */
  readonly avoid?: string;
}

/** Not to be shared between threads. */
export class BlobReader {
  readonly #digester = new Digester();
  readonly #grammars = new Map<string, Grammar>();
  readonly #only: GrammarKind | undefined;

  constructor(only?: GrammarKind) {
    this.#only = only;
  }

  /** Which build of each grammar was used. */
  get kinds(): Record<string, GrammarKind> {
    return Object.fromEntries([...this.#grammars].map(([name, { kind }]) => [name, kind]));
  }

  /** @throws RetrieverFault grammar-unusable */
  async read({ bytes, language: name, avoid }: BlobTask): Promise<Uint8Array<ArrayBuffer>> {
    const traits = contentTraits(bytes);
    if (!isIndexed(traits)) return encodeBlob({ traits });
    const language =
      name === byFirstLine
        ? languages().of("", bytes.subarray(0, 200))
        : languages().all.find((each) => each.name === name);
    if (language === undefined) return encodeBlob({ traits, ...this.#digester.digest(bytes) });
    const said = { traits, language: language.name };
    if (avoid !== undefined)
      return encodeBlob({ ...said, ...this.#digester.digest(bytes, language), fallback: avoid });
    const grammar = await this.#grammar(language);
    try {
      return encodeBlob({ ...said, ...this.#digester.digest(bytes, language, grammar) });
    } catch (cause) {
      // Whatever a parser trips over, the text is still there.
      const fallback = `the parser failed: ${String(cause).replaceAll("\n", " ").slice(0, 200)}`;
      return encodeBlob({ ...said, ...this.#digester.digest(bytes, language), fallback });
    }
  }

  async #grammar(language: Language): Promise<Grammar> {
    const known = this.#grammars.get(language.name);
    if (known !== undefined) return known;
    const grammar = await loadGrammar(language, this.#only);
    this.#grammars.set(language.name, grammar);
    return grammar;
  }
}
