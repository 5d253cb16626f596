// A model server without a model: one decode step after another, each a token for every stream, as a GPU's batch gives them.
import { createServer, type ServerResponse } from "node:http";
import { z } from "zod";
import { answerParent, microseconds } from "./process.ts";
import { stamped, tokenLength, tokenOf } from "./stamp.ts";

interface Stream {
  readonly response: ServerResponse;
  readonly tokens: number;
  readonly tellsUsage: boolean;
  left: number;
}

const request = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  ...{ max_tokens: z.number(), stream: z.boolean().optional(), logprobs: z.boolean().optional() },
  stream_options: z.object({ include_usage: z.boolean() }).optional(),
});
const streams = new Set<Stream>();
let written = 0;
/** Steps a second; 0: as fast as readers take them. */
let rate = 0;
let nextStepUs = 0;

const head =
  'data: {"id":"chatcmpl-upstream","object":"chat.completion.chunk","created":1,"model":"upstream","choices":[{"index":0,"delta":{"content":"';
const tail = '"},"logprobs":null,"finish_reason":null}]}\n\n';

const usageOf = (tokens: number) => ({
  prompt_tokens: 1,
  completion_tokens: tokens,
  total_tokens: tokens + 1,
});

function end({ response, tokens, tellsUsage }: Stream): void {
  const chunk = { id: "chatcmpl-upstream", object: "chat.completion.chunk", created: 1, model: "upstream" };
  const stop = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "length" }] };
  const usage = { ...chunk, choices: [], usage: usageOf(tokens) };
  const last = tellsUsage ? [stop, usage] : [stop];
  response.end(`${last.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("")}data: [DONE]\n\n`);
}

/** Each token says when it was written, so that whoever reads it knows how long it took. */
function token(stream: Stream): boolean {
  const goesOn = stream.response.write(head + stamped(microseconds()) + tail);
  written += 1;
  stream.left -= 1;
  if (stream.left > 0) return goesOn;
  streams.delete(stream);
  end(stream);
  return false;
}

function step(): void {
  for (const stream of streams) token(stream);
}

/** Catches up where the machine was late: a server that falls behind decodes on, it does not lose tokens. */
function pace(): void {
  if (rate === 0) return;
  while (nextStepUs <= microseconds()) {
    step();
    nextStepUs += 1_000_000 / rate;
  }
  setTimeout(pace, Math.max(0, (nextStepUs - microseconds()) / 1000));
}

function rush(stream: Stream): void {
  while (streams.has(stream) && token(stream));
  if (streams.has(stream)) stream.response.once("drain", () => rush(stream));
}

/** What is not streamed is asked by whoever looks what this server can do: it goes on with an answer, always alike. */
function whole({ messages, max_tokens }: z.infer<typeof request>): object {
  const last = messages.at(-1);
  const from = last?.role === "assistant" ? last.content.length / tokenLength : 0;
  const content = Array.from({ length: max_tokens }, (_, at) => tokenOf(from + at)).join("");
  const message = { role: "assistant", content };
  return {
    ...{ id: "chatcmpl-upstream", object: "chat.completion", created: 1, model: "upstream" },
    choices: [{ index: 0, message, finish_reason: "length" }],
    usage: usageOf(max_tokens),
  };
}

const server = createServer((incoming, response) => {
  if (incoming.url === "/stats") {
    response.end(JSON.stringify({ active: streams.size, written }));
    return;
  }
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const asked = request.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    const json = { "content-type": "application/json" };
    if (asked.logprobs === true) {
      response.writeHead(400, json).end('{"error":{"message":"logprobs are not supported"}}');
      return;
    }
    if (asked.stream !== true) {
      response.writeHead(200, json).end(JSON.stringify(whole(asked)));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const tellsUsage = asked.stream_options?.include_usage === true;
    const stream = { response, tellsUsage, tokens: asked.max_tokens, left: asked.max_tokens };
    streams.add(stream);
    response.on("close", () => streams.delete(stream));
    if (rate === 0) rush(stream);
  });
});

// Kept connections stay: one closed here while it is taken up there would count as a failure of what is measured.
server.keepAliveTimeout = 0;
const command = z.object({ rate: z.number() });
server.listen(0, "127.0.0.1", () => {
  answerParent(server.address(), async (message) => {
    rate = command.parse(message).rate;
    nextStepUs = microseconds();
    pace();
    return {};
  });
});
