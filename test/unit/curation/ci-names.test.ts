// The CI names of SwingArena rows: four broken shapes in, jobs out, and a word on all that was lost.
import { describe, expect, it } from "vitest";
import { pythonList, readCiNames } from "../../../src/curation/ci-names.ts";

const workflow = ".github/workflows/ci.yml";

function jobs(value: unknown) {
  return readCiNames(value).names.map((name) => [name.job, name.workflow]);
}

describe("pythonList", () => {
  it("reads what Python prints", () => {
    expect(pythonList("['lint', '.github/workflows/ci.yml']")).toEqual(["lint", ".github/workflows/ci.yml"]);
    expect(pythonList(`["it's", 'a "b"', 'c\\'d', 'e\\\\f', '\\u2713\\x41']`)).toEqual([
      "it's",
      'a "b"',
      "c'd",
      "e\\f",
      "✓A",
    ]);
    expect(pythonList("[]")).toBeUndefined();
    expect(pythonList("['open, 'x']")).toBeUndefined();
    expect(pythonList("build")).toBeUndefined();
  });
});

describe("readCiNames", () => {
  it("takes sound pairs as they are", () => {
    const read = readCiNames([["build", workflow]]);
    expect(read).toEqual({
      names: [{ name: "build", workflow, job: "build", matrix: [], host: "any" }],
      repaired: [],
      unrepaired: [],
    });
  });

  it("takes re-paired text apart and says that entries may be lost", () => {
    const read = readCiNames([
      [`['lint', '${workflow}']`, `["build (\${{ join(matrix.targets, ', ') }})", '${workflow}']`],
    ]);
    expect(read.names.map((name) => [name.job, name.workflow])).toEqual([
      ["lint", workflow],
      ["build", workflow],
    ]);
    expect(read.repaired).toContain("ci_name_list: 2 entries read out of re-paired text");
    expect(read.unrepaired.join("\n")).toMatch(/may have lost entries/);
    expect(read.unrepaired.join("\n")).toMatch(/1 names are unexpanded templates/);
  });

  it("pairs a flat list, and one that is JSON text", () => {
    expect(jobs(["lint", workflow, "test", workflow])).toEqual([
      ["lint", workflow],
      ["test", workflow],
    ]);
    expect(jobs(JSON.stringify([["test", workflow]]))).toEqual([["test", workflow]]);
  });

  it("drops labels of GitHub's pages, but not a job that happens to be called like one", () => {
    const scraped = [
      ["Code", workflow],
      ["Issues", workflow],
      ["Actions", workflow],
      ["test", workflow],
    ];
    const read = readCiNames(scraped);
    expect(read.names.map((name) => name.name)).toEqual(["test"]);
    expect(read.repaired.join()).toContain("Code, Issues, Actions");
    expect(
      jobs([
        ["Security", workflow],
        ["test", workflow],
      ]),
    ).toHaveLength(2);
    expect(jobs(["Security"])).toEqual([]);
  });

  it("names a matrix leg by its job", () => {
    const read = readCiNames([["test (3.12, ubuntu-latest)", workflow]]);
    expect(read.names[0]).toMatchObject({ job: "test", matrix: ["3.12", "ubuntu-latest"], host: "any" });
    expect(read.repaired).toEqual(["ci_name_list: 1 matrix legs named by their job"]);
  });

  it("tells jobs that need another system", () => {
    const names = ["test (windows-latest)", "build_macOS", "x86_64-apple-darwin", "window manager", "linux"];
    const read = readCiNames(names.map((name) => [name, workflow]));
    expect(read.names.map((name) => name.host)).toEqual(["windows", "macos", "macos", "any", "any"]);
    expect(read.unrepaired.join()).toContain("3 of 5 jobs need Windows or macOS");
  });

  it("says what it cannot read instead of guessing", () => {
    expect(readCiNames(undefined).unrepaired).toEqual(["ci_name_list: expected a list, found nothing"]);
    expect(readCiNames({ a: 1 }).names).toEqual([]);
    expect(readCiNames([]).unrepaired.join()).toContain("names no job");
    expect(readCiNames([[3, null]]).unrepaired.join()).toContain("2 entries are no job");
  });
});
