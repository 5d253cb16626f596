// Decides, before anything is built, which text every Rust file has in each of the two phases.
import type { Random } from "../../../domain/random.ts";
import { canaryName } from "../../canary-names.ts";
import { applyChanges, type Change } from "../compiled/mask.ts";
import { drawPhase, otherPhase, type Phase, phases } from "../compiled/phases.ts";
import { rustCanary, withCanaries } from "./canaries.ts";
import { sabotage } from "./sabotage.ts";
import { type RustFile, scanRust } from "./scan.ts";

export interface PlannedCanary {
  readonly name: string;
  /** Root file of the target it belongs to. */
  readonly root: string;
  readonly failsIn: Phase;
}

export interface RustPlan {
  /** Original text by path, of every file that is changed. */
  readonly originals: ReadonlyMap<string, string>;
  readonly texts: Readonly<Record<Phase, ReadonlyMap<string, string>>>;
  /** In which phase the functions of this name are twins; a name that is absent has none. */
  readonly twinPhase: ReadonlyMap<string, Phase>;
  readonly canaries: readonly PlannedCanary[];
  /** Files that hold a test function of this name. */
  readonly filesOf: ReadonlyMap<string, readonly string[]>;
  /** Roots that are compiled to nothing, canaries and all, where a condition does not hold (`#![cfg(...)]`). */
  readonly conditional: ReadonlySet<string>;
}

export interface TargetRoot {
  readonly path: string;
  /** A test file takes canaries as they are, any other root in a module of their own. */
  readonly isTestFile: boolean;
}

interface PlannedFile {
  readonly file: RustFile;
  readonly changes: ReadonlyMap<string, Change>;
}

export interface RustDraws {
  /** Leave the tests' own assertions as they are: the others did not compile. */
  readonly gentle: boolean;
  /** Phases and canaries. */
  readonly random: Random;
  /** What turns a test into its twin. */
  readonly twins: Random;
}

/** A name has twins only if every function of that name can be changed: results are told apart by name. */
function planTwins(files: ReadonlyMap<string, RustFile>, { gentle, random, twins }: RustDraws) {
  const planned = new Map<string, PlannedFile>();
  const unusable = new Set<string>();
  const filesOf = new Map<string, string[]>();
  for (const [path, file] of files) {
    const changes = new Map<string, Change>();
    for (const test of file.tests) {
      const change = sabotage(file, test, { gentle, random: twins.fork(`${path} ${test.name}`) });
      if (change === undefined || changes.has(test.name)) unusable.add(test.name);
      else changes.set(test.name, change);
      filesOf.set(test.name, [...(filesOf.get(test.name) ?? []), path]);
    }
    planned.set(path, { file, changes });
  }
  const twinPhase = new Map<string, Phase>();
  for (const name of filesOf.keys()) if (!unusable.has(name)) twinPhase.set(name, drawPhase(random));
  return { planned, twinPhase, filesOf };
}

function phaseText({ file, changes }: PlannedFile, twins: ReadonlyMap<string, Phase>, phase: Phase): string {
  const due = [...changes].filter(([name]) => twins.get(name) === phase).map(([, change]) => change);
  return applyChanges(file.source, due);
}

const isConditional = (masked: string): boolean => /#!\[\s*cfg\s*\(/.test(masked);

interface RootCanaries {
  readonly planned: readonly PlannedCanary[];
  readonly moduleName: string | undefined;
  readonly texts: Readonly<Record<Phase, readonly string[]>>;
}

function planCanaries(root: TargetRoot, source: string, random: Random): RootCanaries {
  const noStd = /#!\[\s*no_std\s*\]/.test(source);
  const phase = drawPhase(random);
  // One of each kind in every phase, so that every binary always has a test that must fail.
  const drawn = [phase, otherPhase(phase)].map((failsIn) => ({
    failsIn,
    canary: rustCanary(canaryName(random, "snake"), random, noStd),
  }));
  const inPhase = (current: Phase): string[] =>
    drawn.map(({ failsIn, canary }) => (failsIn === current ? canary.failing : canary.passing));
  return {
    planned: drawn.map(({ failsIn, canary }) => ({ name: canary.name, root: root.path, failsIn })),
    moduleName: root.isTestFile ? undefined : canaryName(random, "snake"),
    texts: { first: inPhase("first"), second: inPhase("second") },
  };
}

export interface RustSources {
  /** Every file with tests and every root, by path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly roots: readonly TargetRoot[];
}

/** Plans one run; nothing is read or written here. */
export function planRust({ texts: sources, roots }: RustSources, draws: RustDraws): RustPlan {
  const scanned = new Map([...sources].map(([path, source]) => [path, scanRust(source)] as const));
  const { planned, twinPhase, filesOf } = planTwins(scanned, draws);
  const canaries: PlannedCanary[] = [];
  const texts = { first: new Map<string, string>(), second: new Map<string, string>() };
  for (const [path, file] of planned) {
    const root = roots.find((candidate) => candidate.path === path);
    const own = root === undefined ? undefined : planCanaries(root, file.file.source, draws.random);
    if (own === undefined && file.changes.size === 0) continue;
    canaries.push(...(own?.planned ?? []));
    for (const phase of phases) {
      const text = phaseText(file, twinPhase, phase);
      texts[phase].set(path, own === undefined ? text : withCanaries(text, own.texts[phase], own.moduleName));
    }
  }
  const originals = new Map([...texts.first.keys()].map((path) => [path, sources.get(path) ?? ""] as const));
  const conditional = new Set(
    roots.map(({ path }) => path).filter((path) => isConditional(scanned.get(path)?.masked ?? "")),
  );
  return { originals, texts, twinPhase, canaries, filesOf, conditional };
}
