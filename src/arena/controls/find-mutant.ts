// Finds the mutant control's patch: gold with one seeded defect that compiles, breaks nothing visible, and shows.
import { seededRandom, shuffled } from "../../domain/random.ts";
import { checksById, type RunReport } from "../../domain/report.ts";
import type { Case } from "../case.ts";
import type { Runs } from "../runs.ts";
import { type Mutation, mutationsOf, omissionsOf, withMutation } from "./mutate.ts";

/** Sandbox runs are dear: a gold patch whose first mutants all go unnoticed has no mutant control. */
const maxTries = 12;

interface Place {
  readonly path: string;
  readonly text: string;
  readonly mutation: Mutation;
}

/** Lines of `after` that `before` has not, 1-based. */
function addedLines(before: string, after: string): number[] {
  const old = new Set(before.split("\n"));
  return after.split("\n").flatMap((line, index) => (old.has(line) ? [] : [index + 1]));
}

async function places(of: Case, seed: string): Promise<Place[]> {
  const random = seededRandom(`${seed} mutant ${of.instance.instanceId}`);
  const found: Place[] = [];
  for (const path of of.goldPaths) {
    const text = (await of.repository.readFile(of.goldTree, path))?.toString("utf8");
    if (text === undefined) continue;
    const before = (await of.repository.readFile(of.baseTree, path))?.toString("utf8") ?? "";
    const lines = addedLines(before, text);
    const omissions = omissionsOf(text, lines, of.instance.language);
    const mutations = [...mutationsOf(text, lines, random), ...omissions];
    found.push(...mutations.map((mutation) => ({ path, text, mutation })));
  }
  return shuffled(found, random);
}

function builds(report: RunReport): boolean {
  return !report.jobs.some((job) => job.incidents.some((incident) => incident.kind === "build-failed"));
}

function differs(gold: RunReport, mutant: RunReport): boolean {
  const after = checksById(mutant);
  return [...checksById(gold)].some(
    ([id, check]) => check.status === "passed" && after.get(id)?.status !== "passed",
  );
}

/** The mutant's tree, preferably one no visible check notices; or undefined when none of the tried defects compiles and changes a check. */
export async function findMutant(of: Case, runs: Runs, seed: string): Promise<string | undefined> {
  const hidden = (tree: string) => of.repository.withFiles(tree, of.hidden);
  const single = { comparison: "single", repeat: 1, withLint: false } as const;
  const gold = await runs.run(of, { ...single, name: "G+H", tree: await hidden(of.goldTree) });
  const visible = await runs.run(of, { ...single, name: "G", tree: of.goldTree, withLint: true });
  let broken: string | undefined;
  for (const { path, text, mutation } of (await places(of, seed)).slice(0, maxTries)) {
    const files = new Map([[path, Buffer.from(withMutation(text, mutation))]]);
    const tree = await of.repository.withFiles(of.goldTree, files);
    const mutant = await runs.run(of, { ...single, name: "mutant+H", tree: await hidden(tree) });
    if (!builds(mutant.judged.report) || !differs(gold.judged.report, mutant.judged.report)) continue;
    // A defect the visible tests catch is an invalid submission: it would teach nothing about reviewers.
    const seen = await runs.run(of, { ...single, name: "mutant", tree, withLint: true });
    if (!differs(visible.judged.report, seen.judged.report)) return tree;
    broken ??= tree;
  }
  return broken;
}
