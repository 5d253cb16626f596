// The Go scanner and the twins it makes: what is found, what is left alone, and that no line moves.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { applyChanges } from "../../../../src/grading/runners/compiled/mask.ts";
import { sabotage } from "../../../../src/grading/runners/go/sabotage.ts";
import { failingIfs, scanGo, tableOf } from "../../../../src/grading/runners/go/scan.ts";

const source = `package p

import (
	"testing"
)

// func TestInComment(t *testing.T) {}
const text = \`
func TestInString(t *testing.T) {
}
\`

func TestPlain(t *testing.T) {
	got := double(4)
	if got != 8 {
		t.Errorf("got %d", got)
	}
}

func TestTable(t *testing.T) {
	cases := []struct {
		name, in string
		want     int
	}{
		{"one", "a", 1},
		{"two", "bb", 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := size(c.in); got != c.want {
				t.Errorf("%q: %d", c.in, got)
			}
		})
	}
}

func TestMayLeave(t *testing.T) {
	if testing.Short() {
		return
	}
	if size("a") != 1 {
		t.Fatal("size")
	}
}

func Testify(t *testing.T) {}

func helper(t *testing.T) {}

func TestNil(t *testing.T) {
	if err := try(); err != nil {
		t.Fatal(err.Error())
	}
}

func Example_size() {
	print(size("a"))
	// Output: 1
}

func FuzzSize(f *testing.F) {
	f.Fuzz(func(t *testing.T, in string) { size(in) })
}
`;

const file = scanGo(source);
const test = (name: string) => {
  const found = file.tests.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const twins = (name: string, gentle = false): string[] => {
  const drawn = Array.from({ length: 80 }, (_, at) =>
    sabotage(file, test(name), { random: seededRandom(`${name}${at}`), gentle }),
  );
  return drawn.flatMap((change) => (change === undefined ? [] : [applyChanges(source, [change])]));
};

describe("Go test files", () => {
  it("shows the functions that go test runs, and no others", () => {
    const names = file.tests.map(({ name }) => name);
    expect(names).toEqual(["TestPlain", "TestTable", "TestMayLeave", "TestNil", "Example_size", "FuzzSize"]);
    expect(file.importsTesting).toBe(true);
  });

  it("sees conditions that are certain to be reached, and doubts the others", () => {
    expect(failingIfs(file, test("TestPlain"))).toHaveLength(1);
    expect(failingIfs(file, test("TestTable"))[0]?.loop).toEqual({ variable: "c", over: "cases" });
    expect(failingIfs(file, test("TestMayLeave"))).toEqual([]);
  });

  it("reads a table's fields and rows", () => {
    const table = tableOf(file, "cases");
    expect(table?.fields).toEqual(["name", "in", "want"]);
    expect(table?.rows.map(({ from, to }) => source.slice(from, to).trim())).toEqual([
      '{"one", "a", 1}',
      '{"two", "bb", 2}',
    ]);
  });
});

describe("Go twins", () => {
  it("never move a line", () => {
    for (const { name } of file.tests) {
      for (const text of twins(name)) expect(text.split("\n")).toHaveLength(source.split("\n").length);
    }
  });

  it("change the expected value where it is a plain literal", () => {
    const changed = twins("TestPlain").filter((text) => /got != (7|9) \{/.test(text));
    expect(changed.length).toBeGreaterThan(20);
    const rows = twins("TestTable").filter((text) => /"a", [02]\}|"bb", [13]\}/.test(text));
    expect(rows.length).toBeGreaterThan(20);
  });

  it("leave conditions alone whose report could bring the process down", () => {
    for (const text of twins("TestNil")) expect(text).toContain("err != nil {\n\t\tt.Fatal(err.Error())");
  });

  it("only add where asked to be gentle", () => {
    for (const text of twins("TestPlain", true)) {
      expect(text).toContain("if got != 8 {");
      expect(text.length).toBeGreaterThan(source.length);
    }
  });

  it("expect another output of an example", () => {
    for (const text of twins("Example_size")) expect(text).toMatch(/\/\/ Output: 1 \w+/);
  });

  it("end the last statement of a body on one line before they add theirs", () => {
    const file = scanGo('package p\n\nfunc TestA(t *testing.T) { t.Skip("later") }\n');
    const [test] = file.tests;
    if (test === undefined) throw new Error("no test was found");
    const change = sabotage(file, test, { random: seededRandom("one line"), gentle: true });
    const text = change === undefined ? "" : applyChanges(file.source, [change]);
    expect(text).toMatch(/t\.Skip\("later"\) ; if .* \}\n$/);
  });

  it("fail first where a test may return early", () => {
    for (const text of twins("TestMayLeave"))
      expect(text).toMatch(/TestMayLeave\(t \*testing\.T\) \{ if .*len\(/);
  });
});
