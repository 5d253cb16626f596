// What a run is planned from and leaves behind: its plan, its field, its manifest, its spending, its evidence, its layers.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Configuration,
  configurationOf,
  configurationShape,
  mustBeSameContestants,
} from "../../../src/arena/configuration.ts";
import { readField } from "../../../src/arena/contestants.ts";
import { Evidence } from "../../../src/arena/evidence.ts";
import { deltaLayer, madeOnce, treeLayer } from "../../../src/arena/layers.ts";
import { readManifest, resumable } from "../../../src/arena/manifest.ts";
import { battlesOf, planRun } from "../../../src/arena/plan.ts";
import { loadTemplates } from "../../../src/arena/prompts.ts";
import { spentSoFar, worstCaseOf } from "../../../src/arena/spent.ts";
import { UsageError } from "../../../src/domain/fault.ts";
import type { StoredCall } from "../../../src/domain/run.ts";
import { pairConfigurationSchema } from "../../../src/inference/a1/configuration.ts";
import type { Contestant } from "../../../src/inference/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { testCase } from "../../support/arena-case.ts";
import { settings } from "../../support/toy-arena.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-run-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a plan", () => {
  const request = { instanceIds: ["toy-1", "toy-2"] };

  it("writes the manifest before the settings, and on resuming keeps both", async () => {
    const store = openStore(":memory:");
    const order: string[] = [];
    const writeManifest = async () => {
      order.push(store.settings === undefined ? "manifest first" : "settings first");
    };
    expect(await planRun({ store, writeManifest }, settings, request)).toEqual(settings);
    const resumed = await planRun({ store, writeManifest }, { ...settings, seed: "another" }, request);
    expect(resumed.seed).toBe("seed");
    expect(order).toEqual(["manifest first"]);
    expect(store.battles()).toEqual(battlesOf(settings, request));
    store.close();
  });

  it("is not gone on with on another set", async () => {
    const store = openStore(":memory:");
    store.saveSettings(settings);
    const writeManifest = () => Promise.reject(new Error("there is one"));
    const other = planRun({ store, writeManifest }, { ...settings, setHash: "changed" }, request);
    await expect(other).rejects.toThrow(/with hash hash; .* with hash changed: bring back/);
    await expect(other).rejects.toBeInstanceOf(UsageError);
    expect(store.battles()).toEqual([]);
    store.close();
  });

  it("is made again alike when a crash left settings without battles", async () => {
    const store = openStore(":memory:");
    store.saveSettings(settings);
    const writeManifest = () => Promise.reject(new Error("there is one"));
    await planRun({ store, writeManifest }, { ...settings, seed: "another" }, request);
    expect(store.battles()).toEqual(battlesOf(settings, request));
    store.close();
  });

  it("lets a lone contestant play itself", () => {
    const [battle] = battlesOf({ ...settings, contestants: ["ann"] }, { instanceIds: ["toy-1"] });
    expect(battle).toMatchObject({ first: "ann", second: "ann", rounds: 2 });
  });
});

const model = {
  id: "ann",
  provider: "openai",
  model: "m",
  keyEnv: "ANN_KEY",
  contextTokens: 1000,
  maxOutputTokens: 100,
  prices: { inputPerMillion: 1, outputPerMillion: 4 },
  answer: "edits",
  attempts: 2,
} as const satisfies Contestant;

describe("spending", () => {
  const call = (over: Partial<StoredCall>): StoredCall => ({
    id: 1,
    battleId: "b1",
    round: 1,
    role: "submitter",
    attempt: 1,
    contestant: "ann",
    promptHash: "",
    worstCaseUsd: 5,
    worstCaseTokens: 500,
    ...over,
  });
  const finish = { status: "answered", text: "", estimated: false, seconds: 1 } as const;

  it("charges finished calls what they cost, calls cut off in flight their worst case", () => {
    const calls = [
      call({ finish: { ...finish, inputTokens: 10, outputTokens: 20, costUsd: 2 } }),
      call({}),
      call({ contestant: "bob", finish: { ...finish, inputTokens: 1, outputTokens: 2, costUsd: 0.5 } }),
    ];
    expect([...spentSoFar({ calls: () => calls })]).toEqual([
      ["ann", { usd: 7, tokens: 530 }],
      ["bob", { usd: 0.5, tokens: 3 }],
    ]);
  });

  it("charges an agent's run that was cut off what its requests cost, and one more at its worst", () => {
    const charged = { usd: 1, tokens: 1000 };
    const totals = { ...finish, inputTokens: 900, outputTokens: 200, costUsd: 2 };
    const calls = [call({ charged }), call({ contestant: "bob", charged, finish: totals })];
    expect([...spentSoFar({ calls: () => calls })]).toEqual([
      ["ann", { usd: 6, tokens: 1500 }],
      ["bob", { usd: 2, tokens: 1100 }],
    ]);
  });

  it("plans for an agent every request of every run", () => {
    const agent = { ...model, command: ["agent"], agent: { requests: 7 } };
    const { calls, tokens } = worstCaseOf(agent, 10);
    expect([calls, tokens]).toEqual([140, 140_000]);
  });

  it("plans every attempt of every turn with a full window, the answer as long as may be", () => {
    expect(worstCaseOf(model, 10)).toEqual({
      calls: 20,
      tokens: 20_000,
      usd: 20 * ((900 + 400) / 1_000_000),
    });
    const dearInput = { ...model, prices: { inputPerMillion: 8, outputPerMillion: 2 } };
    expect(worstCaseOf(dearInput, 10).usd).toBeCloseTo(0.16, 12);
    expect(worstCaseOf(model, 0)).toEqual({ calls: 0, tokens: 0, usd: 0 });
  });
});

describe("the field", () => {
  const write = async (text: string) => {
    const file = join(folder, "contestants.yaml");
    await writeFile(file, text);
    return file;
  };

  it("keeps controls, replays and models in the order written; a file stands for all it holds", async () => {
    const file = await write(JSON.stringify([model, { ...model, id: "bob" }]));
    const field = await readField(`gold,${file},replay:x.jsonl`, { defaultFile: "none.yaml" });
    expect(field.ids).toEqual(["gold", "ann", "bob", "replay:x.jsonl"]);
    expect(field.models.map((each) => each.id)).toEqual(["ann", "bob"]);
    expect((await readField("bob,empty", { defaultFile: file })).ids).toEqual(["bob", "empty"]);
  });

  it("takes contestants of no file by their ids, and twins of them", async () => {
    const places = { defaultFile: "none.yaml", inline: [{ ...model, id: "bob" }] };
    const field = await readField("bob,gold,bob@bm25", places);
    expect(field.ids).toEqual(["bob", "gold", "bob@bm25"]);
    expect(field.models.map(({ id, retrieval }) => [id, retrieval])).toEqual([
      ["bob", undefined],
      ["bob@bm25", "bm25"],
    ]);
  });

  it.each([
    ["carl", /no contestant carl in .*; it holds ann/],
    ["ann,gold,ann", /contestant ann is named twice/],
  ])("refuses %s", async (list, message) => {
    const file = await write(JSON.stringify([model]));
    await expect(readField(list, { defaultFile: file })).rejects.toThrow(message);
    await expect(readField(list, { defaultFile: file })).rejects.toBeInstanceOf(UsageError);
  });

  it("names the line and field of a contestant file that is wrong, and a file that is not there", async () => {
    const file = await write("- id: ann\n  provider: nobody\n");
    await expect(readField(file, { defaultFile: "none.yaml" })).rejects.toThrow(
      /contestants\.yaml:2: 1\.provider: expected/,
    );
    await expect(readField("ann", { defaultFile: join(folder, "none.yaml") })).rejects.toThrow(
      /no contestant "ann"/,
    );
  });
});

describe("the manifest", () => {
  it("holds only what was asked for, and is read back", async () => {
    const options = resumable({
      set: "s",
      contestants: "gold",
      repos: undefined,
      sandbox: undefined,
      memory: 512,
      only: undefined,
    });
    expect(options).toEqual({ set: "s", contestants: "gold", memory: 512 });
    const written = { schemaVersion: 1, options, sandbox: "docker", more: "for people" };
    await new Evidence(folder).writeJson("manifest.json", written);
    expect(await readManifest(folder)).toEqual({
      schemaVersion: 1,
      options,
      sandbox: "docker",
      contestants: [],
    });
  });

  it("says what is wrong with a folder that holds no run, or a damaged one", async () => {
    await expect(readManifest(folder)).rejects.toThrow(/is no run folder/);
    await writeFile(join(folder, "manifest.json"), '{"schemaVersion":1,"options":{},"sandbox":"docker"}');
    await expect(readManifest(folder)).rejects.toThrow(/field options\.set/);
  });
});

describe("a contestant's configuration", () => {
  const templates = loadTemplates();
  const secret = { ...model, baseUrl: "https://me:s3cret@models.example/v1?token=s3cret" };
  const ann = configurationOf({ ...secret, extra: { token: "s3cret" }, seed: 7 }, templates, "o200k_base");
  const same = (now: readonly Configuration[]) => mustBeSameContestants("run", [ann], now);

  it("tells what decides its answers and its costs, and nothing that may be a key", () => {
    expect(ann).toMatchObject({
      id: "ann",
      baseUrl: "https://models.example/v1",
      seed: 7,
      prices: model.prices,
    });
    expect(JSON.stringify(ann)).not.toMatch(/s3cret|ANN_KEY/);
    expect(configurationShape.parse(JSON.parse(JSON.stringify(ann)))).toEqual(ann);
  });

  it("is the same with another key, pace or company, and differs by its prompts", () => {
    const { keyEnv: _, ...keyless } = { ...secret, extra: { token: "s3cret" }, seed: 7 };
    const other = { ...keyless, maxConcurrent: 1, requestTimeoutSeconds: 9, vendor: "v" };
    const bob = configurationOf({ ...model, id: "bob" }, templates, "o200k_base");
    expect(() => same([bob, configurationOf(other, templates, "o200k_base")])).not.toThrow();
    const terse = { ...templates, formats: { ...templates.formats, edits: "Be brief." } };
    expect(() => same([configurationOf(other, terse, "o200k_base")])).toThrow(/ann: promptsSha256 was "/);
    expect(() => same([{ ...ann, extraSha256: "other" }])).toThrow(UsageError);
    expect(() => same([bob])).toThrow(/of run .*: ann is not there\. Put them back/);
  });
});

describe("the configuration of a contestant that is a pair", () => {
  const engine = { kind: "openai", baseUrl: "http://127.0.0.1:1", model: "m" };
  const pair = (a1: object): Configuration => {
    const parsed = pairConfigurationSchema.parse({ draft: engine, target: engine, ...a1 });
    return configurationOf({ ...model, provider: "a1", a1: parsed }, loadTemplates(), "o200k_base");
  };
  const begun = configurationShape.parse(JSON.parse(JSON.stringify(pair({}))));

  it("is known again from its manifest, however many calls run at once, how long they may take and by which key", () => {
    const lane = { initial: 1, max: 2 };
    const lanes = { draft: lane, score: lane, takeover: lane };
    const pace = { maxConcurrent: 2, requestTimeoutSeconds: 9, cacheTokens: 9_000, keyEnv: "OTHER" };
    for (const now of [pair({}), pair({ lanes }), pair({ target: { ...engine, ...pace } })])
      expect(() => mustBeSameContestants("run", [begun], [now])).not.toThrow();
  });

  it("is another with another engine or another rate", () => {
    for (const now of [pair({ target: { ...engine, model: "n" } }), pair({ interventionRate: 0.1 })])
      expect(() => mustBeSameContestants("run", [begun], [now])).toThrow(/ann: a1Sha256 was/);
  });
});

describe("evidence", () => {
  it("comes back as it was written, compressed or not, and leaves no half file", async () => {
    const evidence = new Evidence(folder);
    await evidence.writeTranscript("a/run.json.gz", { long: "x".repeat(10_000) });
    await evidence.writeJson("a/verdict.json", { n: 1 });
    expect(await evidence.readTranscript("a/run.json.gz")).toEqual({ long: "x".repeat(10_000) });
    expect(await evidence.readJson("a/verdict.json")).toEqual({ n: 1 });
    expect((await readFile(join(folder, "a/run.json.gz"))).length).toBeLessThan(1000);
    expect((await readdir(join(folder, "a"))).sort()).toEqual(["run.json.gz", "verdict.json"]);
  });

  it("has another hash when a file's name or content changes, and not otherwise", async () => {
    const evidence = new Evidence(folder);
    await evidence.writeText("r/b", "2");
    await evidence.writeText("r/a", "1");
    const hash = await evidence.hashOf("r");
    await evidence.writeText("s/a", "1");
    await evidence.writeText("s/b", "2");
    expect(await evidence.hashOf("s")).toBe(hash);
    await evidence.writeText("s/b", "3");
    expect(await evidence.hashOf("s")).not.toBe(hash);
    await evidence.writeText("t/a", "1");
    await evidence.writeText("t/c", "2");
    expect(await evidence.hashOf("t")).not.toBe(hash);
  });

  it("is a fault when it is missing or damaged", async () => {
    const evidence = new Evidence(folder);
    await writeFile(join(folder, "bad.json.gz"), "not compressed");
    await writeFile(join(folder, "bad.json"), "{");
    const damaged = { isFault: true, code: "evidence-damaged", retryable: false };
    await expect(evidence.readTranscript("bad.json.gz")).rejects.toMatchObject(damaged);
    await expect(evidence.readJson("bad.json")).rejects.toMatchObject(damaged);
    const missing = { ...damaged, code: "evidence-missing" };
    await expect(evidence.readJson("none.json")).rejects.toMatchObject(missing);
  });
});

describe("layers", () => {
  it("are made once, also by two at the same time, and a failed making leaves nothing", async () => {
    const target = join(folder, "made");
    let built = 0;
    const build = async (aside: string) => {
      built += 1;
      await writeFile(join(aside, "file"), "whole");
    };
    expect(await Promise.all([madeOnce(target, build), madeOnce(target, build)])).toEqual([target, target]);
    const before = built;
    await madeOnce(target, build);
    expect(built).toBe(before);
    expect(await readFile(join(target, "file"), "utf8")).toBe("whole");
    const failing = madeOnce(join(folder, "failed"), async (aside) => {
      await mkdir(join(aside, "half"));
      throw new Error("cut off");
    });
    await expect(failing).rejects.toThrow("cut off");
    expect(await readdir(folder)).toEqual(["made"]);
  });

  it("hold a tree without git's data, and only what another tree changes in it", async () => {
    await using files = await testCase({
      base: { "app.py": "1\n", "gone.py": "1\n", "kept.py": "1\n" },
      gold: { "app.py": "2\n" },
    });
    const { repository, baseTree } = files.of;
    const layer = await treeLayer(repository, baseTree, folder);
    expect((await readdir(join(layer, "work"))).sort()).toEqual(["app.py", "gone.py", "kept.py"]);
    const to = await files.tree({ "app.py": "3\n", "gone.py": undefined, "new/b.py": "1\n" });
    const delta = await deltaLayer(repository, baseTree, to);
    expect((await readdir(join(delta.layer, "work"))).sort()).toEqual(["app.py", "new"]);
    expect(await readFile(join(delta.layer, "work/app.py"), "utf8")).toBe("3\n");
    expect(delta.removed).toEqual(["gone.py"]);
    await delta.dispose();
    expect(existsSync(delta.layer)).toBe(false);
  });
});
