// Finds what to run of a C++ job: every ctest entry, and every case of the framework program an entry starts.
import { workDirectory } from "../../program.ts";
import type { Bench, Steps } from "../compiled/bench.ts";
import type { Phase } from "../compiled/phases.ts";
import type { CmakeTarget, CtestEntry } from "./cmake.ts";
import { type CaseFramework, caseCommands, listArguments, readCaseList, sourceCase } from "./frameworks.ts";
import type { CppPlan, PlannedFile } from "./plan.ts";

/** One process to run: a ctest entry, or one case of the framework program it starts. */
export interface Unit {
  readonly id: string;
  readonly entry: CtestEntry;
  readonly argv: readonly string[];
  readonly caseFramework?: CaseFramework;
  readonly maySkip: boolean;
  readonly file?: string;
  readonly twinPhase?: Phase;
  readonly isCanary: boolean;
}

export function plannedFiles(plan: CppPlan, target: CmakeTarget): PlannedFile[] {
  return target.sources.flatMap((path) => plan.files.get(path.slice(workDirectory.length + 1)) ?? []);
}

function fileWithMain(plan: CppPlan, target: CmakeTarget | undefined): string | undefined {
  const sources = target === undefined ? [] : [...target.sources, ...target.linked];
  const paths = sources.map((path) => path.slice(workDirectory.length + 1));
  return paths.find((path) => plan.files.get(path)?.hasMain === true);
}

function programUnit(plan: CppPlan, entry: CtestEntry, target: CmakeTarget | undefined): Unit {
  const file = fileWithMain(plan, target);
  const phase = file === undefined ? undefined : plan.files.get(file)?.twinPhase;
  // A failure that is wanted, or read from words, turns the twin's meaning round.
  const plainStatus = !entry.willFail && entry.passPatterns.length === 0;
  return {
    id: entry.name,
    entry,
    argv: entry.command ?? [],
    maySkip: true,
    isCanary: false,
    ...(file === undefined ? {} : { file }),
    ...(phase !== undefined && plainStatus ? { twinPhase: phase } : {}),
  };
}

/** What the entries of one phase are looked at with. */
export interface View {
  readonly bench: Bench;
  readonly plan: CppPlan;
  readonly targets: readonly CmakeTarget[];
  /** Environment of the ctest command itself. */
  readonly env: Readonly<Record<string, string>>;
}

function* listed(
  view: View,
  { framework, argv }: { framework: CaseFramework; argv: readonly string[] },
  entry: CtestEntry,
): Steps<string[]> {
  for (const words of listArguments[framework]) {
    const { outcome, stdout } = yield* view.bench.run({
      label: `list ${entry.name}`,
      argv: [...argv, ...words],
      cwd: entry.cwd,
      env: { ...view.env, ...entry.env },
    });
    const names = readCaseList(framework, stdout);
    // Catch2 answers a list with the number of cases as its status.
    if (names.length > 0 && outcome.kind === "exited") return [...new Set(names)];
  }
  return [];
}

/** The command whose own list is that case and no other. */
function* commandOf(
  view: View,
  { framework, name }: { framework: CaseFramework; name: string },
  entry: CtestEntry,
): Steps<readonly string[] | undefined> {
  const commands = caseCommands(framework, entry.command ?? [], name);
  if (commands.length < 2) return commands[0];
  for (const argv of commands) {
    const names = yield* listed(view, { framework, argv }, entry);
    if (names.length === 1 && names[0] === name) return argv;
  }
  return undefined;
}

function* caseUnits(
  view: View,
  { framework, files, names }: { framework: CaseFramework; files: readonly PlannedFile[]; names: string[] },
  entry: CtestEntry,
): Steps<Unit[]> {
  const units: Unit[] = [];
  for (const name of names) {
    const argv = yield* commandOf(view, { framework, name }, entry);
    if (argv === undefined) continue;
    const owner = files.find(({ cases }) => cases.has(sourceCase(framework, name)));
    const planned = owner?.cases.get(sourceCase(framework, name));
    // An entry made for this case alone keeps its name.
    const isOwn = names.length === 1 && (entry.command?.length ?? 0) > 1;
    units.push({
      id: isOwn ? entry.name : `${entry.name}::${name}`,
      entry,
      argv,
      caseFramework: framework,
      maySkip: owner?.mentionsSkip ?? true,
      isCanary: planned?.isCanary ?? false,
      ...(planned === undefined ? {} : { file: planned.file }),
      ...(planned?.twinPhase === undefined ? {} : { twinPhase: planned.twinPhase }),
    });
  }
  return units;
}

/** Everything an entry stands for; nothing for one that is disabled or was not built. */
export function* unitsOf(view: View, entry: CtestEntry): Steps<Unit[]> {
  const { plan, targets } = view;
  if (entry.disabled || entry.command === undefined) return [];
  const [program = ""] = entry.command;
  const target = targets.find(({ executable }) => entry.command?.includes(executable));
  const files = target === undefined ? [] : plannedFiles(plan, target);
  const framework = files.map((file) => file.framework).find((each) => each !== "plain");
  const hasCases = files.some(({ cases }) => cases.size > 0);
  if (framework === undefined || !hasCases || target?.executable !== program) {
    return [programUnit(plan, entry, target)];
  }
  const names = yield* listed(view, { framework, argv: entry.command }, entry);
  if (names.length === 0) return [programUnit(plan, entry, target)];
  return yield* caseUnits(view, { framework, files, names }, entry);
}
