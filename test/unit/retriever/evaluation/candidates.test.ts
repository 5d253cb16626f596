// Which files an evaluation ranks: sources of the row's language that are no tests.
import { describe, expect, it } from "vitest";
import { isCandidate } from "../../../../retriever/index.ts";
import { smallRepository } from "../../../support/small-repository.ts";

describe("candidates", () => {
  it("are sources of the language outside tests, by the words of their paths", async () => {
    const kept = {
      python: ["pkg/store.py", "pkg/stubs.pyi", "pkg/contest.py", "pkg/attestation.py", "setup.py"],
      rust: ["src/lib.rs", "latest/run.rs"],
      go: ["bag.go", "protest/x.go"],
      cpp: ["a.cc", "a.h", "b.HPP", "c.inl", "d.c++", "Greatest.cpp"],
      java: ["Bag.java"],
    };
    const tests = [
      ...["tests/a.py", "pkg/test_store.py", "conftest.py", "testing/unittest/a.py", "testutils.py"],
      ...["src/tests.rs", "bag_test.go", "testdata/x.go", "StoreTest.cpp", "HTTPTests.h", "a-testsuite/x.c"],
    ];
    const others = ["README.md", "a.pyx", "b.js", "Makefile"];
    const paths = [...Object.values(kept).flat(), ...tests, ...others];
    using repository = await smallRepository({
      files: { ...Object.fromEntries(paths.map((path) => [path, `${path}\n`])), "binary.py": "a\0b" },
    });
    for (const [language, expected] of Object.entries(kept)) {
      const found = repository.snapshot.files.filter((file) => isCandidate(file, language));
      expect(found.map(({ path }) => path).sort(), language).toEqual(expected.sort());
    }
  });
});
