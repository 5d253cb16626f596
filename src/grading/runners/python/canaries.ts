// Tests of ours for Python files: one text passes, its sibling fails, and nothing else tells them apart.
import type { Random } from "../../../domain/random.ts";
import { canaryName } from "../../canary-names.ts";
import { drawPhase, otherPhase, type Phase } from "../compiled/phases.ts";
import type { TestFile } from "./inventory.ts";

export interface PlannedCanary {
  /** Function name, and the class around it where the file's tests are in classes. */
  readonly name: string;
  readonly owner: readonly string[];
  readonly failsIn: Phase;
}

export interface FileCanaries {
  readonly canaries: readonly PlannedCanary[];
  /** Appended to the file, by phase. */
  readonly texts: Readonly<Record<Phase, string>>;
}

type Body = (fails: boolean) => readonly string[];

function plainBodies(random: Random, hasPytest: boolean): Body[] {
  const count = 2 + random.integer(40);
  const word = canaryName(random, "snake").split("_")[0] ?? "word";
  const bodies: Body[] = [
    (fails) => [`assert len("${word}") == ${word.length + (fails ? 1 : 0)}`],
    (fails) => [`assert "${word}".upper() == "${fails ? word : word.toUpperCase()}"`],
    (fails) => [
      `values = [number * 2 for number in range(${count})]`,
      `assert values[-1] == ${2 * count - (fails ? 1 : 2)}`,
    ],
    (fails) => [`assert int("${count}") ${fails ? ">" : "<="} ${count}`],
    (fails) => [`row = {"${word}": ${count}}`, `assert row["${fails ? `${word}s` : word}"] == ${count}`],
    (fails) => [`if int("${count}") ${fails ? "==" : "!="} ${count}:`, `    raise ValueError("${word}")`],
    (fails) => [`int("${count}${fails ? "x" : ""}")`],
  ];
  if (!hasPytest) return bodies;
  return [
    ...bodies,
    (fails) => ["with pytest.raises(ValueError):", `    int("${count}${fails ? "" : "x"}")`],
    (fails) => [`if int("${count}") ${fails ? "<=" : ">"} ${count}:`, `    pytest.fail("${word}")`],
  ];
}

function selfBodies(random: Random): Body[] {
  const count = 2 + random.integer(40);
  const word = canaryName(random, "snake").split("_")[0] ?? "word";
  return [
    (fails) => [`self.assertEqual(len("${word}"), ${word.length + (fails ? 1 : 0)})`],
    (fails) => [`self.assertTrue(int("${count}") ${fails ? ">" : "<="} ${count})`],
    (fails) => [`self.assertIn("${fails ? `${word}s` : word}", ["${word}"])`],
    (fails) => ["with self.assertRaises(ValueError):", `    int("${count}${fails ? "" : "x"}")`],
    (fails) => [`if int("${count}") ${fails ? "==" : "!="} ${count}:`, `    self.fail("${word}")`],
    (fails) => [`self.assertEqual({"${word}": ${count}}, {"${word}": ${count + (fails ? 1 : 0)}})`],
    (fails) => [
      `assert "${word}".title() == "${fails ? word : word.charAt(0).toUpperCase() + word.slice(1)}"`,
    ],
    (fails) => [
      "for number in range(3):",
      "    with self.subTest(number=number):",
      `        self.assertLess(number, ${fails ? 2 : 3})`,
    ],
  ];
}

function functionText(name: string, body: readonly string[], inClass: boolean): string {
  const indent = inClass ? "    " : "";
  return `${indent}def ${name}(${inClass ? "self" : ""}):\n${body.map((line) => `${indent}    ${line}\n`).join("")}`;
}

function inClasses(file: TestFile, tool: "pytest" | "unittest"): boolean {
  if (tool === "unittest") return true;
  return file.tests.every(({ owner, sites }) => owner.length > 0 && sites?.usesSelf !== false);
}

function classHead(file: TestFile, owner: string): string {
  const importLine = file.names.some((name) => name.startsWith("unittest")) ? "" : "import unittest\n\n\n";
  const base =
    file.names.includes("unittest.TestCase") && !file.names.includes("unittest")
      ? "TestCase"
      : "unittest.TestCase";
  return `${importLine}class ${owner}(${base}):\n`;
}

/** Two canaries for a file: one fails in each phase, so that every phase has one that must fail and one that must not. */
export function fileCanaries(file: TestFile, tool: "pytest" | "unittest", random: Random): FileCanaries {
  const inClass = inClasses(file, tool);
  const owner = inClass ? [`${canaryName(random, "pascal")}Test`] : [];
  const bodies = inClass ? selfBodies(random) : plainBodies(random, file.names.includes("pytest"));
  const firstFails = drawPhase(random);
  const drawn = [firstFails, otherPhase(firstFails)].map((failsIn) => ({
    name: `test_${canaryName(random, "snake")}`,
    failsIn,
    body: bodies.splice(random.integer(bodies.length), 1)[0],
  }));
  const text = (phase: Phase): string => {
    const tests = drawn.map(({ name, failsIn, body }) =>
      functionText(name, body?.(failsIn === phase) ?? ["pass"], inClass),
    );
    return inClass ? `${classHead(file, owner[0] ?? "")}${tests.join("\n")}` : tests.join("\n\n");
  };
  return {
    canaries: drawn.map(({ name, failsIn }) => ({ name, owner, failsIn })),
    texts: { first: text("first"), second: text("second") },
  };
}
