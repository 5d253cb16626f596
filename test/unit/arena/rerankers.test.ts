// A person's own model through a run: what it has to say is said when it happens, and once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";
import { chosenReranker, identityOf, rerankerOfRun } from "../../../src/arena/rerankers.ts";
import type { RerankerIdentity } from "../../../src/domain/run.ts";
import { writeTinyModel } from "../../support/tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-rerankers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the chosen reranker", () => {
  it("says that its cache is damaged when that is met at work, and says it once", async () => {
    const rerank = await writeTinyModel(join(folder, "model"), "token-vectors");
    const notes: string[] = [];
    const cacheFolder = join(folder, "cache");
    await using reranker = await chosenReranker(
      { rerank },
      { cacheFolder, note: (line) => notes.push(line) },
    );
    const score = () => reranker?.score("lexer", [{ content: "one", text: "parser token" }]);
    const sound = await score();
    expect(notes).toEqual([]);
    // As another process might that takes the file for something else.
    const other = new Database(join(cacheFolder, "vectors.sqlite"));
    other.exec("DROP TABLE vectors");
    other.close();
    expect(await score()).toEqual(sound);
    await score();
    expect(notes).toEqual([expect.stringMatching(/^reranking: .*vectors\.sqlite is damaged/)]);
  });
});

describe("the reranker of a run", () => {
  const about = { kind: "embedding", fingerprint: "f".repeat(64), device: "cpu", maxTokens: 9 } as const;

  it("is kept with where it runs and, where that is elsewhere, where it was asked to", () => {
    const { fingerprint } = about;
    expect(identityOf({ about })).toEqual({ fingerprint, device: "cpu" });
    expect(identityOf({ about: { ...about, device: "cuda" } })).toEqual({ fingerprint, device: "cuda" });
    const fallback = "cuda did not load: no such library";
    expect(identityOf({ about: { ...about, fallback } })).toEqual({
      ...{ fingerprint, device: "cpu", asked: "cuda" },
    });
  });

  const places = { cacheFolder: join(folder, "cache"), note: () => {} };

  /** Goes on with a run of this model whose reranker ran as told. */
  async function goOn(rerankDevice: string, begun: Omit<RerankerIdentity, "fingerprint">) {
    const rerank = await writeTinyModel(join(folder, "run-model"), "token-vectors");
    await using first = await chosenReranker({ rerank }, places);
    const reranker = { fingerprint: first?.about.fingerprint ?? "", ...begun };
    const manifest = { settings: { set: "s", setHash: "h", retrieval: { reranker } }, options: { set: "s" } };
    const run = { run: "the run", begun: manifest, modes: ["full"] } as const;
    await using found = await rerankerOfRun({ rerank, rerankDevice }, run, places);
    return found === undefined ? undefined : identityOf(found);
  }

  it("goes on where it ran, wherever it had been asked to", async () => {
    expect(await goOn("cpu", { device: "cpu", asked: "cuda" })).toMatchObject({ device: "cpu" });
  });

  it("is refused elsewhere, with what to name to go on", async () => {
    await expect(goOn("cpu", { device: "cuda" })).rejects.toThrow(
      /begun with its reranker on cuda, and would go on with it on cpu, .*: name --rerank-device cuda, or start/,
    );
  });
});
