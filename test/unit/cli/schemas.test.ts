// The JSON Schemas in docs/schemas: kept equal to what the code generates, and held against what commands really print.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { documents, jsonSchemaOf } from "../../../src/cli/schemas/index.ts";
import { arena } from "../../support/command-line.ts";
import { expectDocument } from "../../support/schemas.ts";
import { filesBelow } from "../../support/source.ts";
import { storeRun } from "../../support/stored-run.ts";
import { tournament } from "../report/fixture.ts";

const names = Object.keys(documents);

describe("docs/schemas", () => {
  it.each(names)("holds %s as the code generates it", async (name) => {
    const text = `${JSON.stringify(jsonSchemaOf(name, "published"), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../../docs/schemas/${name}.json`);
  });

  it("holds nothing else", () => {
    expect(filesBelow("docs/schemas").sort()).toEqual(
      names.map((name) => `docs/schemas/${name}.json`).sort(),
    );
  });
});

const folder = mkdtempSync(join(tmpdir(), "arena-schemas-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = tournament(5);
const run = storeRun(join(folder, "one"), source, "issues/smoke/1");
const again = storeRun(join(folder, "two"), source, "issues/smoke/1");
const set = "issues/smoke/1";
const instance = "smoke__dayrule-7";

describe("what commands print", () => {
  it.each([
    ["board", ["board", run]],
    ["board", ["board", run, "--paper", "--paired", "winRate", "--fail-under", "gold:falseRejection=0"]],
    ["board", ["board", run, "--after", "2026-01-01"]],
    ["board-compare", ["board", run, again, "--compare"]],
    ["board-site", ["board", run, "--html", join(folder, "site"), "--logs", "none"]],
    ["show", ["show", run]],
    ["show-battle", ["show", run, source.battles[0]?.battleId ?? ""]],
    ["issues-list", ["issues", "list", set]],
    ["issues-show", ["issues", "show", set, instance]],
    ["issues-show", ["issues", "show", set, instance, "--reveal"]],
    ["play-plan", ["play", set, "--contestants", "gold,empty", "--dry-run"]],
  ] as const)("is as %s says (%#)", async (name, argv) => {
    const { stdout, stderr } = await arena("--json", ...argv);
    expect(stdout, stderr).not.toBe("");
    expectDocument(name, stdout);
  });

  it("is refused where a field is missing, and where one is not described", () => {
    const list = { schemaVersion: 1, set: "a", version: "1", sha256: "x", instances: [] };
    expectDocument("issues-list", JSON.stringify(list));
    const { set: _, ...without } = list;
    expect(() => expectDocument("issues-list", JSON.stringify(without))).toThrow("published schema");
    expect(() => expectDocument("issues-list", JSON.stringify({ ...list, more: 1 }))).toThrow(
      "closed schema",
    );
  });
});
