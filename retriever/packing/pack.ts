// Packs ranked chunks into a token budget: whole while they fit, else by signature; never above, nothing twice.
import type { Chunk, IndexedFile } from "../digest.ts";
import { type Render, renderPlain, type Snippet, signatureLine, type Unmeasured } from "./snippet.ts";
import type { TokenCounter } from "./tokenizer.ts";

export interface Candidate {
  readonly file: IndexedFile;
  readonly chunk: Chunk;
}

export interface PackRequest {
  /** Best first; what must come first (pinned) stands first. One that is named again counts once. */
  readonly chunks: readonly Candidate[];
  /** Tokens of the rendered snippets, headings included, by `counter`. */
  readonly maxTokens: number;
  readonly counter: TokenCounter;
  /** Bytes of a file's blob. */
  readonly read: (file: IndexedFile) => Promise<Buffer>;
  /** How the reader will see them; plain headings and texts when absent. Must give more text for more snippets. */
  readonly render?: Render;
}

export interface LeftOut {
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface Packed {
  /** Files in the order of their best chunk, snippets of a file in its own order. */
  readonly snippets: readonly Snippet[];
  /** Of all snippets rendered together, counted once at the end; 0 for none. */
  readonly tokens: number;
  readonly tokenizer: { readonly name: string; readonly isApproximate: boolean };
  /** Candidates that are not shown at all, best first. */
  readonly leftOut: readonly LeftOut[];
}

interface Chosen extends Candidate {
  readonly form: Snippet["form"];
  readonly text: string;
  /** Rendered alone: with its own heading, which a merged neighbour saves. */
  readonly cost: number;
}

/** No tokenizer in use packs code tighter than this: larger chunks are refused without being read. */
const mostBytesPerToken = 16;
/** What merging saved is given out again, so often at most. */
const maxPasses = 3;
/** So many candidates in a row that do not fit end a pass: what follows is worth little, and reading it costs. */
const patience = 100;
/** Blobs kept in memory while packing, bytes. */
const maxKeptBytes = 64 * 1024 * 1024;

/** Blobs read once while they are needed. */
class Blobs {
  readonly #read: PackRequest["read"];
  readonly #kept = new Map<string, Buffer>();
  #bytes = 0;

  constructor(read: PackRequest["read"]) {
    this.#read = read;
  }

  async text(
    file: IndexedFile,
    { startByte, endByte }: Pick<Chunk, "startByte" | "endByte">,
  ): Promise<string> {
    let blob = this.#kept.get(file.blob);
    if (blob === undefined) {
      blob = await this.#read(file);
      if (this.#bytes + blob.length > maxKeptBytes) {
        this.#kept.clear();
        this.#bytes = 0;
      }
      this.#kept.set(file.blob, blob);
      this.#bytes += blob.length;
    }
    return blob.toString("utf8", startByte, endByte);
  }
}

const keyOf = ({ file, chunk }: Candidate): string => `${chunk.startByte} ${file.path}`;

class Packing {
  readonly #request: PackRequest;
  readonly #render: Render;
  readonly #blobs: Blobs;
  readonly #chosen: Chosen[] = [];
  readonly #byFile = new Map<string, Chosen[]>();
  /** Texts shown of other files: a copy in another file says nothing new. */
  readonly #shownIn = new Map<string, string>();
  readonly #refused = new Set<string>();
  tokens = 0;

  constructor(request: PackRequest) {
    this.#request = request;
    this.#render = request.render ?? renderPlain;
    this.#blobs = new Blobs(request.read);
  }

  #count(snippets: readonly Unmeasured[]): number {
    return snippets.length === 0 ? 0 : this.#request.counter.count(this.#render(snippets));
  }

  #overlaps({ file, chunk }: Candidate): boolean {
    const own = this.#byFile.get(file.path) ?? [];
    return own.some(
      (other) => other.chunk.startByte < chunk.endByte && chunk.startByte < other.chunk.endByte,
    );
  }

  #alone({ file, chunk }: Candidate, form: Snippet["form"], text: string): number {
    const lines = { firstLine: chunk.startLine, lastLine: chunk.endLine };
    return this.#count([{ path: file.path, form, ...lines, text }]);
  }

  async #whole(candidate: Candidate, left: number): Promise<Chosen | undefined> {
    const { file, chunk } = candidate;
    if (chunk.endByte - chunk.startByte > left * mostBytesPerToken) return undefined;
    const text = await this.#blobs.text(file, chunk);
    const shownIn = this.#shownIn.get(text.trim());
    if (text.trim() === "" || (shownIn !== undefined && shownIn !== file.path)) {
      this.#refused.add(keyOf(candidate));
      return undefined;
    }
    const cost = this.#alone(candidate, "whole", text);
    return cost > left ? undefined : { ...candidate, form: "whole", text, cost };
  }

  #signature(candidate: Candidate, left: number): Chosen | undefined {
    if (candidate.chunk.signature === "" || this.#refused.has(keyOf(candidate))) return undefined;
    const text = signatureLine(candidate.chunk);
    const cost = this.#alone(candidate, "signature", text);
    return cost > left ? undefined : { ...candidate, form: "signature", text, cost };
  }

  #add(chosen: Chosen): void {
    const { file, form, text } = chosen;
    this.#chosen.push(chosen);
    this.#byFile.set(file.path, [...(this.#byFile.get(file.path) ?? []), chosen]);
    if (form === "whole") this.#shownIn.set(text.trim(), file.path);
  }

  #drop(chosen: Chosen): void {
    const own = (this.#byFile.get(chosen.file.path) ?? []).filter((other) => other !== chosen);
    if (own.length === 0) this.#byFile.delete(chosen.file.path);
    else this.#byFile.set(chosen.file.path, own);
    this.#refused.add(keyOf(chosen));
  }

  /** One pass over the candidates, best first. Says whether anything was added. */
  async fill(left: number): Promise<boolean> {
    let room = left;
    let misses = 0;
    const before = this.#chosen.length;
    for (const candidate of this.#request.chunks) {
      if (room <= 0 || misses >= patience) break;
      if (this.#refused.has(keyOf(candidate)) || this.#overlaps(candidate)) continue;
      const chosen = (await this.#whole(candidate, room)) ?? this.#signature(candidate, room);
      misses = chosen === undefined ? misses + 1 : 0;
      if (chosen === undefined) continue;
      room -= chosen.cost;
      this.#add(chosen);
    }
    return this.#chosen.length > before;
  }

  /** Counts the whole text; should it come to more than its parts, the last ones taken go again. */
  async settle(): Promise<void> {
    for (;;) {
      this.tokens = this.#count(await this.#merged());
      let excess = this.tokens - this.#request.maxTokens;
      if (excess <= 0) return;
      while (excess > 0) {
        const last = this.#chosen.pop();
        if (last === undefined) break;
        this.#drop(last);
        excess -= Math.max(1, last.cost);
      }
    }
  }

  async #merged(): Promise<Unmeasured[]> {
    const snippets: Unmeasured[] = [];
    for (const own of this.#byFile.values()) {
      for (const run of runsOf(own)) snippets.push(await this.#snippetOf(run));
    }
    return snippets;
  }

  async #snippetOf(run: readonly [Chosen, ...Chosen[]]): Promise<Unmeasured> {
    const [first] = run;
    const last = run.at(-1) ?? first;
    const place = { path: first.file.path, form: first.form, firstLine: first.chunk.startLine };
    if (first.form === "signature") {
      return { ...place, lastLine: last.chunk.endLine, text: run.map(({ text }) => text).join("\n") };
    }
    const span = { startByte: first.chunk.startByte, endByte: last.chunk.endByte };
    return { ...place, lastLine: last.chunk.endLine, text: await this.#blobs.text(first.file, span) };
  }

  async packed(): Promise<Packed> {
    const snippets = (await this.#merged()).map((each) => ({ ...each, tokens: this.#count([each]) }));
    const shown = new Set(this.#chosen.map(keyOf));
    const leftOut = new Map<string, LeftOut>();
    for (const candidate of this.#request.chunks) {
      const { startLine, endLine } = candidate.chunk;
      if (shown.has(keyOf(candidate)) || leftOut.has(keyOf(candidate))) continue;
      leftOut.set(keyOf(candidate), { path: candidate.file.path, firstLine: startLine, lastLine: endLine });
    }
    const { name, isApproximate } = this.#request.counter;
    return {
      ...{ snippets, tokens: this.tokens, tokenizer: { name, isApproximate } },
      leftOut: [...leftOut.values()],
    };
  }
}

/** Neighbours that become one snippet: whole chunks without a gap, signatures with nothing whole between them. */
function runsOf(own: readonly Chosen[]): [Chosen, ...Chosen[]][] {
  const runs: [Chosen, ...Chosen[]][] = [];
  for (const chosen of own.toSorted((a, b) => a.chunk.startByte - b.chunk.startByte)) {
    const open = runs.at(-1);
    const before = open?.at(-1);
    const touches = chosen.form === "signature" || before?.chunk.endByte === chosen.chunk.startByte;
    if (open !== undefined && before?.form === chosen.form && touches) open.push(chosen);
    else runs.push([chosen]);
  }
  return runs;
}

/**
 * Takes candidates best first. Each goes in whole if it fits what is left, else as its signature, else not at all, and
 * the next is tried, until nothing has fitted for long. Deterministic.
 * @throws what `read` throws
 */
export async function pack(request: PackRequest): Promise<Packed> {
  const packing = new Packing(request);
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const added = await packing.fill(request.maxTokens - packing.tokens);
    await packing.settle();
    if (!added) break;
  }
  return packing.packed();
}
