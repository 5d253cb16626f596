// Comments and blanks told from code, per language, with literals that only look like comments.
import { describe, expect, it } from "vitest";
import { sameButComments } from "../../../src/grading/index.ts";

type Case = readonly [path: string, before: string, after: string];

const same: readonly Case[] = [
  ["a.py", "x = 1\n", "x = 1  # one\n\n\n# two\n"],
  ["a.py", "def f():\n    return 1\n", "def f():\n\n    # why\n    return 1   \n"],
  ["a.py", 'x = "#"  # a\n', 'x = "#"  # b\n'],
  ["a.py", "x = '\\''  # a\n", "x = '\\''\n"],
  ["a.go", "a := 1\n", "// why\na := 1 /* one */\n"],
  ["a.go", 'a := "//"\n', 'a := "//" // two\n'],
  ["a.go", "a := `/*`\nb()\n", "a := `/*`\n\n\tb()\n"],
  ["a.rs", "fn f() {}\n", "/// Docs.\nfn f()\n{} // end\n"],
  ["a.rs", "a /* x */ b", "a /* y /* z */ still */ b"],
  ["a.rs", "let c = '\"'; // one\n", "let c = '\"';\n"],
  ["a.rs", "fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {} // 'a"],
  ["a.rs", 'let s = r#"// "#; f()', 'let s = r#"// "#; /* x */ f()'],
  ["a.cpp", "int a = 1'000;\nint b;\n", "int a = 1'000; // it's\nint b;\n"],
  ["a.cpp", 'auto s = "/*"; f();\n', 'auto s = "/*"; f(); /* g */\n'],
  ["a.hpp", "#define A 1\n", "// A\n#define A 1\n"],
  ["notes.txt", "one\ntwo\n", "one  \n\ntwo\n"],
];

const different: readonly Case[] = [
  ["a.py", "x = '#1'\n", "x = '#2'\n"],
  ["a.py", 'x = """\n# a\n"""\n', 'x = """\n# b\n"""\n'],
  ["a.py", 'x = """a\\""" # b"""\n', 'x = """a\\""" # c"""\n'],
  ["a.py", 'x = """a\n\nb"""\n', 'x = """a\nb"""\n'],
  ["a.py", "if a:\n    b()\nc()\n", "if a:\n    b()\n    c()\n"],
  ["a.py", 's = "unclosed # a\n', 's = "unclosed # b\n'],
  ["a.go", 'a := "x  y"\n', 'a := "x y"\n'],
  ["a.go", "a := `// 1`\n", "a := `// 2`\n"],
  ["a.go", "//go:build linux\npackage a\n", "//go:build windows\npackage a\n"],
  ["a.go", "// +build linux\npackage a\n", "// +build windows\npackage a\n"],
  ["a.go", "return\nx()\n", "return x()\n"],
  ["a.go", '/*\nint f();\n*/\nimport "C"\n', '/*\nint g();\n*/\nimport "C"\n'],
  ["a.rs", 'f("a  b")', 'f("a b")'],
  ["a.rs", 'r#"a "// 1" b"#', 'r#"a "// 2" b"#'],
  ["a.rs", "let a = '/'; let b = '/'; c(1)", "let a = '/'; let b = '/'; c(2)"],
  ["a.rs", "a /* b */ c", "a /* b */ d"],
  ["a.cpp", 'R"x(// )" 1)x"', 'R"x(// )" 2)x"'],
  ["a.cpp", 'char a = \'"\'; f("//1");', 'char a = \'"\'; f("//2");'],
  ["a.cpp", "int a = 1'000, b = '\"'; f(\"//1\");", "int a = 1'000, b = '\"'; f(\"//2\");"],
  ["a.cpp", "#define A\n1\n", "#define A 1\n"],
  ["a.yml", "a:\n  b: 1\n", "a:\nb: 1\n"],
  ["a.toml", "# one\n", "# two\n"],
  ["Makefile", "# one\n", "# two\n"],
  ["constructor", "a", "b"],
];

describe("sameButComments", () => {
  it.each(same)("%s: %j is %j", (path, before, after) => {
    expect(sameButComments(path, before, after)).toBe(true);
    expect(sameButComments(path, after, before)).toBe(true);
  });

  it.each(different)("%s: %j is not %j", (path, before, after) => {
    expect(sameButComments(path, before, after)).toBe(false);
    expect(sameButComments(path, after, before)).toBe(false);
  });

  it("knows a program for itself, and for none that does more", () => {
    for (const [path, before] of [...same, ...different]) {
      expect(sameButComments(path, before, before)).toBe(true);
      expect(sameButComments(path, before, `finish_up_now\n${before}`)).toBe(false);
    }
  });

  it("reads hostile text in one pass: a pattern that backtracks would still be at it", () => {
    const hostile: readonly (readonly [string, string])[] = [
      ["a.go", "/* "],
      ["a.py", "'''x \""],
      ["a.rs", 'r#"'],
      ["a.rs", "/* "],
      ["a.cpp", 'R"x('],
      ["a.cpp", "1'"],
      ["a.py", "\\'"],
    ];
    for (const [path, unit] of hostile) {
      expect(sameButComments(path, unit.repeat(300_000), `${unit.repeat(300_000)}x`)).toBeTypeOf("boolean");
    }
  }, 60_000);
});
