// Instances as rows that other harnesses read: what their shape has a place for, and what of ours is left behind.
import { z } from "zod";
import type { Instance } from "../domain/instance.ts";

export const exportFormats = ["swe-bench", "multi-swe-bench"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export type ExportedRow =
  | { readonly instanceId: string; readonly row: Readonly<Record<string, unknown>> }
  | { readonly instanceId: string; readonly refused: string };

/** Ours name the job a test ran in; theirs know of one job alone. */
function withoutJob(id: string, { ci }: Instance): string {
  const job = ci.jobs.find(({ name }) => id.startsWith(`${name}::`));
  return job === undefined ? id : id.slice(job.name.length + 2);
}

/** Whole jobs are checks of ours as well, and no test of theirs. */
function testsOf(ids: readonly string[], instance: Instance): string[] {
  const jobs = new Set(instance.ci.jobs.map(({ name }) => name));
  return ids.filter((id) => !jobs.has(id)).map((id) => withoutJob(id, instance));
}

function statementParts({ problemStatement }: Instance): { readonly title: string; readonly body: string } {
  const [title = "", ...rest] = problemStatement.trim().split("\n");
  return { title: title.trim(), body: rest.join("\n").trim() };
}

const licensed = z.object({ licence: z.object({ names: z.array(z.string()) }) });

/** `license_name`, as SWE-rebench has it; nothing where a licence is not known. */
function licenceField({ provenance }: Instance): { readonly license_name?: string } {
  const names = licensed.safeParse(provenance).data?.licence.names ?? [];
  return names.length === 0 || names.includes("unknown") ? {} : { license_name: names.join(", ") };
}

function sweBench(instance: Instance): ExportedRow {
  const { instanceId, repo, baseCommit, language } = instance;
  const list = (ids: readonly string[]): string => JSON.stringify(testsOf(ids, instance));
  return {
    instanceId,
    row: {
      ...{ instance_id: instanceId, repo, base_commit: baseCommit, language },
      ...{ patch: instance.goldPatch, test_patch: instance.testPatch },
      ...{ problem_statement: instance.problemStatement, hints_text: instance.hintsText },
      ...{ created_at: instance.createdAt, version: "" },
      FAIL_TO_PASS: list(instance.failToPass),
      PASS_TO_PASS: list(instance.passToPass),
      environment_setup_commit: baseCommit,
      ...licenceField(instance),
    },
  };
}

function multiSweBench(instance: Instance): ExportedRow {
  const { instanceId, repo, baseCommit, language } = instance;
  const [org = "", name = ""] = repo.split("/");
  const number = /-([1-9]\d{0,8})$/.exec(instanceId)?.[1];
  if (number === undefined) {
    const refused = "number: expected a pull request's number at the end of the id, found none";
    return { instanceId, refused };
  }
  const { title, body } = statementParts(instance);
  // Only what was seen: whether it fails or is absent without the fix, nobody is told.
  const seen = (ids: readonly string[], test: "PASS" | "FAIL") =>
    Object.fromEntries(testsOf(ids, instance).map((id) => [id, { test, fix: "PASS" }]));
  return {
    instanceId,
    row: {
      ...{ org, repo: name, number: Number(number), state: "closed", title, body, language },
      // Which branch it was is not known: only the commit is.
      base: { label: `${org}:unknown`, ref: "unknown", sha: baseCommit },
      resolved_issues: [{ number: 0, title, body }],
      ...{ fix_patch: instance.goldPatch, test_patch: instance.testPatch, hints: instance.hintsText },
      ...{ created_at: instance.createdAt, instance_id: instanceId },
      f2p_tests: seen(instance.failToPass, "FAIL"),
      p2p_tests: seen(instance.passToPass, "PASS"),
    },
  };
}

/** Plan, panel, oracle and the rest of provenance have no place in either shape: whoever brings the rows back finds a plan anew. */
export function exportedRow(instance: Instance, format: ExportFormat): ExportedRow {
  const { instanceId, repo, baseCommit } = instance;
  if (baseCommit === undefined || !/^[^/]+\/[^/]+$/.test(repo)) {
    const refused = `expected a repository as owner/name at a commit, found ${repo} at ${baseCommit ?? "no commit"}`;
    return { instanceId, refused };
  }
  return format === "swe-bench" ? sweBench(instance) : multiSweBench(instance);
}
