// A workflow of the same repository that a job calls: its file, and the inputs it is called with.
import type { MappingToken } from "@actions/workflow-parser/templates/tokens/mapping-token";
import { isMapping } from "@actions/workflow-parser/templates/tokens/type-guards";
import { type Mapping, plain, type Value } from "./expressions.ts";
import { parseWorkflowFile } from "./parse.ts";
import { Unsupported } from "./unsupported.ts";

/** GitHub's own limits: unique files a run may call, and levels of them. */
export const mostCalls = 50;
const mostLevels = 10;

export interface CalledWorkflow {
  readonly path: string;
  readonly root: MappingToken;
  readonly inputs: Mapping;
}

export interface Call {
  /** As the job writes it. */
  readonly uses: string;
  /** Workflow files of the base tree, by path. */
  readonly workflows: ReadonlyMap<string, string>;
  /** Files on the way here. */
  readonly calledThrough: readonly string[];
  /** What the job hands over. @throws Unsupported */
  readonly given: () => Mapping;
}

const empty: Readonly<Record<string, Value>> = { boolean: false, number: 0, string: "" };

function inputsOf(declared: MappingToken | undefined, given: Mapping, uses: string): Mapping {
  const stated = [...(declared ?? [])].map(({ key, value }) => {
    const name = key.toString();
    const own = isMapping(value) ? value : undefined;
    const byDefault = own?.find("default");
    const type = own?.find("type")?.toString() ?? "string";
    const found =
      given[name] ?? (byDefault === undefined ? undefined : plain(byDefault, { closed: {}, open: {} }));
    if (found === undefined && own?.find("required")?.toString() === "true")
      throw new Unsupported(`the reusable workflow ${uses}: it is given no ${name}`);
    return [name, found ?? empty[type] ?? ""] as const;
  });
  return Object.fromEntries(stated);
}

/** @throws Unsupported for a file of another repository, one that is not there, and one that nobody may call */
export function calledWorkflow({ uses, workflows, calledThrough, given }: Call): CalledWorkflow {
  const refused = (why: string): Unsupported => new Unsupported(`the reusable workflow ${uses}${why}`);
  const path = /^\.\/(\.github\/workflows\/[^/]+\.ya?ml)$/.exec(uses)?.[1];
  if (path === undefined) throw refused("");
  const text = workflows.get(path);
  if (text === undefined) throw refused(": the base commit has no such file");
  if (calledThrough.includes(path)) throw refused(": it calls itself");
  if (calledThrough.length >= mostLevels) throw refused(`: more than ${mostLevels} levels`);
  const parsed = parseWorkflowFile(path, text);
  if (parsed.kind === "refused") throw refused(`: no workflow that GitHub reads: ${parsed.why}`);
  const { root } = parsed;
  if (!isMapping(root)) throw refused(": it has no jobs");
  const on = root.find("on");
  const mayBeCalled =
    on !== undefined &&
    (isMapping(on) ? on.find("workflow_call") !== undefined : /\bworkflow_call\b/.test(on.toString()));
  if (!mayBeCalled) throw refused(": nobody may call it");
  const call = isMapping(on) ? on.find("workflow_call") : undefined;
  const declared = call !== undefined && isMapping(call) ? call.find("inputs") : undefined;
  const inputs = inputsOf(
    declared !== undefined && isMapping(declared) ? declared : undefined,
    given(),
    uses,
  );
  return { path, root, inputs };
}
