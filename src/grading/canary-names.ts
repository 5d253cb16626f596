// Names for tests of ours that nobody who reads only names can tell from a person's: drawn from the words tests use.
import type { Random } from "../domain/random.ts";

export type NameStyle = "snake" | "camel" | "pascal";

const words = (list: string): readonly string[] => list.trim().split(/\s+/);

const verbs = words(`
  accepts adds allows appends applies builds checks clears compares converts copies counts creates
  detects drops emits escapes expands fills filters finds flattens formats gives groups handles
  holds ignores inserts joins keeps limits loads maps matches merges moves normalizes orders pads
  parses preserves raises reads rejects removes renders replaces reports resets resolves returns
  reverses rounds skips sorts splits stops stores strips swaps tracks trims updates uses validates
  wraps writes
`);

const adjectives = words(`
  bad basic big broken cached clean closed custom deep default dirty double empty equal exact
  explicit extra first fixed full global implicit initial inner invalid large last late leading
  legacy local long lower missing mixed multiple naive negative nested new null odd old open
  optional outer partial plain quoted raw relative repeated reserved same second shared short
  simple single small sorted strict trailing unicode unknown upper valid wide zero
`);

const nouns = words(`
  alias argument array block body boundary bounds branch buffer bytes case cell char child chunk
  code column comment config content context count cursor cycle data date delta depth digit edge
  element encoding entry error escape event field file flag format fragment gap group header
  indent index input interval item key label layer length level limit line list marker match
  message mode name node number object offset option order output padding pair parent path pattern
  payload piece prefix property query queue quote range record reference result root row rule
  scope section segment separator sequence setting shape size slice slot source space span stack
  state step string suffix symbol table tag target text token total tree type unit value variable
  version whitespace width window word
`);

const connectors = words(`
  with without of in after before for from at as
`);

function pick(list: readonly string[], random: Random): string {
  return list[random.integer(list.length)] ?? "value";
}

/** The shapes people give test names; every word may stand alone as a name, so no shape gives us away. */
const shapes: readonly ((random: Random) => string[])[] = [
  (random) => [pick(adjectives, random), pick(nouns, random), pick(nouns, random)],
  (random) => [pick(verbs, random), pick(adjectives, random), pick(nouns, random)],
  (random) => [pick(nouns, random), pick(connectors, random), pick(adjectives, random), pick(nouns, random)],
  (random) => [pick(nouns, random), pick(verbs, random), pick(adjectives, random), pick(nouns, random)],
  (random) => [pick(verbs, random), pick(nouns, random), pick(connectors, random), pick(nouns, random)],
];

/** Drawn names per source of randomness: a name is never given twice to the same run. */
const givenBy = new WeakMap<Random, Set<string>>();

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function written(parts: readonly string[], style: NameStyle): string {
  if (style === "snake") return parts.join("_");
  const pascal = parts.map(capitalized).join("");
  return style === "pascal" ? pascal : pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/**
 * A plausible name without any prefix (`test_` and `Test` are the language's own business), such as
 * `nested_key_after_empty_line`. Unique among the names drawn from the same `random`; several million are possible.
 */
export function canaryName(random: Random, style: NameStyle): string {
  const given = givenBy.get(random) ?? new Set<string>();
  givenBy.set(random, given);
  for (;;) {
    const shape = shapes[random.integer(shapes.length)] ?? shapes[0];
    const parts = shape === undefined ? [] : shape(random);
    const key = parts.join("_");
    if (parts.length < 2 || new Set(parts).size < parts.length || given.has(key)) continue;
    given.add(key);
    return written(parts, style);
  }
}
