// The requests this server takes, parsed at the door; whatever is wrong is told by the name of its field.
import { z } from "zod";
import type { ChatMessage } from "../engine.ts";
import { ApiError, invalid } from "./api-error.ts";
import { bounded } from "./bounded.ts";
import { meaningful } from "./fields.ts";
import type { AnswerSettings } from "./settings.ts";

type Body = Readonly<Record<string, unknown>>;

const textPart = z.strictObject({ type: z.literal("text"), text: z.string() });
const content = z
  .union([z.string(), z.array(textPart).min(1)])
  .transform((value) => (typeof value === "string" ? value : value.map(({ text }) => text).join("")));

/** What our own answers carry besides; clients send them back as they came. */
const echoed = { name: z.string().optional(), refusal: z.null().optional(), audio: z.null().optional() };
const emptyList = z.array(z.unknown()).max(0, "is not supported unless it is empty").nullable().optional();
const message = z
  .strictObject({
    ...{ role: z.enum(["system", "developer", "user", "assistant"]), content, ...echoed },
    ...{ annotations: emptyList, tool_calls: emptyList, function_call: z.null().optional() },
  })
  .transform(({ role, content }): ChatMessage => ({ role: role === "developer" ? "system" : role, content }));
const messages = z.array(message).min(1);

const ids = z.array(z.int().min(0)).min(1);

function shared(limits: AnswerSettings) {
  const tokens = z.int().min(1).max(limits.mostTokens);
  const stop = z.string().min(1);
  const more = z.strictObject({
    samples: z.int().min(1).max(limits.mostSamples).optional(),
    task: z
      .string()
      .regex(/^[\w.:/-]{1,64}$/)
      .optional(),
  });
  return {
    model: z.string(),
    max_tokens: tokens.optional(),
    temperature: z.number().min(0).max(2).default(limits.temperature),
    n: z.int().min(1).max(limits.mostChoices).default(1),
    seed: z.int().optional(),
    stop: z
      .union([stop.transform((one) => [one]), z.array(stop).max(4)])
      .transform((all) => (all.length === 0 ? undefined : all))
      .optional(),
    stream: z.boolean().default(false),
    stream_options: z
      .strictObject({
        include_usage: z.boolean().default(false),
        include_obfuscation: z.boolean().optional(),
      })
      .optional(),
    a1: more.optional(),
  };
}

function chatSchema(limits: AnswerSettings) {
  const { max_tokens } = shared(limits);
  return z.strictObject({
    ...{ ...shared(limits), messages, max_completion_tokens: max_tokens },
    ...{ logprobs: z.boolean().default(false), top_logprobs: z.int().min(0).max(20).optional() },
  });
}

function completionSchema(limits: AnswerSettings) {
  const prompt = z.union([z.string(), ids, z.array(z.string()).min(1), z.array(ids).min(1)]);
  return z.strictObject({ ...shared(limits), prompt, logprobs: z.int().min(0).max(5).optional() });
}

/** One answer or several, however they were asked for. */
export interface Wanted {
  readonly model: string;
  readonly prompt:
    | { readonly messages: readonly ChatMessage[] }
    | { readonly ids: readonly number[] }
    | string;
  readonly choices: number;
  readonly maxTokens: number | undefined;
  readonly temperature: number;
  readonly seed: number | undefined;
  readonly stop: readonly string[] | undefined;
  /** So many alternatives of each token, from 0; absent: no log-probabilities at all. */
  readonly logprobs: number | undefined;
  readonly isStreamed: boolean;
  readonly includeUsage: boolean;
  readonly samples: number | undefined;
  readonly task: string | undefined;
}

function nested(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  // The alternative that was followed furthest is the one that was meant.
  const alternatives = issue.errors.flatMap(([first]) => (first === undefined ? [] : [nested(first)]));
  const deepest = alternatives.sort((a, b) => b.path.length - a.path.length)[0];
  if (deepest === undefined || deepest.path.length === 0) return issue;
  return { ...deepest, path: [...issue.path, ...deepest.path] };
}

function named(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}

function read<T>(schema: z.ZodType<T>, body: Body): T {
  const result = schema.safeParse(bounded(body));
  if (result.success) return result.data;
  const [first] = result.error.issues;
  if (first === undefined) throw result.error;
  const issue = nested(first);
  if (issue.code === "unrecognized_keys") {
    const param = named([...issue.path, issue.keys[0] ?? ""]);
    throw invalid(param, `Unknown parameter: ${param}.`, "unknown_parameter");
  }
  const param = named(issue.path);
  const isMissing = issue.code === "invalid_type" && /received undefined$/.test(issue.message);
  if (isMissing) throw invalid(param, `Missing required parameter: ${param}.`, "missing_required_parameter");
  throw invalid(param, `${param}: ${issue.message}.`);
}

function common(body: z.infer<ReturnType<typeof completionSchema | typeof chatSchema>>) {
  if (body.stream_options !== undefined && !body.stream)
    throw invalid("stream_options", "stream_options is only allowed where stream is true.");
  return {
    model: body.model,
    choices: body.n,
    maxTokens: body.max_tokens,
    temperature: body.temperature,
    seed: body.seed,
    stop: body.stop,
    isStreamed: body.stream,
    includeUsage: body.stream_options?.include_usage ?? false,
    samples: body.a1?.samples,
    task: body.a1?.task,
  };
}

export type Reader<T> = (body: Body) => T;

/** @throws ApiError 400, naming the field */
export function chatReader(limits: AnswerSettings): Reader<Wanted> {
  const schema = chatSchema(limits);
  return (body) => {
    const chat = read(schema, meaningful(body));
    if (chat.top_logprobs !== undefined && !chat.logprobs)
      throw invalid("top_logprobs", "top_logprobs is only allowed where logprobs is true.");
    return {
      ...common({ ...chat, max_tokens: chat.max_completion_tokens ?? chat.max_tokens }),
      prompt: { messages: chat.messages },
      logprobs: chat.logprobs ? (chat.top_logprobs ?? 0) : undefined,
    };
  };
}

function onePrompt(prompt: string | number[] | string[] | number[][]): string | { ids: number[] } {
  if (typeof prompt === "string") return prompt;
  const [first] = prompt;
  if (typeof first !== "number" && prompt.length > 1)
    throw invalid("prompt", `Expected one prompt, found ${prompt.length}: ask once for each.`);
  if (typeof first === "string") return first;
  if (Array.isArray(first)) return { ids: first };
  return { ids: prompt.filter((each) => typeof each === "number") };
}

/** @throws ApiError 400, naming the field */
export function completionReader(limits: AnswerSettings): Reader<Wanted> {
  const schema = completionSchema(limits);
  return (body) => {
    const completion = read(schema, meaningful(body));
    return {
      ...common(completion),
      prompt: onePrompt(completion.prompt),
      logprobs: completion.logprobs,
    };
  };
}

const offset = z.int().min(0);
const scoreSchema = z.strictObject({
  model: z.string(),
  messages: messages.optional(),
  text: z.string().optional(),
  ids: ids.optional(),
  from_token: offset.optional(),
  from_character: offset.optional(),
});

export interface ScoreWanted {
  readonly model: string;
  readonly prompt:
    | { readonly ids: readonly number[] }
    | { readonly messages: readonly ChatMessage[]; readonly text: string };
  /** Of the ids, or of the text behind the messages. */
  readonly from: { readonly token: number } | { readonly character: number };
}

/** @throws ApiError 400, naming the field */
export function readScore(body: Body): ScoreWanted {
  const { model, messages, text, ids, from_token, from_character } = read(scoreSchema, meaningful(body));
  if (from_token !== undefined && from_character !== undefined)
    throw invalid("from_character", "Expected from_token or from_character, found both.");
  const token = { token: from_token ?? 0 };
  const from = from_character === undefined ? token : { character: from_character };
  if (ids === undefined) {
    if (messages === undefined || text === undefined)
      throw invalid("messages", "Expected messages and text, or ids; found neither whole.");
    return { model, prompt: { messages, text }, from };
  }
  if (messages !== undefined || text !== undefined)
    throw invalid("ids", "Expected messages and text, or ids; found both.");
  if (from_character !== undefined)
    throw invalid("from_character", "Characters are counted in text only: give from_token with ids.");
  if (token.token < 1 || token.token >= ids.length) {
    const range = `expected an index from 1 to below ${ids.length}, found ${token.token}`;
    throw invalid("from_token", `from_token: ${range}; nothing stands before the first token of all.`);
  }
  return { model, prompt: { ids }, from: token };
}

/** Kinds of questions seen so far: what is kept of each is kept for good, so there are only so many. */
export function taskBook({ task: usual, mostTasks }: AnswerSettings): (task: string | undefined) => string {
  const known = new Set<string>();
  return (task) => {
    if (task === undefined || task === usual || known.has(task)) return task ?? usual;
    if (known.size < mostTasks) {
      known.add(task);
      return task;
    }
    const message = `a1.task: this server already tells ${mostTasks} kinds apart. Use one of those, or none.`;
    throw new ApiError(400, "too_many_tasks", message, { param: "a1.task" });
  };
}
