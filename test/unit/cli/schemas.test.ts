// The JSON Schemas in docs/schemas: kept equal to what the code generates, and held against what commands really print.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type RunStatus, serveControl } from "../../../src/arena/index.ts";
import { documents, jsonSchemaOf } from "../../../src/cli/schemas/index.ts";
import type { RoundRow } from "../../../src/domain/run.ts";
import { type BoardSource, makeBoard, reviewersJson } from "../../../src/report/index.ts";
import { arena } from "../../support/command-line.ts";
import { benchArguments, pairArguments } from "../../support/pair-bench.ts";
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

/** With what only some runs measure of a review. */
function measured({ rounds, ...rest }: BoardSource): BoardSource {
  const mutants = {
    met: [{ mutant: "src/a.py:1:1 boundary: < -> <=", noticedBy: "hidden", effect: "killed" }],
    leftOut: { notCompiling: 1, endsOthers: 1, notShownToDiffer: 2 },
  } as const;
  const reach = { changeOf: "gold", reached: ["test_a"], known: 2 } as const;
  const all = rounds.map((row): RoundRow => {
    if (row.record.review.status !== "valid") return row;
    return { ...row, record: { ...row.record, mutants, review: { ...row.record.review, reach } } };
  });
  return { ...rest, rounds: all };
}

const source = measured(tournament(5));
const run = storeRun(join(folder, "one"), source, "issues/smoke/1");
const again = storeRun(join(folder, "two"), source, "issues/smoke/1");
const set = "issues/smoke/1";
const instance = "smoke__dayrule-7";

const traces = join(folder, "traces.csv");
const head = "run,question,sample,turn,attempt,ppl,rejected,draft_chars,draft_boxed,target_chars";
writeFileSync(traces, `${head}\na,0,0,0,0,2,1,277,0,277\na,1,0,0,0,3,0,277,0,0\na,1,1,0,0,x,0,277,0,0\n`);
const simulated = ["--concurrency", "1,2", "--headline", "2"];

describe("what commands print", () => {
  it.each([
    ["a1-bench", benchArguments(["--questions", "2", "--samples", "2"])],
    ["a1-calibrate", pairArguments("calibrate", ["--questions", "4", "--samples", "4"])],
    ["a1-simulate", ["a1", "simulate", "--traces", traces, ...simulated]],
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
    ["keys", ["keys"]],
    ["play-plan", ["grade", set, "--contestants", "gold,empty", "--dry-run"]],
    ["play-plan", ["play", set, "--contestants", "gold,empty", "--dry-run"]],
  ] as const)("is as %s says (%#)", async (name, argv) => {
    const { stdout, stderr } = await arena("--json", ...argv);
    expect(stdout, stderr).not.toBe("");
    expectDocument(name, stdout);
  });

  it("is as grade says of reviewers, as far as no sandbox is needed for it", () => {
    const reviewers = reviewersJson(makeBoard([source], { resamples: 50 }), source.rounds);
    expect(JSON.stringify(reviewers)).toContain('"reach"');
    const ended = { unsound: [], interrupted: false };
    expectDocument("grade", JSON.stringify({ schemaVersion: 1, set, run, reviewers, ...ended }));
  });

  it("is as ctl says, whether somebody answers or not", async () => {
    const status: RunStatus = {
      ...{ state: "playing", workers: 1, battles: { planned: 3, played: 1 }, unsound: [] },
      ...{ rounds: { played: 2, void: 0 }, seconds: 0, inPlay: [], contestants: [] },
      ...{ timeLeft: { kind: "unknown", because: "x" }, spent: { usd: 0, tokens: 0 }, limit: {} },
    };
    expectDocument("ctl", (await arena("--json", "ctl", run, "status")).stdout);
    await using _ = await serveControl(run, () => ({ ok: true, said: "plays", status }));
    expectDocument("ctl", (await arena("--json", "ctl", run, "status")).stdout);
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
