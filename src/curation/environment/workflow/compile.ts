// Compiles a repository's own workflows into jobs of a plan, named as the host names them; the rest is told by name.
import type { MappingToken } from "@actions/workflow-parser/templates/tokens/mapping-token";
import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import {
  isBasicExpression,
  isMapping,
  isSequence,
} from "@actions/workflow-parser/templates/tokens/type-guards";
import type { CiPlan, Language } from "../../../domain/instance.ts";
import { workDirectory } from "../../../grading/index.ts";
import { actionUse, mergeRef } from "./actions.ts";
import { type CalledWorkflow, calledWorkflow, mostCalls } from "./called.ts";
import { commandsOf, stepFolder } from "./commands.ts";
import { asText, holds, type Mapping, plain, type Scope, type Value } from "./expressions.ts";
import { type PlannedJob, plannedJob, type StepCommand } from "./job.ts";
import { type Leg, legName, legsOf } from "./matrix.ts";
import { parseWorkflowFile } from "./parse.ts";
import { Unsupported } from "./unsupported.ts";

export interface WorkflowInput {
  /** Workflow files of the base tree, by path. */
  readonly workflows: ReadonlyMap<string, string>;
  /** Every path of the base tree. */
  readonly files: readonly string[];
  /** `owner/name`. */
  readonly repo: string;
  readonly language: Language;
}

export interface CompiledJob extends PlannedJob {
  readonly workflow: string;
  /** As the host shows it: base name and matrix values. */
  readonly name: string;
}

export interface Compiled {
  /** After those they need, else in the order of their files. */
  readonly jobs: readonly CompiledJob[];
  /** `<file>: <job>: <what it asks for>`: what was not compiled. */
  readonly unsupported: readonly string[];
  readonly notes: readonly string[];
}

const usualTimeoutSeconds = 1800;
const longestTimeoutSeconds = 3600;

/** A job of a file before its legs are known. */
interface Draft {
  readonly id: string;
  readonly body: MappingToken;
  readonly needs: readonly string[];
}

interface FileContext {
  /** Of the file that a change starts, whatever files it calls. */
  readonly path: string;
  /** `<calling job> / `, as the host shows those of a called file. */
  readonly prefix: string;
  readonly inputs: Mapping;
  /** Files on the way to this one, itself included. */
  readonly calledThrough: readonly string[];
  readonly input: WorkflowInput;
  readonly root: MappingToken;
  readonly event: string;
  readonly files: ReadonlySet<string>;
  /** Calls of other files that may still follow. */
  readonly calls: { left: number };
  readonly unsupported: string[];
  readonly notes: string[];
}

function mappingAt(token: MappingToken | undefined, key: string): MappingToken | undefined {
  const found = token?.find(key);
  return found !== undefined && isMapping(found) ? found : undefined;
}

function textsOf(token: TemplateToken | undefined): string[] {
  if (token === undefined) return [];
  if (isSequence(token)) return Array.from({ length: token.count }, (_, at) => token.get(at).toString());
  if (isMapping(token)) return [...token].map(({ key }) => key.toString());
  return [token.toString()];
}

/** What is known of a run that was never begun: of a pull request its event, its repository, its system. */
function scopeOf(context: FileContext, matrix: Mapping, env: Mapping): Scope {
  const { repo } = context.input;
  const github: Mapping = {
    event_name: context.event,
    repository: repo,
    repository_owner: repo.split("/")[0] ?? "",
    ref_type: "branch",
    server_url: "https://github.com",
    api_url: "https://api.github.com",
    workspace: workDirectory,
    ...(context.event === "pull_request" ? { ref: mergeRef } : {}),
  };
  const runner: Mapping = { os: "Linux", arch: "X64" };
  return { closed: { github, runner }, open: { matrix, env, inputs: context.inputs } };
}

function mappingValue(token: TemplateToken | undefined, scope: Scope): Mapping {
  if (token === undefined) return {};
  const value = plain(token, scope);
  const isRecord = (each: Value): each is Mapping =>
    typeof each === "object" && each !== null && !Array.isArray(each);
  return isRecord(value) ? value : {};
}

function environment(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  const entries = Object.entries(mappingValue(token, scope));
  return Object.fromEntries(entries.map(([key, value]) => [key, asText(value)]));
}

/** Linux on the usual processor, or nothing. @throws Unsupported naming the runner */
function mustRunHere(body: MappingToken, scope: Scope): void {
  const wanted = body.find("runs-on");
  const labels = wanted === undefined ? [] : [plain(wanted, scope)].flat().map(asText);
  const [label = "nothing"] = labels;
  if (labels.length !== 1 || !/^ubuntu-(latest|\d+\.\d+)$/.test(label))
    throw new Unsupported(`runs on ${labels.join(", ") || "nothing that is named"}`);
}

function mustBePlain(body: MappingToken): void {
  const services = body.find("services");
  if (services !== undefined) throw new Unsupported(`services: ${textsOf(services).join(", ")}`);
  if (body.find("container") !== undefined) throw new Unsupported("a container of its own");
}

interface Surrounding {
  readonly context: FileContext;
  readonly job: Record<string, string>;
  readonly matrix: Mapping;
  readonly defaults: Mapping;
}

function stepCommands(step: MappingToken, around: Surrounding): { commands: StepCommand[]; notes: string[] } {
  const { context, job, matrix, defaults } = around;
  const outer = scopeOf(context, matrix, job);
  if (!holds(step.find("if"), outer)) return { commands: [], notes: [] };
  const own = environment(step.find("env"), outer);
  const scope = scopeOf(context, matrix, { ...job, ...own });
  const uses = step.find("uses")?.toString();
  const use =
    uses === undefined
      ? undefined
      : actionUse(uses, context.input.language, () => mappingValue(step.find("with"), scope));
  const run = step.find("run");
  const script = use?.command ?? (run === undefined ? "" : asText(plain(run, scope)));
  const notes = use?.note === undefined ? [] : [use.note];
  if (script === "") return { commands: [], notes };
  const title = step.find("name");
  const name = title === undefined ? (script.trim().split("\n")[0] ?? "") : asText(plain(title, scope));
  const mayFail = step.find("continue-on-error");
  if (mayFail !== undefined && plain(mayFail, scope) === true)
    return { commands: [], notes: [...notes, `the step ${name} may fail at its host: left out`] };
  const setting = (key: string): string => {
    const stated = step.find(key);
    return asText(stated === undefined ? (defaults[key] ?? "") : plain(stated, scope));
  };
  const folder = stepFolder(setting("working-directory"));
  const found = commandsOf(script, folder, use === undefined ? setting("shell") : "");
  return {
    commands: found.map((command) => ({ ...command, step: printable(name), env: own })),
    notes: [...notes, ...found.flatMap(({ note }) => note ?? [])],
  };
}

/** Ids of checks part a job from its tests by `::`. */
function printable(name: string): string {
  return name
    .replace(/\p{Cc}+/gu, " ")
    .replaceAll("::", ":")
    .slice(0, 100);
}

function runsAtAll(draft: Draft, leg: Leg, context: FileContext): boolean {
  if (holds(draft.body.find("if"), scopeOf(context, leg.values, {}))) return true;
  context.notes.push(`${context.path}: ${hostName(draft, leg, context)}: its condition does not hold here`);
  return false;
}

function compileLeg(draft: Draft, leg: Leg, context: FileContext): CompiledJob | undefined {
  const { body } = draft;
  const name = hostName(draft, leg, context);
  try {
    const bare = scopeOf(context, leg.values, {});
    if (!runsAtAll(draft, leg, context)) return undefined;
    mustRunHere(body, bare);
    const outer = environment(context.root.find("env"), bare);
    const job = { ...outer, ...environment(body.find("env"), scopeOf(context, leg.values, outer)) };
    const scope = scopeOf(context, leg.values, job);
    const run = (token: MappingToken): Mapping =>
      mappingValue(mappingAt(token, "defaults")?.find("run"), scope);
    const around = { context, job, matrix: leg.values, defaults: { ...run(context.root), ...run(body) } };
    const steps = body.find("steps");
    const tokens =
      steps !== undefined && isSequence(steps)
        ? Array.from({ length: steps.count }, (_, at) => steps.get(at))
        : [];
    const read = tokens.filter(isMapping).map((step) => stepCommands(step, around));
    const minutes = body.find("timeout-minutes");
    const stated = minutes === undefined ? Number.NaN : Number(plain(minutes, scope)) * 60;
    const timeoutSeconds = stated > 0 ? Math.min(stated, longestTimeoutSeconds) : usualTimeoutSeconds;
    const { language } = context.input;
    const frame = { name, language, env: job, timeoutSeconds, files: context.files };
    const planned = plannedJob(
      frame,
      read.flatMap(({ commands }) => commands),
    );
    if (planned.jobs.length === 0) throw new Unsupported("no step of it runs anything here");
    const mayFail = body.find("continue-on-error");
    const lenient =
      mayFail === undefined ? [] : ["may fail at its host without failing the run: judged here all the same"];
    const notes = [...new Set([...lenient, ...read.flatMap((each) => each.notes)])];
    context.notes.push(...notes.map((note) => `${context.path}: ${name}: ${note}`));
    return { ...planned, workflow: context.path, name };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    context.unsupported.push(`${context.path}: ${name}: ${error.message}`);
    return undefined;
  }
}

/** A name with an expression in it is taken as it comes out; one that is written out gets its leg behind it. */
function hostName({ id, body }: Draft, leg: Leg, context: FileContext): string {
  const { prefix } = context;
  const stated = body.find("name");
  if (stated === undefined || !isBasicExpression(stated))
    return printable(`${prefix}${legName(stated?.toString() ?? id, leg)}`);
  try {
    return printable(`${prefix}${asText(plain(stated, scopeOf(context, leg.values, {})))}`);
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    return printable(`${prefix}${legName(id, leg)}`);
  }
}

function compileCall(draft: Draft, leg: Leg, context: FileContext): CompiledJob[] {
  const name = hostName(draft, leg, context);
  try {
    if (!runsAtAll(draft, leg, context)) return [];
    const { calledThrough, calls, input } = context;
    const given = () => mappingValue(draft.body.find("with"), scopeOf(context, leg.values, {}));
    const uses = draft.body.find("uses")?.toString() ?? "";
    const called: CalledWorkflow = calledWorkflow({ uses, workflows: input.workflows, calledThrough, given });
    if (calls.left === 0) throw new Unsupported(`more than ${mostCalls} calls of reusable workflows`);
    calls.left -= 1;
    const { root, inputs, path } = called;
    const own = { root, inputs, calledThrough: [...calledThrough, path], prefix: `${name} / ` };
    return compileJobs({ ...context, ...own });
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    context.unsupported.push(`${context.path}: ${name}: ${error.message}`);
    return [];
  }
}

function compileDraft(draft: Draft, context: FileContext): CompiledJob[] {
  try {
    mustBePlain(draft.body);
    const matrix = mappingAt(draft.body, "strategy")?.find("matrix");
    const legs = legsOf(matrix === undefined ? undefined : plain(matrix, scopeOf(context, {}, {})));
    const isCall = draft.body.find("uses") !== undefined;
    return legs.flatMap((leg) =>
      isCall ? compileCall(draft, leg, context) : (compileLeg(draft, leg, context) ?? []),
    );
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    context.unsupported.push(`${context.path}: ${context.prefix}${draft.id}: ${error.message}`);
    return [];
  }
}

/** What a job needs comes before it. The schema has refused circles of a single job; longer ones end here. */
function inOrder(drafts: readonly Draft[]): Draft[] {
  const left = [...drafts];
  const done = new Map<string, Draft>();
  while (left.length > 0) {
    const at = left.findIndex(({ needs }) =>
      needs.every((need) => done.has(need) || !left.some(({ id }) => id === need)),
    );
    const [next] = left.splice(Math.max(at, 0), 1);
    if (next !== undefined) done.set(next.id, next);
  }
  return [...done.values()];
}

/** The jobs of one file, those of the files it calls in their place. */
function compileJobs(context: FileContext): CompiledJob[] {
  const { path, prefix, root, notes } = context;
  const drafts = [...(mappingAt(root, "jobs") ?? [])].flatMap(({ key, value }) =>
    isMapping(value) ? [{ id: key.toString(), body: value, needs: textsOf(value.find("needs")) }] : [],
  );
  const compiled: CompiledJob[] = [];
  const gone = new Set<string>();
  for (const draft of inOrder(drafts)) {
    const legs = compileDraft(draft, context);
    if (legs.length === 0) gone.add(draft.id);
    const missing = draft.needs.filter((need) => gone.has(need));
    if (legs.length > 0 && missing.length > 0)
      notes.push(
        `${path}: ${prefix}${draft.id}: needs ${missing.join(", ")}, not compiled: it is run without`,
      );
    compiled.push(...legs);
  }
  return compiled;
}

function compileFile(path: string, text: string, input: WorkflowInput): Compiled {
  const parsed = parseWorkflowFile(path, text);
  if (parsed.kind === "refused")
    return { jobs: [], unsupported: [`${path}: no workflow that GitHub reads: ${parsed.why}`], notes: [] };
  const { root } = parsed;
  if (!isMapping(root) || mappingAt(root, "jobs") === undefined)
    return { jobs: [], unsupported: [`${path}: it has no jobs`], notes: [] };
  const events = textsOf(root.find("on"));
  const event = ["pull_request", "push"].find((name) => events.includes(name));
  if (event === undefined)
    return { jobs: [], unsupported: [], notes: [`${path}: runs on ${events.join(", ")}, not on changes`] };
  const filters = textsOf(mappingAt(mappingAt(root, "on"), event)).filter((key) => key.startsWith("paths"));
  const notes =
    filters.length === 0
      ? []
      : [`${path}: runs at its host for some paths alone (${filters.join(", ")}), here for all`];
  const context: FileContext = {
    ...{ path, prefix: "", inputs: {}, calledThrough: [path], input, root, event },
    ...{ files: new Set(input.files), calls: { left: mostCalls }, unsupported: [], notes },
  };
  const compiled = compileJobs(context);
  return { jobs: compiled, unsupported: context.unsupported, notes };
}

/** Pure: the same files always give the same jobs. */
export function compileWorkflows(input: WorkflowInput): Compiled {
  const files = [...input.workflows].sort(([one], [other]) => (one < other ? -1 : 1));
  const each = files.map(([path, text]) => compileFile(path, text, input));
  return {
    jobs: each.flatMap(({ jobs }) => jobs),
    unsupported: each.flatMap(({ unsupported }) => unsupported),
    notes: each.flatMap(({ notes }) => notes),
  };
}

/** Compiled jobs as one plan. Two workflows may name a job alike: the later one bears its file's name before it. */
export function planOf(jobs: readonly CompiledJob[], language: Language): CiPlan {
  const taken = new Set<string>();
  const named = jobs.flatMap(({ workflow, jobs: parts }) =>
    parts.map((part) => {
      const file = workflow.slice(workflow.lastIndexOf("/") + 1);
      let name = taken.has(part.name) ? `${file} / ${part.name}` : part.name;
      for (let n = 2; taken.has(name); n += 1) name = `${file} / ${part.name} #${n}`;
      taken.add(name);
      return { ...part, name };
    }),
  );
  const prepare = [...new Set(jobs.flatMap((job) => job.prepare))];
  return { image: language, prepare, jobs: named, source: "workflow" };
}
