// What the relay must know of a provider's protocol: the one request it carries, where the key goes, what answers cost.
import type { Usage } from "../model.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a request is bounded by. */
export interface Bounds {
  readonly model: string;
  readonly maxOutputTokens: number;
  /** OpenAI only: the field that is set where a request names no limit. */
  readonly limitField: "max_tokens" | "max_completion_tokens";
  /** Of the contestant's entry: added, and never in the place of what the agent says. */
  readonly extra: JsonObject;
}

/** A request as it goes on, or why it does not, in words for whoever wrote the agent. */
export type Bounded =
  | { readonly ok: true; readonly body: JsonObject; readonly maxOutputTokens: number }
  | { readonly ok: false; readonly field: string; readonly problem: string };

export type BilledUsage = Omit<Usage, "estimated">;

export interface Dialect {
  /** Of the only request that is carried, as a client writes it behind the base address it was given. */
  readonly path: string;
  /** Of the list of models, which is answered without asking anybody. */
  readonly modelsPath: string;
  /** What stands between the relay's own address and such a path in a client's base address. */
  readonly prefix: string;
  readonly official: string;
  keyHeaders(apiKey: string | undefined): Readonly<Record<string, string>>;
  bounded(body: JsonObject, bounds: Bounds): Bounded;
  /** Of a whole answer's JSON, or of the data of all events of one; undefined where it is not said. */
  usageOf(parts: readonly unknown[]): BilledUsage | undefined;
  /** The events of a stream that its client asked for: ours is not among them. */
  shownEvents(text: string, asked: JsonObject): string;
  error(message: string, code: string): JsonObject;
  models(model: string): JsonObject;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is asked of a request in every dialect. */
export interface Rules {
  /** The fields it may have. */
  readonly known: ReadonlySet<string>;
  readonly isOwnTool: (tool: JsonObject) => boolean;
  /** Where contents stand. */
  readonly contents: readonly string[];
}

export const refused = (field: string, problem: string): Bounded => ({ ok: false, field, problem });

/** Why it is not carried, whatever its limits. A field that nobody knows here could make a provider do more than answer. */
export function problemOf(asked: JsonObject, { model }: Bounds, rules: Rules): Bounded | undefined {
  const strange = Object.keys(asked).find((field) => !rules.known.has(field));
  if (strange !== undefined)
    return refused(strange, "expected only fields that the relay knows; leave it out, or put it under extra");
  if (asked.model !== model) return refused("model", `expected "${model}", the only model of this run`);
  if (hasForeignTool(asked, rules)) return refused("tools", "expected only tools that the agent itself runs");
  const fetching = rules.contents.find((field) => fetchedAddress(asked[field]) !== undefined);
  if (fetching === undefined) return undefined;
  return refused(fetching, "expected contents as data, not by an address that is fetched");
}

function hasForeignTool({ tools }: JsonObject, { isOwnTool }: Rules): boolean {
  if (tools === undefined) return false;
  return !Array.isArray(tools) || !tools.every((tool: unknown) => isObject(tool) && isOwnTool(tool));
}

/** Addresses that a provider would fetch from: a way to the world, and out of it. */
function fetchedAddress(value: unknown, field = ""): string | undefined {
  if (Array.isArray(value)) return firstOf(value, (each) => fetchedAddress(each, field));
  if (isObject(value))
    return firstOf(Object.entries(value), ([name, inner]) => fetchedAddress(inner, name.toLowerCase()));
  const isAddress = /(^|_)ur[li]$/.test(field) && typeof value === "string" && !value.startsWith("data:");
  return isAddress ? field : undefined;
}

function firstOf<T>(values: readonly T[], found: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const one = found(value);
    if (one !== undefined) return one;
  }
  return undefined;
}

/** What names a relay in a contestant's entry. */
export type RelayProvider = "openai" | "anthropic";

/** A limit the request names, when it names a whole number of tokens. */
export function limitIn(body: JsonObject, field: string): number | undefined {
  const value = body[field];
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}
