// A person's own model through a run: what it has to say is said when it happens, and once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";
import { chosenReranker } from "../../../src/arena/rerankers.ts";
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
