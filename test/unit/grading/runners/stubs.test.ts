// What a job runs before its tests neither sees the tests nor keeps what it made of them.
import { describe, expect, it } from "vitest";
import { write } from "../../../../src/grading/program.ts";
import { besideStubs } from "../../../../src/grading/runners/compiled/stubs.ts";

const texts = {
  "a_test.go": "// A test.\npackage a_test\n\nfunc TestA() {}\n",
  "tests/b.rs": "#[test]\n",
  "tests/c.json": "{}",
};

/** What `before` would find in the files, and what stands in them in the end. */
function filesAround(argv: readonly string[]) {
  const files = new Map(Object.entries(texts).map(([path, text]) => [`/work/${path}`, text]));
  const seen = new Map<string, string>();
  const steps = besideStubs({ trustedTestFiles: Object.keys(texts) }, [{ argv, env: {} }], function* () {
    for (const [path, text] of files) seen.set(path, text);
    for (const path of files.keys()) if (!path.endsWith(".json")) yield* write(path, "rewritten");
    return "done";
  });
  let next = steps.next();
  while (next.done !== true) {
    const step = next.value;
    if (step.kind === "read") next = steps.next({ kind: "read", content: files.get(step.path) ?? "" });
    else if (step.kind === "write") {
      files.set(step.path, String(step.content));
      next = steps.next({ kind: "write" } as never);
    } else throw new Error(`unexpected ${step.kind}`);
  }
  return { seen, files, result: next.value };
}

describe("commands before the tests", () => {
  it("find sources of tests empty, and leave them as they were", () => {
    const { seen, files, result } = filesAround(["go", "run", "./gen"]);
    expect(result).toBe("done");
    expect(seen.get("/work/a_test.go")).toBe("package a_test\n");
    expect(seen.get("/work/tests/b.rs")).toBe("");
    expect(seen.get("/work/tests/c.json")).toBe("{}");
    for (const [path, text] of Object.entries(texts)) expect(files.get(`/work/${path}`)).toBe(text);
  });

  it("find them as they are where they run tests themselves", () => {
    const { seen, files } = filesAround(["python3", "-m", "pytest", "tests/unit"]);
    expect(seen.get("/work/tests/b.rs")).toBe("#[test]\n");
    expect(files.get("/work/tests/b.rs")).toBe("#[test]\n");
  });
});
