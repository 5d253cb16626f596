// What is hidden from the C++ grammar, and that hiding moves nothing.
import { describe, expect, it } from "vitest";
import { languages } from "../../../../retriever/chunking/languages.ts";
import { readableText } from "../../../../retriever/chunking/readable.ts";

const cpp = languages().all.find(({ name }) => name === "cpp");
if (cpp === undefined) throw new Error("expected a folder for cpp");

/** Blanks at line ends are left out: what is hidden is blank. */
const read = (...lines: readonly string[]): string[] => {
  const text = lines.join("\n");
  const found = readableText(text, cpp);
  expect(found).toHaveLength(text.length);
  const readLines = found.split("\n");
  expect(readLines).toHaveLength(lines.length);
  return readLines.map((line) => line.replace(/ +/g, " ").trimEnd());
};

describe("what a grammar is given to read", () => {
  it.each([
    ["class PUMP_EXPORT Pump final : public Base {", "class Pump final : public Base {"],
    ["struct ALIGN(8) Pump {", "struct Pump {"],
    ["class PUMP final {", "class PUMP final {"],
    ["struct STAT st = {};", "struct STAT st = {};"],
    ["PUMP_INLINE int stop(int now) {", " int stop(int now) {"],
    ["int stop(int now) PUMP_NOEXCEPT {", "int stop(int now) {"],
    ["void read(_In_ const char* text, _Out_opt_ int* count);", "void read( const char* text, int* count);"],
    ["return MAX_PUMPS;", "return MAX_PUMPS;"],
  ])("%s", (given, expected) => {
    expect(read(given)).toEqual([expected]);
  });

  it("has no macro that stands alone on its line, but those that begin a block or end an expression", () => {
    expect(read("BEGIN_TABLE(Pump)", "EVENT(START, stop(1))", "END_TABLE()", "int a;")).toEqual([
      "",
      "",
      "",
      "int a;",
    ]);
    expect(read("TEST(Pump, Stops)", "{", "}")).toEqual(["TEST(Pump, Stops)", "{", "}"]);
    expect(read("int a =", "  MAX(1, 2)", "  + 1;")).toEqual(["int a =", " MAX(1, 2)", " + 1;"]);
    expect(read("enum Pumps {", "  PUMP_IDLE,", "  PUMP_END", "};")).toEqual([
      "enum Pumps {",
      " PUMP_IDLE,",
      " PUMP_END",
      "};",
    ]);
  });

  it("has one branch of a conditional whose branches open half a block each", () => {
    expect(
      read("#ifdef A", "if (a) {", "#elif defined(B)", "if (b) {", "#else", "if (c) {", "#endif", "}"),
    ).toEqual(["", "if (a) {", "", "", "", "", "", "}"]);
  });

  it("has both branches where each is whole, whatever braces stand in strings and comments", () => {
    const whole = ["#if A", "void a() { b('{'); } // {", "#else", 'void a() { b("{"); } /* { */', "#endif"];
    expect(read(...whole)).toEqual(whole);
  });

  it("counts the first branch of an inner conditional for the outer one", () => {
    expect(read("#if A", "#if B", "a {", "#else", "b {", "#endif", "#else", "c {", "#endif", "}")).toEqual([
      ...["", "", "a {", "", "", "", "", "", "", "}"],
    ]);
  });

  it("hides a directive with all its lines, and is not lost without an end", () => {
    expect(read("#if A && \\", "    B", "a {", "#endif", "#else", "#endif", "#if C", "b {")).toEqual([
      ...["", "", "a {", "", "#else", "#endif", "#if C", "b {"],
    ]);
  });

  it("is as given for a language without a preprocessor", () => {
    const rust = languages().all.find(({ name }) => name === "rust");
    const text = "PUMP_INLINE fn a() {}\n#if A\n{\n#endif\n";
    expect(rust === undefined ? "" : readableText(text, rust)).toBe(text);
  });

  it("reads a comment that never ends once, however often it is begun", () => {
    const endless = `#if X\n/*\n`.repeat(500_000);
    expect(readableText(endless, cpp)).toBe(endless);
  });
});
