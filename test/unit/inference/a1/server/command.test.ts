// `arena a1 serve` over real endpoints: what the pair's file says is what clients get.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { a1Serve } from "../../../../../src/cli/commands/a1-serve.ts";
import { output } from "../../../../../src/cli/output.ts";
import { hello, until } from "../../../../support/a1-server.ts";
import { chatEndpoint } from "../../../../support/chat-endpoint.ts";

/** The command over one endpoint that is both draft and target, until it is disposed of. */
async function servedBy(fields: string) {
  const endpoint = await chatEndpoint(() => ({ text: "one two three four" }));
  const folder = await mkdtemp(join(tmpdir(), "a1-serve-"));
  const pair = join(folder, "pair.yaml");
  const engine = `{ kind: openai, baseUrl: "${endpoint.baseUrl}", model: tiny }`;
  await writeFile(pair, `draft: ${engine}\ntarget: ${engine}\nscore: constant\n${fields}\n`);
  const ending = new AbortController();
  let notes = "";
  const into = {
    write: (text: string) => {
      notes += text;
    },
  };
  const context = { out: output({ stdout: into, stderr: into }, false), signal: ending.signal };
  const running = a1Serve({ pair, host: "127.0.0.1", port: 0 }, context);
  await Promise.race([until(() => notes.includes("/v1 (")), running]);
  const [address = ""] = /http:\S+\/v1/.exec(notes) ?? [];
  return {
    ask: async (body: object): Promise<unknown> => {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify({ model: "a1", ...hello, ...body }) };
      return await (await fetch(`${address}/chat/completions`, init)).json();
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
      await endpoint[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

describe("a pair's file that is served", () => {
  it("says how many candidates a chat has that does not say", async () => {
    await using served = await servedBy("samples: 8");
    expect(await served.ask({})).toMatchObject({ choices: [{ a1: { candidates: 8 } }] });
    expect(await served.ask({ a1: { samples: 2 } })).toMatchObject({ choices: [{ a1: { candidates: 2 } }] });
    const two = await served.ask({ n: 2 });
    expect(two).toMatchObject({ choices: [{ a1: { candidates: 1 } }, { a1: { candidates: 1 } }] });
  });

  it("may ask for more candidates than the server lets clients ask for otherwise", async () => {
    await using served = await servedBy("samples: 80");
    expect(await served.ask({})).toMatchObject({ choices: [{ a1: { candidates: 80 } }] });
  });
});
