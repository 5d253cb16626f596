// Rows for other harnesses: what comes back through the importers is what went out, less what they have no place for.
import { describe, expect, it } from "vitest";
import {
  exportedRow,
  exportFormats,
  importMultiSweBench,
  importSweBench,
} from "../../../src/curation/index.ts";
import { type Instance, parseInstance } from "../../../src/domain/instance.ts";
import { line } from "./lines.ts";

const gold =
  "diff --git a/shop/cart.py b/shop/cart.py\n--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -1 +1 @@\n-a = 1\n+a = 2\n";
const hidden =
  "diff --git a/tests/test_cart.py b/tests/test_cart.py\n--- a/tests/test_cart.py\n+++ b/tests/test_cart.py\n@@ -1 +1 @@\n-b = 1\n+b = 2\n";

function instance(more: object = {}): Instance {
  const own = {
    ...{ repo: "me/shop", base_commit: "a".repeat(40), language: "python", patch: gold, test_patch: hidden },
    ...{
      problem_statement: "A title\n\nAnd a body.",
      hints_text: "a hint",
      created_at: "2024-05-06T07:08:09Z",
    },
    ci: { image: "python", jobs: [{ name: "unit", run: "pytest", runner: "pytest" }] },
    FAIL_TO_PASS: ["unit::tests/test_cart.py::test_a"],
    PASS_TO_PASS: ["unit::tests/test_cart.py::test_b", "unit"],
  };
  const parsed = parseInstance({ ...line("me__shop-12"), ...own, ...more });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function rowOf(of: Instance, format: (typeof exportFormats)[number]): string {
  const exported = exportedRow(of, format);
  if (!("row" in exported)) throw new Error(exported.refused);
  return JSON.stringify(exported.row);
}

const kept = {
  ...{ instance_id: "me__shop-12", repo: "me/shop", base_commit: "a".repeat(40), language: "python" },
  ...{ patch: gold, test_patch: hidden, hints_text: "a hint", problem_statement: "A title\n\nAnd a body." },
};

describe("an exported row", () => {
  it("comes back from SWE-bench's shape with its tests, named as one job alone names them", () => {
    const { lines, report } = importSweBench(rowOf(instance(), "swe-bench"));
    expect(report.map(({ refused, unrepaired }) => [refused, unrepaired])).toEqual([[undefined, []]]);
    expect(lines).toMatchObject([
      { ...kept, FAIL_TO_PASS: ["tests/test_cart.py::test_a"], PASS_TO_PASS: ["tests/test_cart.py::test_b"] },
    ]);
    expect(Date.parse(String(lines[0]?.created_at))).toBe(Date.parse("2024-05-06T07:08:09Z"));
  });

  it("comes back from Multi-SWE-bench's shape, its test names beside", () => {
    const { lines, report } = importMultiSweBench(rowOf(instance(), "multi-swe-bench"));
    expect(report.map(({ refused }) => refused)).toEqual([undefined]);
    expect(lines).toMatchObject([
      {
        ...kept,
        provenance: {
          pullNumber: 12,
          statedFailToPass: ["tests/test_cart.py::test_a"],
          statedPassToPass: ["tests/test_cart.py::test_b"],
        },
      },
    ]);
  });

  it("tells of tests what was seen and no more", () => {
    const row: unknown = JSON.parse(rowOf(instance(), "multi-swe-bench"));
    expect(row).toMatchObject({
      f2p_tests: { "tests/test_cart.py::test_a": { test: "FAIL", fix: "PASS" } },
      p2p_tests: { "tests/test_cart.py::test_b": { test: "PASS", fix: "PASS" } },
    });
  });

  it("is refused by name where the shape has no place for it", () => {
    const folder = instance({ repo: "./shop", base_commit: undefined });
    for (const format of exportFormats)
      expect(exportedRow(folder, format)).toMatchObject({ refused: expect.stringContaining("./shop") });
    const unnumbered = { ...instance(), instanceId: "me__shop-abc" };
    expect(exportedRow(unnumbered, "multi-swe-bench")).toMatchObject({
      refused: expect.stringContaining("number"),
    });
    expect(exportedRow(unnumbered, "swe-bench")).toHaveProperty("row");
  });
});
