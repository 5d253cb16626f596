// Which licences a set may hold: any, those that are known, those that are permissive, or some by name.
import { UsageError } from "../../domain/fault.ts";
import type { Release } from "../pipeline/rows.ts";
import type { Rejection } from "../pipeline/stage.ts";

export interface LicenceRule {
  /** As it was asked for, in one order. */
  readonly words: string;
  readonly mustBeKnown: boolean;
  /** Absent: all that are known. */
  readonly allowed?: ReadonlySet<string>;
}

export interface LicenceNames {
  /** SPDX ids that a rule may name: those that texts are told by. */
  readonly known: ReadonlySet<string>;
  readonly permissive: ReadonlySet<string>;
}

/** @throws UsageError for what is no id of SPDX's list */
export function licenceRule(text: string, { known, permissive }: LicenceNames): LicenceRule {
  if (text === "any") return { words: text, mustBeKnown: false };
  if (text === "known") return { words: text, mustBeKnown: true };
  if (text === "permissive") return { words: text, mustBeKnown: true, allowed: permissive };
  const ids = text.split(",").map((each) => each.trim());
  const strange = ids.filter((id) => !known.has(id));
  if (strange.length > 0) {
    const expected = "any, known, permissive, or SPDX ids such as MIT,Apache-2.0";
    throw new UsageError(`--licences: expected ${expected}, found ${JSON.stringify(strange.join(", "))}`);
  }
  return { words: [...new Set(ids)].sort().join(","), mustBeKnown: true, allowed: new Set(ids) };
}

type Licences = Pick<Release, "licences" | "notRead">;

/** What of the licence files nobody knows; empty where all are known. */
function unknownIn({ licences, notRead }: Licences): readonly string[] {
  if (licences.length + notRead.length === 0) return ["no licence file"];
  const strange = licences.filter(({ spdx }) => spdx.length === 0);
  return [
    ...strange.map(({ path, nearest }) => {
      const like = nearest === undefined ? "" : ` (nearest: ${nearest.spdx}, ${nearest.likeness})`;
      return `${path} is no text that SPDX lists${like}`;
    }),
    ...notRead,
  ];
}

export const isKnown = (licences: Licences): boolean => unknownIn(licences).length === 0;

/** Why a row may not be in the set; undefined where it may. Every licence file counts: which of two holds, files do not say. */
export function licenceProblem(licences: Licences, rule: LicenceRule): Rejection | undefined {
  const unknown = rule.mustBeKnown ? unknownIn(licences) : [];
  if (unknown.length > 0)
    return {
      reason: "licence-unknown",
      detail: `expected licences that are known, found ${unknown.join("; ")}`,
    };
  const { allowed } = rule;
  if (allowed === undefined) return undefined;
  const other = licences.licences.filter(({ spdx }) => !spdx.every((id) => allowed.has(id)));
  if (other.length === 0) return undefined;
  const found = other.map(({ path, spdx }) => `${path} under ${spdx.join(" or ")}`).join("; ");
  return { reason: "licence-refused", detail: `expected licences that are ${rule.words}, found ${found}` };
}
