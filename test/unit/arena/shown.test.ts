// What a prompt shows of the source: the run's mode and its twins, the budget as the prompt writes it, gold recall.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  approximateCounter,
  type Reranker,
  RetrieverFault,
  tokenCounterFor,
} from "../../../retriever/index.ts";
import type { Case } from "../../../src/arena/case.ts";
import { CaseIndexes } from "../../../src/arena/indexes.ts";
import type { PromptSnippet } from "../../../src/arena/prompts.ts";
import { type ShowRequest, show } from "../../../src/arena/shown.ts";
import type { RetrievalMode } from "../../../src/domain/run.ts";
import { type TestCase, testCase } from "../../support/arena-case.ts";

const functions = (name: string, count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `def ${name}_${n}(value):\n    return "${name}" + str(value + ${n})\n`,
  ).join("\n\n");

const base = {
  "src/colour.py": `${functions("paint", 40)}\n\ndef mix_colours(one, other):\n    return (one + other) // 3\n`,
  "src/names.py": functions("rename", 30),
  "src/sizes.py": functions("resize", 30),
  "README.md": "Painters.\n",
};

let files: TestCase;
let of: Case;
const indexes = new CaseIndexes({ workers: 0 });
const counter = approximateCounter("a test");
const render = (snippets: readonly PromptSnippet[]): string =>
  snippets.map(({ file, startLine, text }) => `${file}:${startLine}\n${text}\n`).join("");

beforeAll(async () => {
  const gold = {
    "src/colour.py": base["src/colour.py"].replace("// 3", "// 2"),
    "src/added.py": "new = 1\n",
  };
  files = await testCase({ base, gold, hidden: { "tests/test_mix.py": "assert True\n" } });
  of = {
    ...files.of,
    instance: { ...files.of.instance, problemStatement: "mix_colours gives a third, not a half" },
  };
});
afterAll(async () => {
  await indexes[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
});

const shownIn = (mode: RetrievalMode, over: Partial<ShowRequest> = {}) =>
  show(
    of,
    { retrieval: { mode, maxTokens: 50_000, hints: false }, room: 700, counter, render, ...over },
    indexes,
  );

describe("show", () => {
  it("shows in a small budget what the issue names, and counts gold's file as shown", async () => {
    const { snippets, shown } = await shownIn("full");
    expect(snippets.some(({ text }) => text.includes("(one + other) // 3"))).toBe(true);
    expect(shown).toMatchObject({
      mode: "full",
      hints: false,
      isApproximate: true,
      gold: { passed: 1, total: 1 },
    });
    expect(shown.tokens).toBeLessThanOrEqual(700);
    expect(counter.count(render(snippets))).toBe(shown.tokens);
    expect(snippets.some(({ signaturesOnly }) => signaturesOnly)).toBe(true);
  });

  it("lets the run's own limit hold beside the window's", async () => {
    const { shown } = await shownIn("full", {
      retrieval: { mode: "full", maxTokens: 600, hints: false },
      room: 900,
    });
    expect(shown.tokens).toBeGreaterThan(0);
    expect(shown.tokens).toBeLessThanOrEqual(600);
  });

  it("shows nothing for none, and counts what was not shown", async () => {
    const { snippets, shown } = await shownIn("none");
    expect(snippets).toEqual([]);
    expect(shown).toMatchObject({ tokens: 0, snippets: [], gold: { passed: 0, total: 1 } });
  });

  it("shows whole files from their top for bm25: a budget too small for them misses the place", async () => {
    const { snippets } = await shownIn("bm25");
    expect(snippets[0]).toMatchObject({ file: "src/colour.py", startLine: 1 });
    expect(snippets.some(({ text }) => text.includes("(one + other) // 3"))).toBe(false);
    const { snippets: more } = await shownIn("bm25", { room: 9000 });
    expect(more.some(({ text }) => text.includes("(one + other) // 3"))).toBe(true);
  });

  it("shows for oracle the changed place first and nothing but gold's files", async () => {
    const { snippets, shown } = await shownIn("oracle", { room: 700 });
    expect(snippets.some(({ text }) => text.includes("(one + other) // 3"))).toBe(true);
    const { snippets: all } = await shownIn("oracle", { room: 100_000 });
    expect(new Set(all.map(({ file }) => file))).toEqual(new Set(["src/colour.py"]));
    expect(shown.gold).toEqual({ passed: 1, total: 1 });
  });

  it("searches the later discussion only where it is asked to", async () => {
    const hinted = { ...of, instance: { ...of.instance, hintsText: "I would look at rename_7 first" } };
    const names = async (hints: boolean) => {
      const retrieval = { mode: "full", maxTokens: 9000, hints } as const;
      const { snippets } = await show(hinted, { retrieval, room: 1200, counter, render }, indexes);
      return snippets.some(({ text }) => text.includes("def rename_7("));
    };
    expect([await names(false), await names(true)]).toEqual([false, true]);
  });

  it("shows what a reranker puts first, and says which; no other mode is ranked again", async () => {
    const about = { kind: "embedding", fingerprint: "f".repeat(64), device: "cpu", maxTokens: 9 } as const;
    let asked = 0;
    const reranker: Reranker = {
      about,
      score: async (_, passages) => {
        asked += 1;
        const scores = Float64Array.from(passages, ({ text }) => (text.includes("def resize_3(") ? 1 : 0));
        return { scores, truncated: 0, computed: passages.length };
      },
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    await using own = new CaseIndexes({ workers: 0, reranker });
    const asking = {
      ...of,
      instance: { ...of.instance, problemStatement: "rename or resize by a value" },
    };
    const first = (mode: RetrievalMode, by: CaseIndexes = own) =>
      show(asking, { retrieval: { mode, maxTokens: 50_000, hints: false }, room: 800, counter, render }, by);
    const whole = ({ snippets }: Awaited<ReturnType<typeof first>>) =>
      snippets.filter(({ signaturesOnly }) => signaturesOnly !== true).map(({ text }) => text);
    const reranked = await first("full");
    expect(reranked.shown.reranker).toEqual({ fingerprint: about.fingerprint, device: "cpu" });
    expect(whole(reranked).some((text) => text.includes("def resize_3("))).toBe(true);
    expect(whole(await first("full", indexes)).some((text) => text.includes("def resize_3("))).toBe(false);
    expect(asked).toBe(1);
    for (const mode of ["bm25", "oracle", "none"] as const)
      expect((await first(mode)).shown).not.toHaveProperty("reranker");
    expect(asked).toBe(1);
  });

  it("asks the model once for one issue of a repository, whoever is shown it, also once it was laid out anew", async () => {
    let asked = 0;
    let isDead = true;
    const reranker: Reranker = {
      about: { kind: "cross-encoder", fingerprint: "f".repeat(64), device: "cpu", maxTokens: 9 },
      score: async (query, passages) => {
        asked += 1;
        await new Promise((resolve) => setImmediate(resolve));
        if (isDead) throw new RetrieverFault("model-unusable", "a test's");
        const scores = Float64Array.from(passages, ({ text }) => text.length % (query.length + 1));
        return { scores, truncated: 1, computed: passages.length };
      },
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    await using own = new CaseIndexes({ workers: 0, reranker });
    const texts = async (more: Partial<Case["instance"]> = {}, room = 800, hints = false) => {
      const asking = { ...of, instance: { ...of.instance, problemStatement: "rename by a value", ...more } };
      const retrieval = { mode: "full", maxTokens: 50_000, hints } as const;
      const { snippets } = await show(asking, { retrieval, room, counter, render }, own);
      return snippets.map(({ text }) => text);
    };
    // What failed is not kept: each asks for itself.
    const failed = await Promise.allSettled([texts(), texts()]);
    expect([failed.map(({ status }) => status), asked]).toEqual([["rejected", "rejected"], 2]);
    isDead = false;
    asked = 0;
    const [first, second, roomy] = await Promise.all([texts(), texts(), texts({}, 2000)]);
    expect(second).toEqual(first);
    expect(roomy).not.toEqual(first);
    expect(asked).toBe(1);
    // Three other repositories take its place among those that are laid out.
    for (const name of ["b", "c", "d"]) {
      await using other = await testCase({ base: { "a.py": `${name} = 1\n` }, gold: { "a.py": "a = 2\n" } });
      await own.open(other.of);
    }
    expect(await texts()).toEqual(first);
    expect(asked).toBe(1);
    await texts({ problemStatement: "resize by a value" });
    expect(asked).toBe(2);
    await texts({ hintsText: "look at resize_7" }, 800, true);
    expect(asked).toBe(3);
  });

  it("does not call a file shown whose signatures alone are", async () => {
    const tall = `def mix_colours(one, other):\n${"    one = one + other\n".repeat(200)}    return one\n`;
    await using own = await testCase({
      base: { "a.py": tall },
      gold: { "a.py": tall.replace("return one", "return 1") },
    });
    const { snippets, shown } = await show(
      own.of,
      { retrieval: { mode: "oracle", maxTokens: 900, hints: false }, room: 40, counter, render },
      indexes,
    );
    if (snippets.length > 0) expect(snippets[0]?.signaturesOnly).toBe(true);
    expect(shown.gold).toEqual({ passed: 0, total: 1 });
  });

  it("gives the same for the same, whoever asks at once", async () => {
    const exact = await tokenCounterFor({ tokenizer: "o200k_base" });
    const all = await Promise.all([1, 2, 3].map(() => shownIn("full", { counter: exact })));
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
    expect(all[0]?.shown).toMatchObject({ tokenizer: "o200k_base", isApproximate: false });
  });

  it("is a fault where the commit is gone, and asks again the next time", async () => {
    const gone = { ...of, baseCommit: "0".repeat(40) };
    const request = {
      retrieval: { mode: "full", maxTokens: 900, hints: false },
      room: 200,
      counter,
      render,
    } as const;
    for (const _ of [1, 2]) {
      await expect(show(gone, request, indexes)).rejects.toBeInstanceOf(RetrieverFault);
    }
  });
});
