// Redrawing on a terminal, looked at as a terminal would show it: nothing left over, nothing lost above, sizes that change.
import { describe, expect, it } from "vitest";
import { output } from "../../../src/cli/output.ts";
import { clipped, type Line, Screen } from "../../../src/cli/screen.ts";
import { Glass } from "../../support/glass.ts";

const line = (text: string): Line => [{ text }];
const quiet = { color: false };

describe("a screen", () => {
  it("replaces its lines, fewer or more, and keeps what is said above them", () => {
    const glass = new Glass(40);
    const screen = new Screen(glass);
    screen.draw([line("one of three"), line("second"), line("third")], quiet);
    screen.draw([line("two")], quiet);
    expect(glass.shown()).toEqual(["two"]);
    screen.draw([line("two"), line("more")], { ...quiet, above: "round 1: said" });
    screen.draw([line("three"), line("more")], {
      ...quiet,
      above: "round 2: said, much longer than the view",
    });
    expect(glass.shown()).toEqual([
      ...["round 1: said", "round 2: said, much longer than the view", "three", "more"],
    ]);
    screen.clear();
    expect(glass.shown()).toHaveLength(2);
    expect(glass.blankFrames).toBe(0);
  });

  it("never reaches the last column, and leaves nothing over when it became narrower", () => {
    const glass = new Glass(40);
    const screen = new Screen(glass);
    screen.draw([line("x".repeat(90)), line("y".repeat(30))], { ...quiet, above: "said" });
    expect(glass.shown()).toEqual(["said", "x".repeat(39), "y".repeat(30)]);
    glass.narrow(16);
    screen.draw([line("x".repeat(90)), line("y".repeat(30))], quiet);
    expect(glass.shown()).toEqual(["said", "x".repeat(15), "y".repeat(15)]);
    glass.columns = 60;
    screen.draw([line("wide again")], quiet);
    expect(glass.shown()).toEqual(["said", "wide again"]);
  });

  it("counts columns and not signs, and cuts no sign in two", () => {
    expect(clipped("日本語", 5)).toBe("日本");
    expect(clipped("e\u0301te\u0301", 2)).toBe("e\u0301t");
    expect(clipped("plain", 5)).toBe("plain");
    expect(clipped("plain", 0)).toBe("");
  });
});

function written(isTTY: boolean) {
  const glass = new Glass(60);
  let raw = "";
  const stderr = {
    isTTY,
    columns: 60,
    rows: 10,
    write: (text: string) => {
      raw += text;
      glass.write(text);
    },
  };
  return { out: output({ stdout: { write: () => true }, stderr }, false), glass, raw: () => raw };
}

const panel = (color: boolean) => ({ color, lines: () => [[{ text: "now", style: "bold" as const }]] });

describe("the output", () => {
  it("keeps a panel below its notes, without colors when it may have none, and takes it away at the end", () => {
    const { out, glass, raw } = written(true);
    out.panel(panel(false));
    out.note("a note with \u001b[31mcolor\u0007");
    out.progress("nothing beside a panel");
    expect(glass.shown()).toEqual(["a note with \\u{1b}[31mcolor\\u{7}", "now"]);
    expect(raw()).not.toContain("\u001b[1m");
    out.panel(panel(true));
    expect(raw()).toContain("\u001b[1mnow\u001b[0m");
    out.result({}, () => "result");
    expect(glass.shown()).toHaveLength(1);
  });

  it("gives a pipe no panel and no escape", () => {
    const { out, raw } = written(false);
    out.panel(panel(true));
    out.note("plain");
    out.panel();
    expect(raw()).toBe("plain\n");
  });
});
