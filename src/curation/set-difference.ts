// What differs between two sets, instance by instance and field by field, in words a person can check.
import { isDeepStrictEqual } from "node:util";
import type { Instance } from "../domain/instance.ts";
import { listed } from "./split/files.ts";

export interface FieldChange {
  /** As it is written in instances.jsonl; a plan's parts with a dot. */
  readonly field: string;
  readonly change: string;
}

export interface InstanceChange {
  readonly instanceId: string;
  readonly fields: readonly FieldChange[];
}

export interface SetDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly InstanceChange[];
  readonly same: number;
}

function firstDifferentLine(one: string, other: string): number {
  const lines = other.split("\n");
  const at = one.split("\n").findIndex((line, index) => line !== lines[index]);
  return (at === -1 ? one.split("\n").length : at) + 1;
}

function textChange(was: string, is: string): string {
  const isShort = [was, is].every((text) => text.length <= 80 && !text.includes("\n"));
  if (isShort) return `${JSON.stringify(was)} is now ${JSON.stringify(is)}`;
  return `${was.length} characters are now ${is.length}, other from line ${firstDifferentLine(was, is)} on`;
}

function listChange(was: readonly string[], is: readonly string[]): string {
  const gone = was.filter((each) => !is.includes(each));
  const added = is.filter((each) => !was.includes(each));
  const parts = [
    ...(gone.length === 0 ? [] : [`${gone.length} gone: ${listed(gone)}`]),
    ...(added.length === 0 ? [] : [`${added.length} new: ${listed(added)}`]),
  ];
  return parts.length === 0 ? "the same in another order" : parts.join("; ");
}

/** Of things that have names: jobs, the panel's members, what is known of where an instance comes from. */
function recordChange(was: ReadonlyMap<string, unknown>, is: ReadonlyMap<string, unknown>): string {
  const changed = [...was.keys()].filter(
    (name) => is.has(name) && !isDeepStrictEqual(was.get(name), is.get(name)),
  );
  const names = listChange([...was.keys()], [...is.keys()]);
  const isSame = was.size === is.size && [...was.keys()].every((name) => is.has(name));
  const parts = [
    ...(isSame ? [] : [names]),
    ...(changed.length === 0 ? [] : [`changed: ${listed(changed)}`]),
  ];
  return parts.length === 0 ? "the same in another order" : parts.join("; ");
}

const byName = <T>(list: readonly T[], nameOf: (each: T) => string): Map<string, T> =>
  new Map(list.map((each) => [nameOf(each), each]));

const own = (record: Readonly<Record<string, unknown>>): Map<string, unknown> =>
  new Map(Object.entries(record));

type Compared = readonly [field: string, was: unknown, is: unknown, change: () => string];

function compared(was: Instance, is: Instance): readonly Compared[] {
  const texts = [
    ["repo", was.repo, is.repo],
    ["base_commit", was.baseCommit ?? "", is.baseCommit ?? ""],
    ["language", was.language, is.language],
    ["created_at", was.createdAt, is.createdAt],
    ["oracle", was.oracle, is.oracle],
    ["problem_statement", was.problemStatement, is.problemStatement],
    ["hints_text", was.hintsText, is.hintsText],
    ["patch", was.goldPatch, is.goldPatch],
    ["test_patch", was.testPatch, is.testPatch],
    ["ci.image", was.ci.image, is.ci.image],
    ["ci.source", was.ci.source, is.ci.source],
  ] as const;
  const lists = [
    ["FAIL_TO_PASS", was.failToPass, is.failToPass],
    ["PASS_TO_PASS", was.passToPass, is.passToPass],
    ["ci.prepare", was.ci.prepare, is.ci.prepare],
  ] as const;
  const jobs = [was, is].map(({ ci }) => byName(ci.jobs, ({ name }) => name));
  const panels = [was, is].map(({ panel }) => byName(panel, ({ id }) => id));
  const records = [
    ["ci.jobs", jobs[0], jobs[1]],
    ["panel", panels[0], panels[1]],
    ["provenance", own(was.provenance), own(is.provenance)],
  ] as const;
  return [
    ...texts.map(([field, a, b]): Compared => [field, a, b, () => textChange(a, b)]),
    ...lists.map(([field, a, b]): Compared => [field, a, b, () => listChange(a, b)]),
    ...records.map(
      ([field, a = new Map(), b = new Map()]): Compared => [field, a, b, () => recordChange(a, b)],
    ),
  ];
}

/** In the order of ids. Pure. */
export function setDifference(was: readonly Instance[], is: readonly Instance[]): SetDifference {
  const [before, after] = [was, is].map((set) => byName(set, ({ instanceId }) => instanceId));
  const changed: InstanceChange[] = [];
  let same = 0;
  for (const [instanceId, one] of [...(before ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const other = after?.get(instanceId);
    if (other === undefined) continue;
    const fields = compared(one, other)
      .filter(([, a, b]) => !isDeepStrictEqual(a, b))
      .map(([field, , , change]) => ({ field, change: change() }));
    if (fields.length === 0) same += 1;
    else changed.push({ instanceId, fields });
  }
  const only = (these: readonly Instance[], others: ReadonlyMap<string, Instance> | undefined): string[] =>
    these
      .map(({ instanceId }) => instanceId)
      .filter((id) => others?.has(id) !== true)
      .sort();
  return { added: only(is, before), removed: only(was, after), changed, same };
}
