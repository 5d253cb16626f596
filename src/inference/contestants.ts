// The contestant file: who plays, where they are asked, on what terms. Parsed once, every error with its line.
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { type PairConfiguration, pairConfigurationSchema, resolvedPair } from "./a1/configuration.ts";
import { type AgentSettings, agentCommandSchema, agentSchema, resolvedAgent } from "./agents.ts";
import { contestantIdPattern, controlNames, type TwinMode, twinModes } from "./contestant-ref.ts";
import {
  type FieldPath,
  type FileProblem,
  FileReading,
  inside,
  noteIssues,
  type Reading,
} from "./file-reading.ts";
import type { Prices } from "./tokens.ts";

export const providerNames = ["openai", "anthropic", "google", "a1"] as const;

export interface Contestant {
  /** Unique in a run; never a control's name. */
  readonly id: string;
  readonly provider: (typeof providerNames)[number];
  /** Without it the provider's own address. */
  readonly baseUrl?: string;
  readonly model: string;
  /** Name of the environment variable that holds the key; the key itself is never written down. */
  readonly keyEnv?: string;
  readonly temperature?: number;
  readonly seed?: number;
  /** Prompt and answer together. */
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly prices: Prices;
  /** What a submission is asked for as. */
  readonly answer: "edits" | "diff";
  /** Answers asked for per submission or review before an unusable one counts. */
  readonly attempts: number;
  /** Files that replace our prompts. */
  readonly prompts?: { readonly submitter?: string; readonly reviewer?: string };
  /** For grouping on boards. */
  readonly vendor?: string;
  /** An encoding's name, or a folder with `tokenizer.json`: source is measured with it. By the model's name if absent. */
  readonly tokenizer?: string;
  /** What of the source it is shown, where that is not what the run shows everybody. */
  readonly retrieval?: TwinMode;
  readonly outputLimitField?: "max_tokens" | "max_completion_tokens";
  /** More of the request's body, such as reasoning effort. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly maxConcurrent?: number;
  readonly requestTimeoutSeconds?: number;
  /** Of provider a1: draft and target, and how they play together. */
  readonly a1?: PairConfiguration;
  /** An agent: this command plays, and all that stands here of a model is where it may ask. */
  readonly command?: readonly string[];
  readonly agent?: AgentSettings;
}

export type ParsedContestants =
  | { readonly ok: true; readonly contestants: readonly Contestant[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

const price = z.number("expected US dollars per million tokens, 0 for a model of your own").nonnegative();

const schema = z.strictObject({
  id: z
    .string("expected a name for this contestant")
    .regex(contestantIdPattern, "expected letters, digits, dot, dash and underscore, at most 80")
    .refine((id) => !controlNames.some((name) => name === id), "expected a name that is not a control's"),
  provider: z.enum(providerNames, `expected one of ${providerNames.join(", ")}`),
  baseUrl: z.url({ protocol: /^https?$/, error: "expected an http or https address" }).exactOptional(),
  model: z.string("expected the name the provider knows").min(1, "expected the name the provider knows"),
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of an environment variable, not a key")
    .exactOptional(),
  temperature: z.number().min(0).max(2).exactOptional(),
  seed: z.int().nonnegative().exactOptional(),
  contextTokens: z.int("expected a whole number of tokens").positive(),
  maxOutputTokens: z.int("expected a whole number of tokens").positive(),
  prices: z.strictObject(
    { inputPerMillion: price, outputPerMillion: price, cachedInputPerMillion: price.exactOptional() },
    {
      error: (issue) =>
        issue.code === "invalid_type" ? "expected inputPerMillion and outputPerMillion" : undefined,
    },
  ),
  answer: z.enum(["edits", "diff"], "expected edits or diff").default("edits"),
  attempts: z.int().min(1).max(20).default(3),
  prompts: z
    .strictObject({
      submitter: z.string().min(1).exactOptional(),
      reviewer: z.string().min(1).exactOptional(),
    })
    .exactOptional(),
  vendor: z.string().min(1).exactOptional(),
  tokenizer: z
    .string("expected an encoding such as o200k_base, or a folder that holds tokenizer.json")
    .min(1, "expected an encoding such as o200k_base, or a folder that holds tokenizer.json")
    .exactOptional(),
  retrieval: z.enum(twinModes, `expected one of ${twinModes.join(", ")}`).exactOptional(),
  outputLimitField: z.enum(["max_tokens", "max_completion_tokens"]).exactOptional(),
  extra: z.record(z.string(), z.unknown()).exactOptional(),
  maxConcurrent: z.int().positive().max(1000).exactOptional(),
  requestTimeoutSeconds: z.number().positive().max(86_400).exactOptional(),
  a1: pairConfigurationSchema.exactOptional(),
  command: agentCommandSchema.exactOptional(),
  agent: agentSchema.exactOptional(),
});

type Written = z.infer<typeof schema>;

/** One contestant as a person writes it. */
export type WrittenContestant = z.input<typeof schema>;

interface Rule {
  readonly field: keyof Written;
  readonly expected: string;
  readonly broken: (written: Written) => boolean;
}

/** What no field can say alone. */
const rules: readonly Rule[] = [
  {
    field: "maxOutputTokens",
    expected: "less than contextTokens, which holds prompt and answer",
    broken: (written) => written.maxOutputTokens >= written.contextTokens,
  },
  {
    field: "keyEnv",
    expected:
      "the name of the environment variable that holds the key: the provider's own address asks for one",
    broken: ({ provider, baseUrl, keyEnv }) =>
      provider !== "a1" && baseUrl === undefined && keyEnv === undefined,
  },
  {
    field: "a1",
    expected: "draft and target engines, for provider a1 and no other",
    broken: ({ provider, a1 }) => (provider === "a1") !== (a1 !== undefined),
  },
  ...(["baseUrl", "keyEnv", "extra"] as const).map((field) => ({
    ...{ field, expected: "nothing: the engines of provider a1 have their own" },
    broken: (written: Written) => written.provider === "a1" && written[field] !== undefined,
  })),
  {
    field: "temperature",
    expected: "nothing: Anthropic's API takes no temperature",
    broken: (written) => written.provider === "anthropic" && written.temperature !== undefined,
  },
  {
    field: "seed",
    expected: "nothing: Anthropic's API takes no seed",
    broken: (written) => written.provider === "anthropic" && written.seed !== undefined,
  },
  {
    field: "provider",
    expected: "openai or anthropic, the protocols that an agent's requests are carried in",
    broken: ({ command, provider }) =>
      command !== undefined && provider !== "openai" && provider !== "anthropic",
  },
  {
    field: "agent",
    expected: "nothing without command, which makes a contestant an agent",
    broken: ({ command, agent }) => command === undefined && agent !== undefined,
  },
  ...(["temperature", "seed", "prompts", "retrieval", "tokenizer"] as const).map((field) => ({
    ...{ field, expected: "nothing: an agent samples, prompts and searches by itself" },
    broken: (written: Written) => written.command !== undefined && written[field] !== undefined,
  })),
  {
    field: "outputLimitField",
    expected: "nothing: only the openai provider has a choice here",
    broken: (written) => written.provider !== "openai" && written.outputLimitField !== undefined,
  },
];

/** One entry of a list; what is wrong with it is noted where `path` says that it stands. */
export function readContestant(reading: Reading, path: FieldPath): Contestant | undefined {
  const parsed = schema.safeParse(path.reduce<unknown>(inside, reading.json));
  if (!parsed.success) {
    noteIssues(reading, path, parsed.error.issues);
    return undefined;
  }
  for (const rule of rules) if (rule.broken(parsed.data)) reading.note([...path, rule.field], rule.expected);
  return parsed.data;
}

/**
 * Reads a list of contestants from YAML or JSON.
 * @param file the name shown in problems
 * Never throws; every problem has file, line, field, what was expected and what was found.
 */
export function parseContestants(text: string, file: string): ParsedContestants {
  const reading = new FileReading(text, file);
  if (reading.problems.length > 0) return { ok: false, problems: reading.problems };
  const { json } = reading;
  if (!Array.isArray(json) || json.length === 0) {
    reading.note(
      [],
      "a list of contestants, each with id, provider, model, contextTokens, maxOutputTokens, prices",
    );
    return { ok: false, problems: reading.problems };
  }
  const contestants = json.flatMap((_, index) => {
    const contestant = readContestant(reading, [index]);
    return contestant === undefined ? [] : [withParts(contestant, dirname(file))];
  });
  noteTwins(reading, []);
  if (reading.problems.length > 0) return { ok: false, problems: reading.problems };
  return { ok: true, contestants };
}

function withParts({ a1, agent, ...contestant }: Contestant, base: string): Contestant {
  return {
    ...contestant,
    ...(a1 === undefined ? {} : { a1: resolvedPair(a1, base) }),
    ...(agent === undefined ? {} : { agent: resolvedAgent(agent, base) }),
  };
}

/** Prompts, parts of a pair and an agent's files, looked for beside the file that it stands in. */
export function resolvedContestant(contestant: Contestant, base: string): Contestant {
  const { prompts, ...rest } = withParts(contestant, base);
  if (prompts === undefined) return rest;
  const files = Object.entries(prompts).map(([role, file]) => [role, resolve(base, file)]);
  return { ...rest, prompts: Object.fromEntries(files) };
}

/** @param path of the list */
export function noteTwins(reading: Reading, path: FieldPath): void {
  const entries = path.reduce<unknown>(inside, reading.json);
  if (!Array.isArray(entries)) return;
  const ids = entries.map((entry: unknown) => inside(entry, "id"));
  for (const [index, id] of ids.entries()) {
    if (typeof id === "string" && ids.indexOf(id) < index)
      reading.note([...path, index, "id"], "a name no other has");
  }
}
