// The trained pair served by llama.cpp's real server, as GGUF files that scripts/pair/write_gguf.py has written.
//
//   ARENA_LLAMA_SERVER  the binary of llama-server
//   ARENA_LLAMA_DRAFT, ARENA_LLAMA_TARGET  both models of test/fixtures/a1-pair as GGUF
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { armIn, benchOf, gainIn, type PairReport, pairFolder } from "../support/pair-bench.ts";
import { llamaServer, type RealServer } from "../support/real-llama.ts";

const { ARENA_LLAMA_SERVER: binary, ARENA_LLAMA_DRAFT: draft, ARENA_LLAMA_TARGET: target } = process.env;

const served = ({ origin }: RealServer): string =>
  `{ kind: llama.cpp, baseUrl: "${origin}", model: real, requestTimeoutSeconds: 120 }`;

/** The pair's own file, with other engines. */
async function pairText(engines: { draft: string; target: string; score: string }): Promise<string> {
  let text = await readFile(join(pairFolder, "pair.yaml"), "utf8");
  for (const [field, value] of Object.entries(engines))
    text = text.replace(new RegExp(`^${field}: .*$`, "m"), `${field}: ${value}`);
  return text;
}

if (binary === undefined || draft === undefined || target === undefined) {
  describe("the trained pair on llama-server", () => {
    it.skip("SKIPPED: no real server was tried; name ARENA_LLAMA_SERVER, _DRAFT and _TARGET", () =>
      undefined);
  });
} else {
  describe("the trained pair on llama-server", () => {
    const servers: RealServer[] = [];
    let folder = "";
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "arena-llama-pair-"));
      servers.push(await llamaServer(binary, draft), await llamaServer(binary, target));
    });
    afterAll(async () => {
      for (const server of servers) await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    async function bench(targetSpec: (large: RealServer) => string, score: string): Promise<PairReport> {
      const [small, large] = servers;
      if (small === undefined || large === undefined) throw new Error("expected two servers");
      const file = join(folder, `${score}.yaml`);
      await writeFile(file, await pairText({ draft: served(small), target: targetSpec(large), score }));
      const report = await benchOf(file, [
        ...["--questions", "60", "--samples", "4"],
        ...["--arms", "a1,draft,target"],
      ]);
      console.log(report.arms.map(({ name, pass1 }) => `${name} ${pass1.value.toFixed(3)}`).join(", "));
      return report;
    }

    const holds = (report: PairReport): void => {
      expect(gainIn(report, "draft", "pass1").low).toBeGreaterThan(0);
      expect(armIn(report, "target").pass1.value).toBeGreaterThan(0.95);
      expect(report.arms.map(({ unchecked, failed }) => unchecked + failed.length)).toEqual([0, 0, 0]);
    };

    it("drafts there and is scored in process", async () => {
      const report = await bench(
        () => `{ kind: onnx, folder: ${join(pairFolder, "target")} }`,
        "worst-window",
      );
      holds(report);
      // Were no draft scored, all would be handed over, and the pair as good as its target.
      expect(armIn(report, "a1").unscored).toEqual({});
      expect(Math.abs((armIn(report, "a1").interventionRate ?? 1) - 0.3)).toBeLessThan(0.1);
      const chosen = report.scores.find(({ score, over }) => score === "worst-window" && over === "worst");
      expect(chosen?.within?.value).toBeGreaterThan(0.5);
    }, 600_000);

    it("drafts and takes over there; a target that has no words for yes or no lets little pass", async () => {
      const report = await bench(served, "p-yes");
      holds(report);
      // It was taught sums alone: of most drafts neither word is among its likeliest tokens, which is no score of any sort.
      const { unscored, interventionRate } = armIn(report, "a1");
      expect(Object.keys(unscored)).toEqual(["missing-logprobs"]);
      expect(interventionRate).toBeGreaterThan(0.5);
    }, 600_000);
  });
}
