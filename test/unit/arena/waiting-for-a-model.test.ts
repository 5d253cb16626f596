// A battle that waits for a model holds no sandbox: slots of models and of sandboxes are apart.
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HttpArena, httpArena } from "../../support/http-arena.ts";
import { diffAnswer } from "../../support/http-contestants.ts";

let arena: HttpArena;
beforeEach(async () => {
  arena = await httpArena();
});
afterEach(() => arena[Symbol.asyncDispose]());

it("holds no sandbox while it waits for a patch or for tests", async () => {
  const gold = diffAnswer(await arena.toy.files.patch({ "app.py": "old = 1\nfixed = 1\n" }));
  const open: number[] = [];
  arena.script = () => {
    open.push(arena.toy.sandboxes.openNow);
    return { kind: "answer", text: open.length === 1 ? gold : '```json\n{"tests": []}\n```\n' };
  };
  await arena.play();
  expect(open).toEqual([0, 0]);
  // It did open some for what came of them.
  expect(arena.toy.sandboxes.opened.length).toBeGreaterThan(4);
});
