// Tests of ours for Go test files: one text passes, its sibling fails, and nothing else tells them apart.
import type { Random } from "../../../domain/random.ts";
import { canaryName } from "../../canary-names.ts";
import { drawPhase, otherPhase, type Phase } from "../compiled/phases.ts";

export interface GoCanary {
  readonly name: string;
  readonly failsIn: Phase;
}

export interface FileCanaries {
  readonly canaries: readonly GoCanary[];
  readonly texts: Readonly<Record<Phase, string>>;
}

type Body = (fails: boolean) => readonly string[];

function bodies(random: Random): Body[] {
  const count = 3 + random.integer(40);
  const word = canaryName(random, "camel");
  const length = word.length;
  return [
    (fails) => [
      `if got := len("${word}"); got != ${length + (fails ? 1 : 0)} {`,
      `\tt.Errorf("got %d", got)`,
      "}",
    ],
    (fails) => [`if len("${word}") ${fails ? "==" : "!="} ${length} {`, `\tt.Fatal("wrong length")`, "}"],
    (fails) => [
      `values := make([]int, ${count})`,
      `if cap(values) ${fails ? ">=" : "<"} ${count} {`,
      "\tt.Fail()",
      "}",
    ],
    (fails) => [
      `seen := map[string]int{"${word}": ${count}}`,
      `if _, ok := seen["${fails ? `${word}s` : word}"]; !ok {`,
      `\tt.Error("missing ${word}")`,
      "}",
    ],
    (fails) => [
      `for _, c := range []struct{ in string; want int }{{"a", 1}, {"${word}", ${length - (fails ? 1 : 0)}}} {`,
      "\tif got := len(c.in); got != c.want {",
      `\t\tt.Errorf("%q: got %d, want %d", c.in, got, c.want)`,
      "\t}",
      "}",
    ],
    (fails) => [
      `t.Run("${word}", func(t *testing.T) {`,
      `\tif total := ${count} + len("${word}"); total ${fails ? ">" : "<"} ${count} {`,
      "\t\tt.FailNow()",
      "\t}",
      "})",
    ],
    (fails) => [
      `switch n := len("${word}"); n {`,
      `case ${length + (fails ? 1 : 0)}:`,
      "default:",
      `\tt.Fatalf("unexpected %d", n)`,
      "}",
    ],
    (fails) => [
      `defer func() {`,
      `\tif got := len("${word}"); got ${fails ? "<=" : ">"} ${length} {`,
      `\t\tt.Error("short")`,
      "\t}",
      "}()",
    ],
  ];
}

function text(name: string, body: readonly string[]): string {
  return `func ${name}(t *testing.T) {\n${body.map((line) => `\t${line}\n`).join("")}}\n`;
}

/** Two canaries for a file, one failing in each phase. `taken` tells whether the package has a name already. */
export function fileCanaries(random: Random, taken: (name: string) => boolean): FileCanaries {
  const left = bodies(random);
  const firstFails = drawPhase(random);
  const drawn = [firstFails, otherPhase(firstFails)].map((failsIn) => {
    let name = `Test${canaryName(random, "pascal")}`;
    while (taken(name)) name = `Test${canaryName(random, "pascal")}`;
    return { name, failsIn, body: left.splice(random.integer(left.length), 1)[0] };
  });
  const all = (phase: Phase): string =>
    drawn.map(({ name, failsIn, body }) => text(name, body?.(failsIn === phase) ?? [])).join("\n");
  return {
    canaries: drawn.map(({ name, failsIn }) => ({ name, failsIn })),
    texts: { first: all("first"), second: all("second") },
  };
}
