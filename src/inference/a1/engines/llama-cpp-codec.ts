// llama.cpp's own tokenizer and template, by the way of its server's doors.
import { z } from "zod";
import type { ChatMessage, Codec } from "../engine.ts";
import { firstAccepted } from "./accepted.ts";
import { parseAs } from "./faults.ts";
import type { HttpClient } from "./http.ts";
import { textCodec } from "./http-codec.ts";

const tokensSchema = z.object({ tokens: z.array(z.int()) });
const contentSchema = z.object({ content: z.string() });
const promptSchema = z.object({ prompt: z.string() });
const propsSchema = z.object({ bos_token: z.string().default(""), eos_token: z.string().default("") });

/** One message of each kind, so that the template writes all the special tokens it has. */
const withSystem: readonly ChatMessage[] = [
  { role: "system", content: "s" },
  { role: "user", content: "a" },
  { role: "assistant", content: "b" },
  { role: "user", content: "c" },
];

/** For the templates that refuse a system message. */
const withoutSystem: readonly ChatMessage[] = withSystem.slice(1);

class Doors {
  readonly #http: HttpClient;
  readonly #signal: AbortSignal;

  constructor(http: HttpClient, signal: AbortSignal) {
    this.#http = http;
    this.#signal = signal;
  }

  async tokenize(
    content: string,
    special: { readonly adds: boolean; readonly parses: boolean },
  ): Promise<readonly number[]> {
    const body = { content, add_special: special.adds, parse_special: special.parses };
    return (await this.#ask("/tokenize", body, tokensSchema)).tokens;
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    return (await this.#ask("/detokenize", { tokens }, contentSchema)).content;
  }

  async template(messages: readonly ChatMessage[]): Promise<string> {
    return (await this.#ask("/apply-template", { messages }, promptSchema)).prompt;
  }

  /** How it writes the beginning and the end. */
  async ends(): Promise<string> {
    const call = { method: "GET", path: "/props" } as const;
    const props = parseAs(propsSchema, await this.#http.json(call, this.#signal), this.#http.place(call));
    return props.bos_token + props.eos_token;
  }

  async #ask<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const call = { method: "POST", path, body } as const;
    return parseAs(schema, await this.#http.json(call, this.#signal), this.#http.place(call));
  }
}

/** It writes special tokens as text and does not say which they are: one is what text alone does not become. */
async function specialTokens(doors: Doors): Promise<ReadonlySet<number>> {
  const { result } = await firstAccepted([withSystem, withoutSystem], (each) => doors.template(each));
  const text = result + (await doors.ends());
  const parsed = await doors.tokenize(text, { adds: true, parses: true });
  const plain = new Set(await doors.tokenize(text, { adds: false, parses: false }));
  const special = new Set<number>();
  for (const id of new Set(parsed.filter((each) => !plain.has(each)))) {
    const [asText] = await doors.tokenize(await doors.detokenize([id]), { adds: false, parses: false });
    if (asText !== id) special.add(id);
  }
  return special;
}

/** @throws EngineFault */
export async function llamaCppCodec(http: HttpClient, signal: AbortSignal): Promise<Codec> {
  const special = await specialTokens(new Doors(http, signal));
  // Opening it may be given up; what is opened is not.
  const doors = new Doors(http, new AbortController().signal);
  return textCodec({
    prompt: async (messages) => doors.tokenize(await doors.template(messages), { adds: true, parses: true }),
    tokenize: (text) => doors.tokenize(text, { adds: false, parses: false }),
    detokenize: (ids) => doors.detokenize(ids.filter((id) => !special.has(id))),
  });
}
