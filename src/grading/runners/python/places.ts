// Finds the function behind a test id among the trusted files, from the id alone: what the process says is not asked.
import { functionKey, type PlannedFile, type PythonPlan } from "./plan.ts";

export interface Place {
  readonly file: PlannedFile | undefined;
  /** Name of the function without classes and parameters. */
  readonly name: string;
  /** Key into the file's `twinned`: inherited tests have none. */
  readonly key: string;
}

/** The one path that is `wanted` or ends in it after a separator. */
function bySuffix(
  plan: PythonPlan,
  wanted: string,
  spelled: (path: string) => string,
): PlannedFile | undefined {
  const ends = (path: string): boolean => {
    const text = spelled(path);
    return text === wanted || text.endsWith(`/${wanted}`) || text.endsWith(`.${wanted}`);
  };
  const files = [...plan.files.values()].filter(({ path }) => ends(path));
  return files.find(({ path }) => spelled(path) === wanted) ?? (files.length === 1 ? files[0] : undefined);
}

/** `tests/test_a.py::TestB::test_c[1-x::y]`. */
export function pytestPlace(plan: PythonPlan, id: string): Place {
  const plain = id.split("[", 1)[0] ?? id;
  const [path = "", ...names] = plain.split("::");
  const name = names.at(-1) ?? "";
  return { file: bySuffix(plan, path, (each) => each), name, key: functionKey(names.slice(0, -1), name) };
}

const dotted = (path: string): string => path.replace(/(\/__init__)?\.py$/, "").replaceAll("/", ".");

/** `tests.test_a.CaseB.test_c`: where the module ends and the classes begin is tried out, longest module first. */
export function unittestPlace(plan: PythonPlan, id: string): Place {
  const parts = id.split(".");
  const name = parts.at(-1) ?? "";
  for (let end = parts.length - 2; end > 0; end -= 1) {
    const file = bySuffix(plan, parts.slice(0, end).join("."), dotted);
    if (file !== undefined) return { file, name, key: functionKey(parts.slice(end, -1), name) };
  }
  return { file: undefined, name, key: name };
}
