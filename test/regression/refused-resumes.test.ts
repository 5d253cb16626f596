// Guards: a resume with another reranker went on with the old one without a word, and a refused one could change the run.
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/storage/index.ts";
import { hasBubblewrap } from "../support/bubblewrap.ts";
import { arenaProcess } from "../support/command-line.ts";
import { testCacheFolder } from "../support/engine.ts";
import { smokeIssue, smokeSet, writeContestants } from "../support/http-contestants.ts";
import { pairFolder } from "../support/pair-bench.ts";
import { type ScriptedEndpoint, scriptedEndpoint } from "../support/scripted-endpoint.ts";
import { writeTinyModel } from "../support/tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-refused-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [set, file, model] = [join(folder, "set"), join(folder, "models.yaml"), join(folder, "model")];
const [run, plainRun] = [join(folder, "run"), join(folder, "plain-run")];

const arena = (...argv: readonly string[]) =>
  arenaProcess(argv, { cwd: folder, env: { ARENA_CACHE: testCacheFolder } });
const small = ["--contestants", `${file},empty`, "--only", smokeIssue, "--repeats", "1", "--no-panel"];
const play = (...more: readonly string[]) => arena("play", set, "--sandbox", "bubblewrap", ...more);

/** Path and hash of everything in the folder. */
function contentOf(place: string): string[] {
  return readdirSync(place, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => {
      const whole = join(place, path);
      if (statSync(whole).isDirectory()) return path;
      return `${path} ${createHash("sha256").update(readFileSync(whole)).digest("hex")}`;
    });
}

let isPlayable = false;
let endpoint: ScriptedEndpoint;
beforeAll(async () => {
  cpSync(smokeSet, set, { recursive: true });
  endpoint = await scriptedEndpoint(() => ({ kind: "status", status: 401, message: "no such key" }));
  isPlayable = await hasBubblewrap();
  if (!isPlayable) return;
  writeContestants(file, { ids: ["ada"], baseUrl: endpoint.baseUrl });
  await writeTinyModel(model, "token-vectors");
  await writeTinyModel(join(folder, "other"), "text-vector");
  for (const how of [
    ["--run", run, "--rerank", model],
    ["--run", plainRun],
  ]) {
    const { code, stderr } = await play(...small, ...how);
    expect(code, stderr).toBe(3);
  }
});
afterAll(() => endpoint[Symbol.asyncDispose]());

const manifestOf = (where: string) => JSON.parse(readFileSync(join(where, "manifest.json"), "utf8"));

const fingerprint = "[0-9a-f]{12}";

describe("a resume that is refused", { timeout: 120_000 }, () => {
  const undo = new Map<string, () => void>();
  /** Changes a file for one case. */
  function changed(path: string): () => void {
    return () => {
      const before = readFileSync(path);
      undo.set(path, () => writeFileSync(path, before));
      writeFileSync(path, Buffer.concat([before, Buffer.from("\n")]));
    };
  }

  it.for([
    {
      name: "with another reranker",
      where: run,
      given: ["--rerank", "other"],
      words: new RegExp(`begun with the reranker ${fingerprint}, and would go on with ${fingerprint}`),
    },
    {
      name: "with a reranker whose files were changed",
      where: run,
      given: [],
      first: changed(join(model, "tokenizer.json")),
      words: new RegExp(`begun with the reranker ${fingerprint}, and would go on with ${fingerprint}`),
    },
    {
      name: "with a reranker where there was none",
      where: plainRun,
      given: ["--rerank", model],
      words: /begun without a reranker/,
    },
    {
      name: "with a reranker that is not there",
      where: run,
      given: ["--rerank", "nowhere"],
      words: /--rerank: nowhere/,
    },
    {
      name: "on a set that was changed",
      where: plainRun,
      given: [],
      first: changed(join(set, "instances.jsonl")),
      words: /the run was begun on the set .* bring back its files/,
    },
  ])(
    "$name ends with exit code 2 and leaves the run as it was",
    async ({ where, given, first, words }, { skip }) => {
      if (!isPlayable) skip("bubblewrap cannot be had here");
      const before = contentOf(where);
      first?.();
      try {
        // A budget given beside is the run's from then on, if the run goes on.
        const ended = await play("--resume", where, "--budget-tokens", "7", ...given);
        expect(ended.stderr).toMatch(words);
        expect([ended.code, ended.stdout]).toEqual([2, ""]);
      } finally {
        for (const mend of undo.values()) mend();
      }
      expect(contentOf(where)).toEqual(before);
    },
  );

  it("while another process plays the run touches no ledger of its pairs", async ({ skip }) => {
    if (!isPlayable) skip("bubblewrap cannot be had here");
    const [where, pairs] = [join(folder, "pair-run"), join(folder, "pairs.yaml")];
    const engine = (name: string): string => `{ kind: onnx, folder: ${join(pairFolder, name)} }`;
    const prices = "{ inputPerMillion: 1, outputPerMillion: 1 }";
    const limits = `contextTokens: 400, maxOutputTokens: 40, prices: ${prices}`;
    const models = `a1: { draft: ${engine("draft")}, target: ${engine("target")}, samples: 2 }`;
    writeFileSync(pairs, `- { id: two, provider: a1, model: pair, ${limits}, ${models} }\n`);
    const asked = ["--contestants", `${pairs},empty`, ...small.slice(2)];
    expect((await play(...asked, "--run", where, "--budget-tokens", "1")).code).toBe(3);
    const ledger = join(where, "a1-two.jsonl");
    // Whoever read this as a ledger would refuse it.
    writeFileSync(ledger, "what a living process has written\n");
    const held = openStore(join(where, "arena.db"));
    try {
      const { code, stderr } = await play("--resume", where);
      expect([code, stderr]).toEqual([3, expect.stringContaining(`open in process ${process.pid}`)]);
    } finally {
      held.close();
    }
    expect(readFileSync(ledger, "utf8")).toBe("what a living process has written\n");
    const alone = await play("--resume", where);
    expect([alone.code, alone.stderr]).toEqual([3, expect.stringContaining("a1-two.jsonl: line 1")]);
  });

  it("is not refused with the same model in another folder, which is the run's from then on", async ({
    skip,
  }) => {
    if (!isPlayable) skip("bubblewrap cannot be had here");
    cpSync(model, join(folder, "moved"), { recursive: true });
    const { code, stderr } = await play("--resume", run, "--rerank", "moved");
    expect(stderr).toContain("no such key");
    expect(code).toBe(3);
    expect(manifestOf(run).options.rerank).toBe(join(folder, "moved"));
  });

  it("is not refused where CUDA had not loaded: the run says what was asked for and what ran", async ({
    skip,
  }) => {
    if (!isPlayable) skip("bubblewrap cannot be had here");
    const where = join(folder, "cuda-run");
    await play(...small, "--run", where, "--rerank", model, "--rerank-device", "cuda");
    const { options, settings } = manifestOf(where);
    const { device, asked } = settings.retrieval.reranker;
    if (device === "cuda") skip("CUDA loads here: there is nothing to fall back to");
    expect([options.rerankDevice, asked, device]).toEqual(["cuda", "cuda", "cpu"]);
    for (const given of [[], ["--rerank-device", "cpu"]]) {
      const { code, stderr } = await play("--resume", where, ...given);
      expect(stderr).toContain("no such key");
      expect(code).toBe(3);
    }
    expect(manifestOf(where).options.rerankDevice).toBe("cpu");
    expect(manifestOf(where).settings).toEqual(settings);
  });
});
