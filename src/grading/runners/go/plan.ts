// Decides which text every test file of a Go package has in each of the two phases.
import type { Random } from "../../../domain/random.ts";
import { applyChanges } from "../compiled/mask.ts";
import { drawPhase, type Phase } from "../compiled/phases.ts";
import { fileCanaries, type GoCanary } from "./canaries.ts";
import type { GoPackage } from "./packages.ts";
import { sabotage } from "./sabotage.ts";
import { type GoFile, scanGo } from "./scan.ts";

export interface PlannedTest {
  readonly name: string;
  readonly file: string;
  /** Absent for a test that no twin can be made of. */
  readonly twinPhase: Phase | undefined;
}

export interface PackagePlan {
  readonly package: GoPackage;
  readonly originals: ReadonlyMap<string, string>;
  readonly texts: Readonly<Record<Phase, ReadonlyMap<string, string>>>;
  readonly tests: ReadonlyMap<string, PlannedTest>;
  readonly canaries: readonly GoCanary[];
}

export interface PlanOptions {
  /** Phases and canaries. */
  readonly random: Random;
  /** What turns a test into its twin. */
  readonly twins: Random;
  /** Only added statements: the package's other twins did not compile. */
  readonly gentle: boolean;
}

interface PlannedFile {
  readonly path: string;
  readonly texts: Readonly<Record<Phase, string>>;
  readonly tests: readonly PlannedTest[];
  readonly canaries: readonly GoCanary[];
}

function planFile(
  path: string,
  file: GoFile,
  taken: (name: string) => boolean,
  options: PlanOptions,
): PlannedFile {
  const { random, twins, gentle } = options;
  const drawn = file.tests.map((test) => ({
    test,
    change: sabotage(file, test, { random: twins.fork(`${path} ${test.name}`), gentle }),
    phase: drawPhase(random),
  }));
  const own =
    file.importsTesting && file.tests.some(({ kind }) => kind === "Test")
      ? fileCanaries(random, taken)
      : undefined;
  const glue = file.source.endsWith("\n") ? "\n" : "\n\n";
  const text = (phase: Phase): string => {
    const due = drawn.flatMap((each) =>
      each.phase === phase && each.change !== undefined ? [each.change] : [],
    );
    const changed = applyChanges(file.source, due);
    return own === undefined ? changed : `${changed}${glue}${own.texts[phase]}`;
  };
  return {
    path,
    texts: { first: text("first"), second: text("second") },
    tests: drawn.map(({ test, change, phase }) => ({
      name: test.name,
      file: path,
      twinPhase: change === undefined ? undefined : phase,
    })),
    canaries: own?.canaries ?? [],
  };
}

/** Plans one package from the texts of its test files. */
export function planPackage(
  of: GoPackage,
  sources: ReadonlyMap<string, string>,
  options: PlanOptions,
): PackagePlan {
  const all = of.testFiles.flatMap((path) => {
    const text = sources.get(path);
    return text === undefined ? [] : [[path, scanGo(text)] as const];
  });
  const taken = (name: string): boolean =>
    all.some(([, { masked }]) => new RegExp(`\\b${name}\\b`).test(masked));
  const files = all.map(([path, file]) => planFile(path, file, taken, options));
  return {
    package: of,
    originals: new Map(all.map(([path, { source }]) => [path, source] as const)),
    texts: {
      first: new Map(files.map(({ path, texts }) => [path, texts.first] as const)),
      second: new Map(files.map(({ path, texts }) => [path, texts.second] as const)),
    },
    tests: new Map(files.flatMap(({ tests }) => tests.map((test) => [test.name, test] as const))),
    canaries: files.flatMap(({ canaries }) => canaries),
  };
}
