// Keeps the house as ARCHITECTURE.md draws it: who imports whom, what only one file may do, what every file shows.
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  allowed,
  environmentProblems,
  importProblems,
  lengthProblems,
  openingProblems,
  type Problem,
  told,
  typeProblems,
} from "./support/house.ts";
import { filesBelow, importsOf, root, type Source, sourcesBelow } from "./support/source.ts";

const ours = sourcesBelow(["src", "retriever", "sandboxes"]);
const all = [...ours, ...sourcesBelow(["test", "bench", "scripts", "examples"])];

/** The same finder must stay silent on the house and speak up on a planted violation. */
function planted(find: (sources: readonly Source[]) => Problem[], path: string, text: string): string[] {
  return told(find([{ path, text: `${text}\n` }]));
}

describe("who imports whom", () => {
  it("keeps to the table, doors included", () => {
    expect(told(importProblems(ours))).toEqual([]);
  });

  it.each([
    ["src/domain/record.ts", 'import { judge } from "../grading/index.ts";'],
    ["src/domain/record.ts", 'import type { Verdict } from "../report/index.ts";'],
    ["src/grading/judge.ts", 'export { openStore } from "../storage/index.ts";'],
    ["src/inference/model.ts", 'import { Fault } from "../domain/fault.ts";'],
    ["sandboxes/docker.ts", 'import { Fault } from "../src/domain/fault.ts";'],
    ["src/git/run.ts", 'import { languages } from "../domain/instance.ts";'],
    ["src/arena/round.ts", 'import { judge } from "../grading/judge.ts";'],
    ["src/arena/round.ts", 'const store = await import("../storage/index.ts");'],
    ["src/arena/round.ts", 'import { DockerProvider } from "../../sandboxes/index.ts";'],
    ["src/cli/commands/board.ts", 'import { openStore } from "../../storage/index.ts";'],
    ["src/arena/session.ts", 'import { openSetSession } from "../wire.ts";'],
    ["src/arena/round.ts", 'import Database from "better-sqlite3";'],
    ["src/grading/judge.ts", 'import { readFile } from "node:fs/promises";'],
    ["src/shed/tool.ts", 'import { join } from "node:path";'],
  ])("finds the violation planted in %s: %s", (path, text) => {
    expect(planted(importProblems, path, text)).toHaveLength(1);
  });

  it("leaves types of sandboxes, and words in comments and strings, alone", () => {
    const text = [
      'import { SandboxFault, type SandboxProvider } from "../../sandboxes/index.ts";',
      '// import { judge } from "../grading/judge.ts";',
      'const code = `\nimport { judge } from "../grading/judge.ts";\n`;',
    ].join("\n");
    expect(planted(importProblems, "src/arena/round.ts", text)).toEqual([]);
  });

  it("sees every relative import there is", () => {
    // A reader that finds nothing would let everything pass: domain alone is imported from most houses.
    const found = ours
      .flatMap(({ text }) => importsOf(text))
      .filter(({ specifier }) => specifier.startsWith("."));
    expect(found.length).toBeGreaterThan(ours.length);
  });

  it("has no house in the table that is not built", () => {
    const built = new Set(ours.map(({ path }) => path));
    const empty = Object.keys(allowed).filter(
      (house) => !built.has(house) && !ours.some(({ path }) => path.startsWith(`${house}/`)),
    );
    expect(empty).toEqual([]);
  });
});

describe("what only one file may do", () => {
  it("reads the environment in src/wire.ts, the process in src/cli/main.ts, the clock where it is handed out", () => {
    expect(told(environmentProblems(ours))).toEqual([]);
  });

  it.each([
    ["src/arena/round.ts", "const key = process.env.API_KEY;"],
    ["src/arena/round.ts", "const { env } = process;"],
    ["src/cli/commands/play.ts", "process.exitCode = 1;"],
    ["src/library/options.ts", "process.stdout.write(text);"],
    ["src/grading/judge.ts", "const started = Date.now();"],
    ["src/domain/pairing.ts", "const swap = Math.random() < 0.5;"],
  ])("finds the violation planted in %s: %s", (path, text) => {
    expect(planted(environmentProblems, path, text)).toHaveLength(1);
  });
});

describe("what every file shows", () => {
  it("opens with a sentence that says why it exists", () => {
    expect(told(openingProblems(all))).toEqual([]);
  });

  it("is at most 400 lines long in src, retriever and sandboxes", () => {
    expect(told(lengthProblems(ours))).toEqual([]);
  });

  it("has no hole in its types", () => {
    expect(told(typeProblems(all))).toEqual([]);
  });

  it.each([
    [openingProblems, 'import { join } from "node:path";'],
    [openingProblems, "// Helpers."],
    [lengthProblems, "const line = 1;\n".repeat(401)],
    [typeProblems, "export function read(value: any): void {}"],
    [typeProblems, "const list = [] as Array<any>;"],
    [typeProblems, "const store = fake as unknown as RunStore;"],
  ])("finds planted violations (%#)", (find, text) => {
    expect(planted(find, "src/arena/planted.ts", text)).toHaveLength(1);
  });

  it("does not mistake the word any in prose and names for a type", () => {
    const text = "// A comment: any of these.\nconst any1 = list.some((any) => any !== undefined);";
    expect(planted(typeProblems, "src/arena/planted.ts", text)).toEqual([]);
  });
});

describe("issues/ holds data only", () => {
  const own = filesBelow("issues").filter((path) => !/^issues\/[^/]+\/[^/]+\/repos\//.test(path));

  it("has no program outside a set's repositories", () => {
    const data = /\.(json|jsonl|md|patch|txt)$|\/LICENSE$/;
    expect(own.filter((path) => !data.test(path))).toEqual([]);
    expect(own.filter((path) => (statSync(join(root, path)).mode & 0o111) !== 0)).toEqual([]);
  });

  it("has no git repository and no build output inside a set", () => {
    const strange = /\/(\.git|target|build|__pycache__|node_modules|\.pytest_cache)\//;
    expect(filesBelow("issues").filter((path) => strange.test(path))).toEqual([]);
  });
});
