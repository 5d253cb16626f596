// Reading sets: everything readable is read, everything wrong is named with its file, line and field.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freeze, problemText, readSet, writeSet } from "../../../src/curation/index.ts";
import { boundedLines } from "../../../src/curation/lines.ts";
import { UsageError } from "../../../src/domain/fault.ts";
import { jsonl, line } from "./lines.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-set-test-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const naming = { name: "mine", version: "1", licence: "MIT", howMade: "by hand" };

async function bare(text: string): Promise<string> {
  const file = join(home, "mine.jsonl");
  await writeFile(file, text);
  return file;
}

describe("readSet on a folder", () => {
  it("reads what was frozen, with nothing to say", async () => {
    await writeSet(home, freeze(naming, [line("b-2"), line("a-1")]));
    const { set, instances, problems } = await readSet(home);
    expect(problems).toEqual([]);
    expect(instances.map((each) => each.instanceId)).toEqual(["a-1", "b-2"]);
    expect(set).toMatchObject({ name: "mine", version: "1", folder: home });
    expect(set.description).toMatchObject({ licence: "MIT", instances: 2, sha256: set.sha256 });
  });

  it("reads the same set when its instances.jsonl is named instead", async () => {
    await writeSet(home, freeze(naming, [line("a-1")]));
    expect((await readSet(join(home, "instances.jsonl"))).set.description?.name).toBe("mine");
  });

  it("names a hash mismatch as such, and still reads the lines", async () => {
    const frozen = freeze(naming, [line("a-1")]);
    await writeSet(home, frozen);
    const changed = frozen.instancesText.replace("It is wrong", "It is odd");
    await writeFile(join(home, "instances.jsonl"), changed);
    const { instances, problems } = await readSet(home);
    expect(instances).toHaveLength(1);
    const sha256 = createHash("sha256").update(changed).digest("hex");
    expect(problems).toEqual([
      {
        file: join(home, "instances.jsonl"),
        field: "(hash mismatch)",
        expected: expect.stringContaining(frozen.description.sha256),
        found: sha256,
      },
    ]);
  });

  it("says when the number of lines is not the one that was frozen", async () => {
    const { instancesText, setText } = freeze(naming, [line("a-1")]);
    await writeFile(join(home, "instances.jsonl"), instancesText);
    await writeFile(join(home, "set.json"), setText.replace('"instances": 1', '"instances": 3'));
    expect((await readSet(home)).problems).toMatchObject([{ field: "(number of lines)", found: "1" }]);
  });

  it("refuses unknown and missing fields of set.json by name", async () => {
    const frozen = freeze(naming, [line("a-1")]);
    await writeSet(home, frozen);
    const { licence, ...rest } = frozen.description;
    await writeFile(join(home, "set.json"), JSON.stringify({ ...rest, license: licence }));
    const { set, problems } = await readSet(home);
    expect(set.description).toBeUndefined();
    expect(problems.map((problem) => problemText(problem)).join("\n")).toMatch(/licence.*\n?.*license/s);
  });

  it("reports a set.json that is no JSON or is not there, and reads the lines", async () => {
    await writeFile(join(home, "instances.jsonl"), jsonl([line("a-1")]));
    expect((await readSet(home)).problems).toMatchObject([
      { file: join(home, "set.json"), found: "nothing" },
    ]);
    await writeFile(join(home, "set.json"), "{");
    const { instances, problems } = await readSet(home);
    expect(instances).toHaveLength(1);
    expect(problems).toMatchObject([{ file: join(home, "set.json"), expected: "one JSON object" }]);
  });
});

describe("readSet on lines", () => {
  it("takes a bare .jsonl file as a set without set.json", async () => {
    const { set, problems } = await readSet(await bare(jsonl([line("a-1")])));
    expect(problems).toEqual([]);
    expect(set).toMatchObject({ name: "mine", version: "unversioned", folder: home });
    expect(set.description).toBeUndefined();
  });

  it("reports bad lines with line and field and reads the rest", async () => {
    const unknown = { ...line("c-3"), colour: "blue" };
    const text = `${jsonl([line("a-1")])}{"instance_id": \n\n${jsonl([unknown, line("d-4", { base_commit: "xyz" })])}${jsonl([line("e-5")])}`;
    const file = await bare(text);
    const { instances, problems } = await readSet(file);
    expect(instances.map((each) => each.instanceId)).toEqual(["a-1", "e-5"]);
    expect(problems.map((problem) => [problem.line, problem.field])).toEqual([
      [2, "(the whole line)"],
      [4, "colour"],
      [5, "base_commit"],
    ]);
    expect(problems[1]?.expected).toBe("no field of this name");
    expect(problemText(problems[2] ?? { file, field: "", expected: "", found: "" })).toBe(
      `${file}:5: base_commit: expected 40 lower-case hex digits, found "xyz"`,
    );
  });

  it("keeps the first of two lines with one id and names both lines", async () => {
    const { instances, problems } = await readSet(
      await bare(jsonl([line("a-1", { repo: "first/one" }), line("a-1", { repo: "second/one" })])),
    );
    expect(instances.map((each) => each.repo)).toEqual(["first/one"]);
    expect(problems).toMatchObject([{ line: 2, field: "instance_id", found: '"a-1"' }]);
    expect(problems[0]?.expected).toContain("line 1");
  });

  it("reports bytes that are no UTF-8", async () => {
    const file = join(home, "mine.jsonl");
    await writeFile(
      file,
      Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from(jsonl([line("a-1")]))]),
    );
    const { instances, problems } = await readSet(file);
    expect(instances).toHaveLength(1);
    expect(problems).toMatchObject([{ line: 1, expected: "UTF-8" }]);
  });

  it("with strict, any problem is fatal and every problem is in the message", async () => {
    const file = await bare(`{\n${jsonl([line("a-1", { repo: "" })])}`);
    await expect(readSet(file, { strict: true })).rejects.toThrow(
      /mine\.jsonl:1: .*\n.*mine\.jsonl:2: repo/s,
    );
  });
});

describe("readSet on nothing readable", () => {
  it("says what was expected and where", async () => {
    const missing = join(home, "nowhere");
    await expect(readSet(missing)).rejects.toThrow(UsageError);
    await expect(readSet(missing)).rejects.toThrow(
      `expected a set folder (set.json and instances.jsonl) or a .jsonl file at ${missing}, found nothing`,
    );
    await expect(readSet(home)).rejects.toThrow("found an empty folder");
    await writeFile(join(home, "rows.csv"), "a,b\n");
    await expect(readSet(join(home, "rows.csv"))).rejects.toThrow("ending in .jsonl");
  });

  it("sends the author of an unfrozen folder to the command that freezes it", async () => {
    await mkdir(join(home, "instances"));
    await expect(readSet(home)).rejects.toThrow(`arena issues import ${home} --from folder`);
  });
});

describe("boundedLines", () => {
  async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
    for (const text of texts) yield Buffer.from(text);
  }

  it("joins chunks, numbers lines and gives up what is too long without holding it", async () => {
    const found = [];
    for await (const each of boundedLines(chunks("ab", "c\n", "0123456", "789\n\nlast"), 8)) found.push(each);
    expect(found).toEqual([
      { kind: "text", number: 1, text: "abc" },
      { kind: "too-long", number: 2 },
      { kind: "text", number: 3, text: "" },
      { kind: "text", number: 4, text: "last" },
    ]);
  });

  it("bounds the memory of an endless line", async () => {
    const block = Buffer.alloc(1 << 20, 0x61);
    async function* endless(): AsyncGenerator<Buffer> {
      for (let mebibytes = 0; mebibytes < 400; mebibytes += 1) yield Buffer.from(block);
      yield Buffer.from("\nafter\n");
    }
    const found = [];
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    async function* watched(): AsyncGenerator<Buffer> {
      for await (const chunk of endless()) {
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
        yield chunk;
      }
    }
    for await (const each of boundedLines(watched(), 1 << 20)) found.push(each.kind);
    expect(found).toEqual(["too-long", "text"]);
    expect(peak).toBeLessThan(300 << 20);
  });
});
