// Tests of ours for every Rust test target: one text passes, its sibling fails, and nothing else tells them apart.
import type { Random } from "../../../domain/random.ts";

interface Shape {
  readonly attribute: string;
  readonly result: string;
  readonly body: (fails: boolean) => string;
  readonly needsStd?: true;
}

// Only the prelude of `core` is used, so that a `no_std` crate compiles them; numbers go through `parse` because a
// compiler would reject an index or a comparison that it can see to be wrong.
function shapes(random: Random): Shape[] {
  const count = 2 + random.integer(30);
  const parsed = `"${count}".parse::<usize>().unwrap_or(0)`;
  const plain = { attribute: "#[test]", result: "" };
  return [
    { ...plain, body: (fails) => `assert_eq!(${parsed} * 2, ${count * 2 + (fails ? 1 : 0)});` },
    { ...plain, body: (fails) => `assert!(${parsed} ${fails ? ">" : "<="} ${count});` },
    { ...plain, body: (fails) => `assert_ne!(${parsed}, ${fails ? count : count + 1});` },
    { ...plain, body: (fails) => `if ${parsed} ${fails ? "==" : "!="} ${count} { panic!("wrong count"); }` },
    {
      ...plain,
      body: (fails) =>
        `let found = [1usize, ${count}].iter().position(|&value| value == ${parsed} + ${fails ? 1 : 0}).unwrap(); assert_eq!(found, 1);`,
    },
    {
      ...plain,
      body: (fails) => `let row = [1u8; ${count}]; assert_eq!(row[${parsed} - ${fails ? 0 : 1}], 1);`,
    },
    { ...plain, body: (fails) => `"${count}${fails ? "x" : ""}".parse::<usize>().expect("a number");` },
    {
      attribute: "#[test]\n#[should_panic]",
      result: "",
      body: (fails) => `assert_eq!(${parsed}, ${fails ? count : count + 1});`,
    },
    {
      attribute: "#[test]",
      result: " -> Result<(), std::num::ParseIntError>",
      body: (fails) => `"${count}${fails ? "-" : ""}".parse::<usize>().map(|_| ())`,
      needsStd: true,
    },
  ];
}

/** A canary test in both forms: what one compiles to must fail, the other must pass. */
export interface Canary {
  readonly name: string;
  readonly passing: string;
  readonly failing: string;
}

export function rustCanary(name: string, random: Random, noStd: boolean): Canary {
  const usable = shapes(random).filter((shape) => !(noStd && shape.needsStd === true));
  const shape = usable[random.integer(usable.length)];
  if (shape === undefined) throw new Error("bug: no canary shape is left");
  const text = (fails: boolean): string =>
    `${shape.attribute}\nfn ${name}()${shape.result} {\n    ${shape.body(fails)}\n}\n`;
  return { name, passing: text(false), failing: text(true) };
}

/** Appends tests to a target's root: at its end, in a module of their own where the file is not a test file. */
export function withCanaries(
  source: string,
  tests: readonly string[],
  moduleName: string | undefined,
): string {
  const text = tests.join("\n");
  const glue = source.endsWith("\n") ? "\n" : "\n\n";
  if (moduleName === undefined) return `${source}${glue}${text}`;
  return `${source}${glue}#[cfg(test)]\nmod ${moduleName} {\n${text}}\n`;
}
