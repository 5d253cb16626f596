// Which fields of OpenAI's requests this server does nothing with, and whether it says so or lets them pass.
import { ApiError } from "./api-error.ts";

type Body = Readonly<Record<string, unknown>>;

const is =
  (...harmless: readonly unknown[]) =>
  (value: unknown): boolean =>
    harmless.includes(value);
const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;
const never = (): boolean => false;

function isTextFormat(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && value.type === "text";
}

/** With these values they ask for what is done anyway; with others the answer would not be what was asked for. */
const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  tools: isEmpty,
  tool_choice: is("none", "auto"),
  functions: isEmpty,
  function_call: is("none", "auto"),
  response_format: isTextFormat,
  modalities: (value) => Array.isArray(value) && value.every(is("text")),
  audio: never,
  prediction: never,
  web_search_options: never,
  moderation: never,
  reasoning_effort: never,
  verbosity: never,
  store: is(false),
  top_p: is(1),
  frequency_penalty: is(0),
  presence_penalty: is(0),
  logit_bias: isEmpty,
  best_of: is(1),
  echo: is(false),
  suffix: is(""),
};

/** They say who asks or how it is to be billed, not what is answered. */
const ignored: ReadonlySet<string> = new Set([
  ...["user", "metadata", "service_tier", "safety_identifier", "parallel_tool_calls"],
  ...["prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"],
]);

/**
 * The fields that matter. As at OpenAI, null is the same as absent.
 * @throws ApiError 400, by name
 */
export function meaningful(body: Body): Body {
  const kept = Object.entries(body).filter(([name, value]) => {
    if (value === null || ignored.has(name)) return false;
    if (!Object.hasOwn(unsupported, name)) return true;
    if (unsupported[name]?.(value)) return false;
    const message = `${name} is not supported by this server with the value given. Leave it out.`;
    throw new ApiError(400, "unsupported_parameter", message, { param: name });
  });
  return Object.fromEntries(kept);
}
