// Guards the reading of Rust and C++ text: what is a comment or a literal must never be taken for code.
import { describe, expect, it } from "vitest";
import {
  applyChanges,
  closingAfter,
  cppRules,
  mask,
  rustRules,
} from "../../../../src/grading/runners/compiled/mask.ts";

describe("mask", () => {
  it.each([
    ["line comment", 'a // "b" {\nc', "a         \nc"],
    ["nested comment", "a/* x /* y */ z */b", "a                 b"],
    ["string with an escaped quote", 'f("a\\"{")', "f(______)"],
    ["raw string", 'r#"a"{"#.len()', "________.len()"],
    ["byte string", 'b"{"', "b___"],
    ["character", "'{' == x", "___ == x"],
    ["escaped character", "'\\'' == '\\u{7b}'", "____ == ________"],
    ["lifetime", "fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"],
  ])("reads Rust: %s", (_, source, expected) => {
    expect(mask(source, rustRules)).toBe(expected);
  });

  it.each([
    ["raw string", 'R"x({")x" + y', "_________ + y"],
    ["digit separators", "1'000'000 + '{'", "1'000'000 + ___"],
    ["comments do not nest", "/* /* */ b", "         b"],
    ["prefixed string", 'u8"{"', "u8___"],
  ])("reads C++: %s", (_, source, expected) => {
    expect(mask(source, cppRules)).toBe(expected);
  });

  it("keeps length and line feeds of anything, ended or not", () => {
    for (const source of ['"open\nstring', "/* open\n", 'r##"open"#\n', "'", '"é\n😀"', 'R"(open\n']) {
      for (const rules of [rustRules, cppRules]) {
        const masked = mask(source, rules);
        expect(masked.length).toBe(source.length);
        expect(masked.split("\n").length).toBe(source.split("\n").length);
      }
    }
  });

  it("finds the closing bracket, and none where brackets do not match", () => {
    expect(closingAfter("f(a[1], {b})c", 1)).toBe(12);
    expect(closingAfter("(]", 0)).toBeUndefined();
    expect(closingAfter("((", 0)).toBeUndefined();
  });

  it("applies changes by their places in the original", () => {
    const changes = [
      { from: 0, to: 1, text: "xx" },
      { from: 2, to: 3, text: "" },
    ];
    expect(applyChanges("abc", changes)).toBe("xxb");
  });
});
