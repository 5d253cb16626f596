// A question in a model's own words: its chat template, with what people wrote kept apart from what steers the model.
import { Environment, Interpreter, Template } from "@huggingface/jinja";
import { type ChatMessage, EngineFault } from "../engine.ts";
import { type TokenizerFiles, unusable } from "./files.ts";

const months = "January February March April May June July August September October November December".split(
  " ",
);
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const two = (value: number): string => String(value).padStart(2, "0");

const dateFields: Readonly<Record<string, (day: Date) => string>> = {
  "%Y": (day) => String(day.getUTCFullYear()),
  "%m": (day) => two(day.getUTCMonth() + 1),
  "%d": (day) => two(day.getUTCDate()),
  "%B": (day) => months[day.getUTCMonth()] ?? "",
  "%b": (day) => (months[day.getUTCMonth()] ?? "").slice(0, 3),
  "%A": (day) => weekdays[day.getUTCDay()] ?? "",
  "%H": (day) => two(day.getUTCHours()),
  "%M": (day) => two(day.getUTCMinutes()),
  "%S": (day) => two(day.getUTCSeconds()),
};

function formatted(day: Date, format: string): string {
  return format.replace(/%[A-Za-z]/g, (field) => dateFields[field]?.(day) ?? field);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** Cuts texts so that none of their pieces is a special token: what a person or a model wrote steers nothing. */
export class Guard {
  readonly #special: RegExp | undefined;

  constructor({ added_tokens }: TokenizerFiles["tokenizer"]) {
    const names = added_tokens.filter(({ content, special }) => special && content.length > 1);
    const longestFirst = names.map(({ content }) => content).sort((a, b) => b.length - a.length);
    this.#special =
      longestFirst.length === 0 ? undefined : new RegExp(longestFirst.map(literally).join("|"), "gu");
  }

  /** `mark` goes behind the first character of every special token. */
  marked(text: string, mark: string): string {
    if (this.#special === undefined) return text;
    return text.replace(this.#special, (name) => {
      const [first = ""] = name;
      return `${first}${mark}${name.slice(first.length)}`;
    });
  }

  /** Together they are `text`. */
  pieces(text: string): readonly string[] {
    const mark = markFor([text]);
    return this.marked(text, mark).split(mark);
  }
}

/** A run of a character that no text holds, longer than any in these. */
function markFor(texts: readonly string[]): string {
  let mark = "\uFDD0";
  while (texts.some((text) => text.includes(mark))) mark += "\uFDD0";
  return mark;
}

export class ChatTemplate {
  readonly #template: Template;
  readonly #files: TokenizerFiles;
  readonly #guard: Guard;
  readonly #day: Date;

  /** @throws EngineFault `unusable` */
  constructor(files: TokenizerFiles, guard: Guard, day: Date) {
    this.#files = files;
    this.#guard = guard;
    this.#day = day;
    try {
      this.#template = new Template(files.template);
    } catch (cause) {
      throw unusable(`${files.templatePath}: expected a Jinja template, found: ${messageOf(cause)}`, cause);
    }
  }

  /**
   * Up to where the answer begins, in pieces that are to be encoded one by one.
   * @throws EngineFault `bad-request` where the template refuses the messages
   */
  render(messages: readonly ChatMessage[]): readonly string[] {
    const mark = markFor(messages.map(({ content }) => content));
    const guarded = messages.map(({ role, content }) => ({
      role,
      content: this.#guard.marked(content, mark),
    }));
    try {
      return this.#run(guarded).split(mark);
    } catch (cause) {
      throw new EngineFault(
        "bad-request",
        `${this.#files.templatePath}: the template does not take these messages: ${messageOf(cause)}. ` +
          "What to do: give roles in the order that this model knows, or leave the system message out",
        { cause },
      );
    }
  }

  #run(messages: readonly ChatMessage[]): string {
    const names = new Environment();
    for (const [name, value] of Object.entries({
      ...globals,
      ...this.#files.tokens,
      messages,
      add_generation_prompt: true,
      strftime_now: (format: string) => formatted(this.#day, format),
    })) {
      names.set(name, value);
    }
    return String(new Interpreter(names).run(this.#template.parsed).value);
  }
}

/** What every template may name. The library's own set has a clock in it: a prompt would be another one tomorrow. */
const globals: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  range,
  raise_exception: (message: unknown) => {
    throw new Error(String(message));
  },
};

function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  return Array.from(
    { length: Math.max(0, Math.ceil((to - from) / step)) },
    (_, index) => from + index * step,
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
