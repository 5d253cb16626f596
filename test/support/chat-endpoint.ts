// A scripted endpoint of OpenAI's chat protocol that streams and tells log-probabilities: what a pair's engines are opened on.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const bodySchema = z.looseObject({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  max_tokens: z.number().optional(),
  stream: z.boolean().optional(),
  logprobs: z.boolean().optional(),
  seed: z.number().optional(),
});
export type ChatBody = z.infer<typeof bodySchema>;

export interface ChatAnswer {
  readonly text: string;
  /** Of the first token, where asked for. */
  readonly top?: readonly { readonly token: string; readonly logprob: number }[];
}

export interface ChatEndpoint extends AsyncDisposable {
  /** With its `/v1`. */
  readonly baseUrl: string;
  readonly seen: readonly ChatBody[];
}

/** Words with what follows them: as good a tokenizer as any for a script. */
const tokensOf = (text: string): string[] => text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];

const topOf = (token: string, at: number, top: ChatAnswer["top"]) =>
  at === 0 && top !== undefined
    ? top.toSorted((one, other) => other.logprob - one.logprob)
    : [
        { token, logprob: -0.1 },
        { token: " other", logprob: -3 },
      ];

export async function chatEndpoint(script: (body: ChatBody) => ChatAnswer): Promise<ChatEndpoint> {
  const seen: ChatBody[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    if (request.url !== "/v1/chat/completions") {
      response
        .writeHead(404, { "content-type": "application/json" })
        .end('{"error":{"message":"no such path"}}');
      return;
    }
    const body = bodySchema.parse(JSON.parse(Buffer.concat(parts).toString("utf8")));
    seen.push(body);
    const { text, top } = script(body);
    const all = tokensOf(text);
    const tokens = all.slice(0, body.max_tokens);
    const finish = tokens.length < all.length ? "length" : "stop";
    const usage = {
      prompt_tokens: body.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4), 0),
      completion_tokens: tokens.length,
    };
    const logprobsOf = (token: string, at: number) =>
      body.logprobs === true
        ? { logprobs: { content: [{ token, logprob: -0.1, top_logprobs: topOf(token, at, top) }] } }
        : {};
    if (body.stream !== true) {
      const content = tokens.flatMap((token, at) => logprobsOf(token, at).logprobs?.content ?? []);
      const choice = {
        ...{ index: 0, finish_reason: finish, message: { role: "assistant", content: tokens.join("") } },
        ...(body.logprobs === true ? { logprobs: { content } } : {}),
      };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "c", object: "chat.completion", choices: [choice], usage }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (choices: readonly object[], more: object = {}) =>
      response.write(
        `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices, ...more })}\n\n`,
      );
    for (const [at, token] of tokens.entries())
      send([{ index: 0, delta: { content: token }, ...logprobsOf(token, at) }]);
    send([{ index: 0, delta: {}, finish_reason: finish }]);
    send([], { usage });
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ baseUrl: `http://127.0.0.1:${port}/v1`, seen },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
