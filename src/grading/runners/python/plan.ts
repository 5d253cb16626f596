// Decides which text every trusted Python test file has in each of the two phases.
import type { Random } from "../../../domain/random.ts";
import { applyChanges } from "../compiled/mask.ts";
import { drawPhase, otherPhase, type Phase } from "../compiled/phases.ts";
import { fileCanaries, type PlannedCanary } from "./canaries.ts";
import type { TestFile } from "./inventory.ts";
import { type Sabotage, sabotage } from "./sabotage.ts";

export interface PlannedFile {
  readonly path: string;
  readonly original: string;
  readonly texts: Readonly<Record<Phase, string>>;
  readonly canaries: readonly PlannedCanary[];
  /** `Class::test_name` or `test_name` of every test found in the text; true for one that has a twin. */
  readonly twinned: ReadonlyMap<string, boolean>;
  /** In which phase each row of a parametrized test is a twin, where every row has a coin of its own. */
  readonly rowPhases: ReadonlyMap<string, readonly Phase[]>;
}

export interface PythonPlan {
  readonly files: ReadonlyMap<string, PlannedFile>;
  /** In which phase the functions of this name are twins: results of inherited tests are told apart by name. */
  readonly twinPhase: ReadonlyMap<string, Phase>;
}

export const functionKey = (owner: readonly string[], name: string): string => [...owner, name].join("::");

/**
 * A coin for every row: code that can answer one row by itself would otherwise learn from it whether all of them are
 * changed, and so which answer the others want. Two rows at least differ.
 */
function drawRows(
  change: Sabotage | undefined,
  { selects, random, from }: { selects: boolean; random: Random; from: Phase | undefined },
): readonly Phase[] | undefined {
  if (change?.rows !== true || selects || from === undefined) return undefined;
  const rows = change.edits.map(() => drawPhase(random));
  if (rows.length > 1 && new Set(rows).size === 1)
    rows[random.integer(rows.length)] = otherPhase(rows[0] ?? from);
  return rows;
}

function planFile(
  file: TestFile,
  twinPhase: ReadonlyMap<string, Phase>,
  { tool, random, twins, selects = false }: PlanOptions,
): PlannedFile {
  const changes = file.tests.map((test) => ({
    test,
    change:
      test.sites === null
        ? undefined
        : sabotage(test.sites, twins.fork(`${file.path} ${functionKey(test.owner, test.name)}`)),
  }));
  const rowPhases = new Map(
    changes.flatMap(({ test, change }) => {
      const drawn = drawRows(change, { selects, random, from: twinPhase.get(test.name) });
      return drawn === undefined ? [] : [[functionKey(test.owner, test.name), drawn] as const];
    }),
  );
  const own = fileCanaries(file, tool, random);
  const glue = file.text.endsWith("\n") ? "\n\n" : "\n\n\n";
  const text = (phase: Phase): string => {
    const due = changes.flatMap(({ test, change }) => {
      const rows = rowPhases.get(functionKey(test.owner, test.name));
      return (change?.edits ?? []).filter((_, row) => (rows?.[row] ?? twinPhase.get(test.name)) === phase);
    });
    return `${applyChanges(file.text, due)}${glue}${own.texts[phase]}`;
  };
  return {
    path: file.path,
    original: file.text,
    texts: { first: text("first"), second: text("second") },
    canaries: own.canaries,
    rowPhases,
    twinned: new Map(
      changes.map(({ test, change }) => [functionKey(test.owner, test.name), change !== undefined] as const),
    ),
  };
}

export interface PlanOptions {
  readonly tool: "pytest" | "unittest";
  /** Phases and canaries. */
  readonly random: Random;
  /** What turns a test into its twin. */
  readonly twins: Random;
  /** The command chooses among tests, perhaps among rows. */
  readonly selects?: boolean;
}

/** Names under which the tools look for tests unless a repository says otherwise. */
const usualName: Readonly<Record<PlanOptions["tool"], RegExp>> = {
  pytest: /(^|\/)(test_[^/]*|[^/]*_test|tests?)\.py$/,
  unittest: /(^|\/)test[^/]*\.py$/,
};

/**
 * Files the tool collects. Others below a test folder are helpers and data with functions that happen to be called
 * `test`: a change there would break honest tests. Where no file has a usual name the repository has its own rule.
 */
function collected(files: readonly TestFile[], tool: PlanOptions["tool"]): readonly TestFile[] {
  const usual = files.filter(({ path }) => usualName[tool].test(path));
  return usual.length > 0 ? usual : files;
}

/** Plans one run. Files that are not collected, or hold no test of the usual name, are left alone. */
export function planPython(files: readonly TestFile[], options: PlanOptions): PythonPlan {
  const sound = files.filter(({ error, tests }) => error === null && tests.length > 0);
  const usable = collected(sound, options.tool);
  const names = new Set(usable.flatMap(({ tests }) => tests.map(({ name }) => name)));
  const twinPhase = new Map([...names].map((name) => [name, drawPhase(options.random)] as const));
  return {
    files: new Map(usable.map((file) => [file.path, planFile(file, twinPhase, options)] as const)),
    twinPhase,
  };
}
