// Checks aligned over states: repeats are counted, what kills comes first, what says nothing is folded away.
import { describe, expect, it } from "vitest";
import type { ExhibitRun, RoundExhibit } from "../../../../src/domain/exhibit.ts";
import { checksHtml } from "../../../../src/report/site/checks.ts";
import { report, type Statuses } from "../../../support/evidence.ts";
import { record } from "../rows.ts";

const run = (label: string, statuses: Statuses): ExhibitRun => ({ label, report: report(statuses) });

const exhibit = (runs: readonly ExhibitRun[]): RoundExhibit => ({
  ...{ prompts: {}, runs, missing: [] },
  ...{ failToPass: ["test::fix"], passToPass: ["test::kept"] },
});

/** Rows of the table as lists of words. */
function rowsOf(markup: string): string[][] {
  return [...markup.matchAll(/<tr><th scope="row">(.*?)<\/th>(.*?)<\/tr>/g)].map(
    ([, head = "", cells = ""]) =>
      [head, ...cells.split("<td").slice(1)].map((cell) =>
        cell
          .replace(/^[^>]*>(?=.)/, (start) => (start.startsWith("<") ? "" : ""))
          .replace(/<[^>]*>/g, "")
          .trim(),
      ),
  );
}

describe("checks over states", () => {
  it("stand in one row each, with their repeats, what kills first", () => {
    const shown = checksHtml(
      exhibit([
        run("B", { kept: "passed" }),
        run("G", { kept: "passed" }),
        run("P", { kept: "passed" }),
        run("P+H", { kept: "passed", fix: "failed" }),
        run("G+T 1", { kept: "passed", new: "passed" }),
        run("G+T 2", { kept: "passed", new: "passed" }),
        run("P+T 1", { kept: "passed", new: "failed" }),
        run("P+T 2", { kept: "passed", new: "failed" }),
        run("panel a+T 1", { other: "failed" }),
      ]),
      record({ label: "unresolved", effect: "killed" }),
    );
    const markup = shown?.markup ?? "";
    expect(rowsOf(markup)).toEqual([
      ["test::new kills", "not there", "not there", "not there", "not there", "pass 2/2", "fail 0/2"],
      ["test::fix must be fixed", "not there", "not there", "not there", "fail", "not there", "not there"],
    ]);
    expect(markup).toContain("1 check came out the same in every state");
    expect(markup).not.toContain("test::other");
  });

  it("that come out differently in repeats are mixed, and never folded away", () => {
    const shown = checksHtml(
      exhibit([run("G+T 1", { odd: "passed" }), run("G+T 2", { odd: "failed" })]),
      record({ review: "invalid" }),
    );
    expect(rowsOf(shown?.markup ?? "")).toEqual([["test::odd", "mixed 1/2"]]);
  });

  it("are no table where nothing was run", () => {
    expect(checksHtml(exhibit([]), record())).toBeUndefined();
  });
});
