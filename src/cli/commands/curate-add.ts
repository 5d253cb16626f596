// `arena curate add`: one change, by its two commits in a clone or by its pull request, through every stage.
import { readFile } from "node:fs/promises";
import {
  addSources,
  type ChangeSource,
  endedIn,
  type MineSource,
  minedRow,
  type RowEnd,
  readKept,
  type ValidatedRow,
  validatedRow,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { claimCuration, linkClone } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { pullSource } from "../github-sources.ts";
import { table } from "../output.ts";
import { type StageOptions, told } from "./curate-all.ts";
import { auditStep } from "./curate-audit.ts";
import { environmentStep } from "./curate-environment.ts";
import { freezeStep } from "./curate-freeze.ts";
import { cloneAt, commitNamed, mineSources } from "./curate-mine.ts";
import { splitStep } from "./curate-split.ts";
import { validateStep } from "./curate-validate.ts";

export interface CurateAddOptions extends Omit<StageOptions, "messages" | "only"> {
  readonly clone?: string;
  readonly fix?: string;
  /** owner/name#number. */
  readonly pull?: string;
  readonly base?: string;
  readonly issue?: string;
  readonly out?: string;
  readonly name?: string;
  readonly setVersion: string;
  readonly licences: string;
}

/** A title, maybe as a heading, and what follows. @throws UsageError where there is neither */
function issueIn(path: string, text: string): { readonly title: string; readonly body: string } {
  const [first = "", ...rest] = text.replaceAll("\r\n", "\n").trim().split("\n");
  const title = first.replace(/^#+\s*/, "").trim();
  if (title === "")
    throw new UsageError(`${path}: expected the issue's title in the first line, found nothing`);
  return { title, body: rest.join("\n").trim() };
}

/** @throws UsageError where what is to be added is said in no way, or in two */
async function addedSource(
  options: CurateAddOptions,
): Promise<{ readonly source: MineSource; readonly id: string }> {
  const { folder, clone, fix, pull } = options;
  const own = ["clone", "fix", "base", "issue"] as const;
  const said = own.filter((name) => options[name] !== undefined);
  if (pull !== undefined && said.length > 0)
    throw new UsageError(`expected --pull alone, found --${said.join(" and --")} beside it`);
  if (pull !== undefined) return await pullSource(options, pull);
  if (clone === undefined || fix === undefined)
    throw new UsageError("expected --clone and --fix, or --pull owner/name#number");
  const source = await sourceOf(options, { clone, fix });
  await linkClone(folder, source.repo, source.path);
  return { source, id: source.id };
}

async function sourceOf(
  options: CurateAddOptions,
  given: { readonly clone: string; readonly fix: string },
): Promise<ChangeSource> {
  const { repo, path } = await cloneAt(given.clone);
  const fix = await commitNamed(path, given.fix);
  const base = await commitNamed(path, options.base ?? `${fix}^`);
  const { issue } = options;
  const text =
    issue === undefined
      ? undefined
      : await readFile(issue, "utf8").catch((cause: unknown) => {
          throw new UsageError(`expected the issue's text in ${issue}, found no file`, { cause });
        });
  return {
    ...{ kind: "change", id: `${repo.replace("/", "__")}-${fix.slice(0, 12)}`, repo, path, base, fix },
    ...(issue === undefined || text === undefined ? {} : { issue: issueIn(issue, text) }),
  };
}

function endText(end: RowEnd): string {
  const by = `${end.id}, by ${end.stage}`;
  if (end.kind === "fault") return table([["not asked", `${by}: ${end.message}`]]);
  return table([
    ["rejected", `${by}: ${end.reason}`],
    ["", end.detail],
  ]);
}

interface Added {
  readonly kind: "kept";
  readonly id: string;
  readonly image: string;
  readonly failToPass: readonly string[];
  readonly passToPass: readonly string[];
}

function addedOf({ id, environment, validation }: ValidatedRow): Added {
  const { failToPass, passToPass } = validation;
  return { kind: "kept", id, image: environment.ci.image, failToPass, passToPass };
}

function addedText({ id, image, failToPass, passToPass }: Added, frozen: readonly string[]): string {
  const more = failToPass.length > 5 ? " …" : "";
  return table([
    ["kept", id],
    ["image", image],
    ["fail to pass", `${failToPass.length}: ${failToPass.slice(0, 5).join(", ")}${more}`],
    ["pass to pass", String(passToPass.length)],
    ...(frozen.length === 0 ? [] : [frozen]),
  ]);
}

/** Every stage until one does not keep it. @throws UsageError where a repository is called otherwise by now */
async function endOf(
  { id, source }: { readonly id: string; readonly source: string },
  options: CurateAddOptions,
  context: CommandContext,
): Promise<RowEnd | undefined> {
  const { folder } = options;
  const own: StageOptions = { ...options, messages: "never", only: id };
  const steps = [
    ["mine", mineSources],
    ["split", splitStep],
    ["environment", environmentStep],
    ["validate", validateStep],
    ["audit", auditStep],
  ] as const;
  for (const [stage, step] of steps) {
    told(context, folder, await step(own, context));
    // Kept first: where the folder mines its whole repository too it is also put aside, as listed twice.
    if (stage === "mine" && (await readKept(folder, "mine", minedRow)).some((row) => row.id === id)) continue;
    const end = (await endedIn(folder, stage, id)) ?? (await endedIn(folder, stage, source));
    if (end !== undefined) return end;
    if (stage !== "mine") continue;
    throw new UsageError(
      `${source}: expected a row ${id}, found none: its repository is called otherwise by now, name it so`,
    );
  }
  return undefined;
}

/** Exit code 4 where the change makes no instance, and why is printed. */
export async function curateAdd(options: CurateAddOptions, context: CommandContext): Promise<ExitCode> {
  const { folder, out } = options;
  await using _ = await claimCuration(folder);
  const { source, id } = await addedSource(options);
  await addSources(folder, [source]);
  const end = await endOf({ id, source: source.id }, options, context);
  if (end !== undefined) {
    context.out.result({ schemaVersion: 1, ...end }, () => endText(end));
    return end.kind === "fault" ? exitCodes.fault : exitCodes.belowThreshold;
  }
  const row = (await readKept(folder, "validate", validatedRow)).find((each) => each.id === id);
  if (row === undefined) throw new Error(`${id} was kept by validate and is not among its rows`);
  const added = addedOf(row);
  const frozen = out === undefined ? undefined : await freezeStep({ ...options, out }, context);
  const set = frozen === undefined ? {} : { set: frozen.set, out };
  const words =
    frozen === undefined
      ? []
      : ["set", `${out}: version ${frozen.set.version}, ${frozen.set.instances} instances`];
  context.out.result({ schemaVersion: 1, ...added, ...set }, () => addedText(added, words));
  return exitCodes.done;
}
