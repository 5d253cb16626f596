// What the inventory script says about the tests of trusted files, read strictly.
import { z } from "zod";

const literal = z.strictObject({
  /** `blank`: inside empty brackets, `value` says what goes there, # being a digit. `type`: what must be raised. */
  kind: z.enum(["number", "text", "blank", "type"]),
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  value: z.string(),
});
const edit = z.strictObject({ from: z.int().nonnegative(), to: z.int().nonnegative(), text: z.string() });
const quiet = z.strictObject({
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  /** Line breaks inside the statement: they are kept, so that no line moves. */
  lines: z.int().nonnegative(),
});
const addition = z.strictObject({
  at: z.int().nonnegative(),
  form: z.enum(["before", "after", "line-before", "line-after"]),
  indent: z.string(),
});

const sitesSchema = z.strictObject({
  literals: z.array(literal),
  /** The expected value in every row of a parametrized test. `single`: every row is one test. */
  rows: z.array(literal.extend({ single: z.boolean() })),
  contraries: z.array(z.array(edit)),
  /** What plain `assert` statements ask. */
  conditions: z.array(z.strictObject({ from: z.int().nonnegative(), to: z.int().nonnegative() })),
  quiets: z.array(quiet),
  addition: addition.nullable(),
  usesSelf: z.boolean(),
});

const testSchema = z.strictObject({
  name: z.string(),
  /** Classes around it, outermost first; empty for a function of the module. */
  owner: z.array(z.string()),
  line: z.int(),
  /** Null for a test that no twin can be made of. */
  sites: sitesSchema.nullable(),
});

export const inventorySchema = z.array(
  z.strictObject({
    path: z.string(),
    error: z.string().nullable(),
    text: z.string(),
    tests: z.array(testSchema),
    /** Which of `unittest`, `pytest` and `unittest.TestCase` the module imports by name. */
    names: z.array(z.string()),
  }),
);

export type Sites = z.infer<typeof sitesSchema>;
export type TestFunction = z.infer<typeof testSchema>;
export type TestFile = z.infer<typeof inventorySchema>[number];

/** Files by the script's answer; undefined when it is not one, which is a fault of the image and no contestant's. */
export function readInventory(stdout: string): TestFile[] | undefined {
  try {
    return inventorySchema.parse(JSON.parse(stdout));
  } catch {
    return undefined;
  }
}
