// Keys and values kept by the tokens they were computed for: what begins alike is kept once, what nobody asks for goes.
import { type CacheShape, type Kv, type Place, placeIn, taken } from "./kv.ts";

interface Node {
  parent: Node | undefined;
  tokens: readonly number[];
  kv: Kv;
  /** By their first token. */
  readonly children: Map<number, Node>;
  /** When it was last matched or made, in calls. */
  used: number;
}

/** The first `count` tokens of a kept run. */
export interface Piece {
  readonly kv: Kv;
  readonly count: number;
}

export interface Match {
  readonly length: number;
  readonly pieces: readonly Piece[];
}

/** How many tokens both have in common from `from` on in `ids`. */
function common(tokens: readonly number[], ids: readonly number[], from: number, limit: number): number {
  const most = Math.min(tokens.length, limit - from);
  let count = 0;
  while (count < most && tokens[count] === ids[from + count]) count += 1;
  return count;
}

export class PrefixCache {
  readonly #shapes: readonly CacheShape[];
  readonly #root: Node;
  #calls = 0;
  #tokens = 0;

  constructor(shapes: readonly CacheShape[]) {
    this.#shapes = shapes;
    this.#root = this.#node(undefined, [], { length: 0, parts: [] });
  }

  /** Tokens kept. */
  get tokens(): number {
    return this.#tokens;
  }

  /** The longest beginning of `ids` that is kept, at most `limit` tokens of it. */
  match(ids: readonly number[], limit: number): Match {
    const pieces: Piece[] = [];
    let length = 0;
    for (let node = this.#child(this.#root, ids, length); node !== undefined && length < limit; ) {
      const count = common(node.tokens, ids, length, limit);
      node.used = this.#now();
      pieces.push({ kv: node.kv, count });
      length += count;
      node = count === node.tokens.length ? this.#child(node, ids, length) : undefined;
    }
    return { length, pieces: pieces.filter(({ count }) => count > 0) };
  }

  /** Keeps the first `length` tokens of `ids`, which lie at `place`; what is kept already is not copied again. */
  keep(ids: readonly number[], length: number, place: Place): void {
    let node = this.#root;
    let at = 0;
    while (at < length) {
      const child = this.#child(node, ids, at);
      if (child === undefined) {
        const kv = taken(this.#shapes, { ...place, start: place.start + at }, length - at);
        this.#adopt(node, ids.slice(at, length), kv);
        return;
      }
      child.used = this.#now();
      const count = common(child.tokens, ids, at, length);
      at += count;
      node = count < child.tokens.length && at < length ? this.#split(child, count) : child;
    }
  }

  /** Forgets what was not used for longest, until at most `most` tokens are kept. */
  trim(most: number): void {
    while (this.#tokens > Math.max(0, most)) {
      const oldest = this.#oldestLeaf(this.#root);
      if (oldest?.parent === undefined) return;
      oldest.parent.children.delete(oldest.tokens[0] ?? -1);
      this.#tokens -= oldest.tokens.length;
    }
  }

  #child(node: Node, ids: readonly number[], at: number): Node | undefined {
    const first = ids[at];
    return first === undefined ? undefined : node.children.get(first);
  }

  #node(parent: Node | undefined, tokens: readonly number[], kv: Kv): Node {
    return { parent, tokens, kv, children: new Map(), used: this.#now() };
  }

  #now(): number {
    this.#calls += 1;
    return this.#calls;
  }

  #adopt(parent: Node, tokens: readonly number[], kv: Kv): Node {
    const node = this.#node(parent, tokens, kv);
    parent.children.set(tokens[0] ?? -1, node);
    this.#tokens += tokens.length;
    return node;
  }

  /** The first `count` tokens of a node as a node of their own, the rest below it. */
  #split(node: Node, count: number): Node {
    const { parent, tokens, kv } = node;
    if (parent === undefined) throw new Error("the root has no tokens to split");
    const head = this.#adopt(parent, tokens.slice(0, count), taken(this.#shapes, placeIn(kv), count));
    const rest = { ...node, parent: head, tokens: tokens.slice(count) };
    rest.kv = taken(this.#shapes, placeIn(kv, count), tokens.length - count);
    head.children.set(rest.tokens[0] ?? -1, rest);
    for (const child of rest.children.values()) child.parent = rest;
    this.#tokens -= count;
    return head;
  }

  #oldestLeaf(from: Node): Node | undefined {
    let oldest: Node | undefined;
    const open = [...from.children.values()];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.children.size > 0) open.push(...node.children.values());
      else if (oldest === undefined || node.used < oldest.used) oldest = node;
    }
    return oldest;
  }
}
