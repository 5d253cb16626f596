// A model server without a model: one decode step after another, each a token for every stream, as a GPU's batch gives them.
import { createServer, type ServerResponse } from "node:http";
import { z } from "zod";
import { answerParent, microseconds } from "./process.ts";

interface Stream {
  readonly response: ServerResponse;
  left: number;
}

const request = z.object({ max_tokens: z.number() });
const streams = new Set<Stream>();
let written = 0;
/** Steps a second; 0: as fast as readers take them. */
let rate = 0;
let nextStepUs = 0;

const head =
  'data: {"id":"chatcmpl-upstream","object":"chat.completion.chunk","created":1,"model":"upstream","choices":[{"index":0,"delta":{"content":" ';
const tail = '"},"logprobs":null,"finish_reason":null}]}\n\n';

function end({ response }: Stream): void {
  const chunk = { id: "chatcmpl-upstream", object: "chat.completion.chunk", created: 1, model: "upstream" };
  const stop = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "length" }] };
  const usage = { ...chunk, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
  response.end(`data: ${JSON.stringify(stop)}\n\ndata: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`);
}

/** Each token says when it was written, so that whoever reads it knows how long it took. */
function token(stream: Stream): boolean {
  const goesOn = stream.response.write(head + microseconds() + tail);
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

const server = createServer((incoming, response) => {
  if (incoming.url === "/stats") {
    response.end(JSON.stringify({ active: streams.size, written }));
    return;
  }
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const { max_tokens } = request.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    response.writeHead(200, { "content-type": "text/event-stream" });
    const stream = { response, left: max_tokens };
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
