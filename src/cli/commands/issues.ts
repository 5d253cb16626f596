// `arena issues list|show`: what is in a set, without running anything.
import { readSet } from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import type { Instance } from "../../domain/instance.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { reportSetProblems } from "../set-problems.ts";

function title(instance: Instance): string {
  return (instance.problemStatement.split("\n")[0] ?? "").slice(0, 60);
}

export async function list(options: { readonly set: string }, context: CommandContext): Promise<ExitCode> {
  const { set, instances, problems } = await readSet(options.set);
  reportSetProblems(problems, context.out, false);
  const json = {
    schemaVersion: 1,
    set: set.name,
    version: set.version,
    sha256: set.sha256,
    instances: instances.map((instance) => ({
      instance_id: instance.instanceId,
      language: instance.language,
      repo: instance.repo,
      oracle: instance.oracle,
      panel: instance.panel.length,
      title: title(instance),
    })),
  };
  context.out.result(json, () =>
    table([
      ["instance", "language", "oracle", "panel", "title"],
      ...instances.map((each) => [
        each.instanceId,
        each.language,
        each.oracle,
        String(each.panel.length),
        title(each),
      ]),
    ]),
  );
  return problems.length > 0 ? exitCodes.belowThreshold : exitCodes.done;
}

export interface ShowOptions {
  readonly set: string;
  readonly instance: string;
  readonly reveal?: boolean;
}

function shownInstance(instance: Instance, reveal: boolean): string {
  const { ci } = instance;
  const jobs = ci.jobs.map((job) => `  ${job.name} (${job.runner}, ${job.timeoutSeconds} s): ${job.run}`);
  const head = [
    `${instance.instanceId}  ${instance.language}  ${instance.repo}@${instance.baseCommit ?? "(plain folder)"}`,
    `oracle ${instance.oracle}, panel of ${instance.panel.length}, created ${instance.createdAt || "unknown"}`,
    `image ${ci.image}, plan ${ci.source}`,
    ...ci.prepare.map((command) => `  prepare: ${command}`),
    ...jobs,
    "",
    instance.problemStatement,
  ];
  if (!reveal) return head.join("\n");
  const panel = instance.panel.map((member) => `--- panel ${member.id} (${member.label})\n${member.patch}`);
  return [
    ...head,
    "--- gold patch",
    instance.goldPatch,
    "--- hidden tests",
    instance.testPatch,
    ...panel,
  ].join("\n");
}

export async function show(options: ShowOptions, context: CommandContext): Promise<ExitCode> {
  const { instances } = await readSet(options.set);
  const instance = instances.find((each) => each.instanceId === options.instance);
  if (instance === undefined) {
    const near = instances.slice(0, 8).map((each) => each.instanceId);
    throw new UsageError(`no instance ${options.instance} in ${options.set}; it holds ${near.join(", ")}`);
  }
  const reveal = options.reveal === true;
  const { goldPatch, testPatch, panel, ...open } = instance;
  const json = reveal ? { ...open, goldPatch, testPatch, panel } : open;
  context.out.result({ schemaVersion: 1, ...json }, () => shownInstance(instance, reveal));
  return exitCodes.done;
}
