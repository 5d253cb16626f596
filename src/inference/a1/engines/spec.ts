// An engine as written down: where a model is served, or the folder it lies in.
import { z } from "zod";

const prices = z
  .strictObject({
    inputPerMillion: z.number("expected US dollars per million tokens").nonnegative(),
    cachedInputPerMillion: z.number("expected US dollars per million tokens").nonnegative().exactOptional(),
    outputPerMillion: z.number("expected US dollars per million tokens").nonnegative(),
  })
  .exactOptional();

const served = {
  /** Where paths begin: `http://host:port`; for `openai` with its `/v1`. */
  baseUrl: z.url({ protocol: /^https?$/, error: "expected an http or https address" }),
  /** As the server names it. */
  model: z.string("expected the name the server knows").min(1, "expected the name the server knows"),
  /** Folder of the model's tokenizer.json and template; needed where the server has no doors for them. */
  tokenizer: z.string().min(1).exactOptional(),
  /** Name of the variable that holds the key. */
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of an environment variable, not a key")
    .exactOptional(),
  /** Of one request, from its first byte to the last of its answer. */
  requestTimeoutSeconds: z.number().positive().default(600),
  /** Calls of one kind (drafts, scores, takeovers) that it takes at once; found out from a few on when absent. */
  maxConcurrent: z.int("expected a number of calls").positive("expected a number of calls").exactOptional(),
  /** What its key/value cache holds; calls that would not fit are put off until they do. */
  cacheTokens: z.int("expected a number of tokens").positive("expected a number of tokens").exactOptional(),
  prices,
};

export const engineSpecSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("sglang"), ...served }),
    z.strictObject({ kind: z.literal("vllm"), ...served }),
    z.strictObject({
      kind: z.literal("llama.cpp"),
      ...served,
      /** A sample always goes to the same slot, where its prefix is. */
      pinsSlots: z.boolean().default(false),
    }),
    z.strictObject({ kind: z.literal("openai"), ...served }),
    z.strictObject({
      kind: z.literal("onnx"),
      folder: z.string("expected a folder with model.onnx and tokenizer.json").min(1),
      device: z.enum(["cpu", "cuda", "auto"], "expected cpu, cuda or auto").default("cpu"),
      /** Processor threads; those that the machine has when absent. */
      threads: z.int().positive().exactOptional(),
      prices,
    }),
  ],
  { error: "expected kind: sglang, vllm, llama.cpp, openai or onnx" },
);

export type EngineSpec = z.infer<typeof engineSpecSchema>;
export type OnnxSpec = Extract<EngineSpec, { kind: "onnx" }>;
export type ServedSpec = Exclude<EngineSpec, OnnxSpec>;
