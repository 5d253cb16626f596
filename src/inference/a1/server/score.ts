// /v1/score: how likely one engine finds each token of a prompt, from a token or a character on.
import type { Codec, Engine, EngineContext } from "../engine.ts";
import { mustFit } from "../prompt-size.ts";
import { invalid } from "./api-error.ts";
import type { ScoreWanted } from "./requests.ts";

/** So much of what stands before a text decides how it is cut into tokens. */
const tailTokens = 8;

/** Whole characters in the decoded tokens: a last one that is not finished is not counted. */
async function charactersIn(codec: Codec, ids: readonly number[], text: string): Promise<number> {
  const decoded = [...(await codec.decode(ids))];
  const whole = [...text];
  let count = decoded.length;
  while (count > 0 && decoded[count - 1] === "\ufffd" && whole[count - 1] !== "\ufffd") count -= 1;
  return count;
}

/**
 * Index of the first token that begins at or behind a character: one that also holds earlier text is left out, for its
 * likelihood is not that of the text from there on alone. Characters are Unicode code points.
 */
export async function tokenAt(
  codec: Codec,
  ids: readonly number[],
  text: string,
  character: number,
): Promise<number> {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((await charactersIn(codec, ids.slice(0, middle), text)) >= character) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Place {
  readonly context: EngineContext;
  readonly from: number;
}

async function placeOf(engine: Engine, { prompt, from }: ScoreWanted): Promise<Place> {
  const { codec } = engine;
  if ("ids" in prompt) {
    const first = "token" in from ? from.token : 0;
    return { context: { ids: prompt.ids, messages: [], answer: "" }, from: first };
  }
  const { messages, text } = prompt;
  mustFit(engine, [...messages, text]);
  const before = await codec.prompt(messages);
  const ids = await codec.encode(text, await codec.decode(before.slice(-tailTokens)));
  const first = "token" in from ? from.token : await tokenAt(codec, ids, text, from.character);
  const param = "token" in from ? "from_token" : "from_character";
  if (first >= ids.length) throw invalid(param, `${param}: no token of the text begins there or later.`);
  return { context: { ids: [...before, ...ids], messages, answer: text }, from: before.length + first };
}

/** @throws ApiError 400, EngineFault, the signal's reason */
export async function score(
  engine: Engine,
  wanted: ScoreWanted,
  about: { readonly id: string; readonly created: number },
  signal: AbortSignal,
): Promise<unknown> {
  if (engine.capabilities.promptLogprobs === "none")
    throw invalid("model", `${wanted.model} cannot score a prompt.`, "unsupported_model");
  if ("ids" in wanted.prompt && !engine.capabilities.takesIds)
    throw invalid("ids", `${wanted.model} takes no tokens: give messages and text.`, "unsupported_parameter");
  const { context, from } = await placeOf(engine, wanted);
  const key = { question: about.id, sample: 0, turn: 0, attempt: 0 };
  const { logprobs, promptTokens, cachedTokens } = await engine.score({ key, context, from }, signal);
  return {
    ...{ id: about.id, object: "score", created: about.created, model: wanted.model },
    /** Of the whole prompt, template included: where `ids` and `logprobs` begin in it. */
    from_token: from,
    ids: context.ids.slice(from),
    logprobs,
    mean_logprob: logprobs.reduce((sum, each) => sum + each, 0) / logprobs.length,
    usage: {
      ...{ prompt_tokens: promptTokens, completion_tokens: 0, total_tokens: promptTokens },
      ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    },
  };
}
