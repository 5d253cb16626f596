// What a reader of ratings must be told: every way in which figures are weaker than they look.
import { fewInstances } from "./bootstrap.ts";
import { allScales, issuesByNode, nodesOn, standpoints } from "./contrast.ts";
import type { Design } from "./design.ts";
import { type Fit, largestDeviation } from "./fit.ts";
import { whole } from "./linear.ts";
import { separationPenalty } from "./penalty.ts";
import { fewForSandwich } from "./sandwich.ts";

/** Codes are closed. */
export const noticeCodes = [
  "nothing-played",
  "no-contrast",
  "too-few-issues",
  "few-issues",
  "separated",
  "groups",
  "roles-inseparable",
  "no-issue-effects",
  "issue-deviation-held",
  "language-effects-omitted",
  "not-converged",
] as const;
export type NoticeCode = (typeof noticeCodes)[number];

export interface Notice {
  readonly code: NoticeCode;
  /** One or two sentences for people. */
  readonly text: string;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** Contestants by the issues of their role that was played on the fewest. */
function shortOf(design: Design, limit: number): string[] {
  const issues = issuesByNode(design);
  return design.contestants.flatMap((id, contestant) => {
    const counts = nodesOn(design, design.roles === "one" ? "submitter" : "overall", contestant)
      .map((node) => whole(issues, node))
      .filter((count) => count > 0);
    const least = Math.min(...counts);
    return least < limit ? [`${id} (${least})`] : [];
  });
}

function issueNotices(design: Design): Notice[] {
  const tooFew = shortOf(design, fewInstances);
  if (tooFew.length > 0) {
    const text = `Too few issues, under ${fewInstances} in some role: ${tooFew.join(", ")}. Read their intervals as hints.`;
    return [{ code: "too-few-issues", text }];
  }
  const few = shortOf(design, fewForSandwich);
  if (few.length === 0) return [];
  const text = `Fewer than ${fewForSandwich} issues in some role: ${few.join(", ")}. Variances are corrected (CR2), intervals wider.`;
  return [{ code: "few-issues", text }];
}

const penaltyDeviation = Math.sqrt(1 / separationPenalty).toFixed(1);

/** Contestants whose strength some role of theirs leaves without an end. */
function separated(design: Design): Notice[] {
  if (design.isSeparated) {
    const text =
      "No finite strength for anybody: a few rounds without a contradiction leave strengths and margins without an end. All values " +
      `come from a normal penalty with standard deviation ${penaltyDeviation} on every one of them, and have no interval.`;
    return [{ code: "separated", text }];
  }
  const count = design.contestants.length;
  const open = new Set<string>();
  for (const side of [design.cells.submitter, design.cells.reviewer]) {
    for (const node of side) {
      const separation = design.comparability.separation[node];
      const role = design.roles === "one" ? "" : node < count ? " as submitter" : " as reviewer";
      if (separation !== undefined) open.add(`${design.contestants[node % count]}${role} (${separation})`);
    }
  }
  if (open.size === 0) return [];
  const text =
    `No finite strength: ${[...open].sort().join(", ")}. Their values come from a normal penalty with standard deviation ` +
    `${penaltyDeviation}, which touches nobody else's; only the other end of their interval is known.`;
  return [{ code: "separated", text }];
}

/** Sets of contestants whose overall strengths were never compared with those of another set. */
export function groupsOf(design: Design): readonly (readonly string[])[] {
  const groups = new Map<string, readonly string[]>();
  for (const { peers } of standpoints(design, design.roles === "one" ? "submitter" : "overall")) {
    const names = peers.map((peer) => design.contestants[peer] ?? "");
    groups.set(names.join("\u0000"), names);
  }
  return [...groups.values()];
}

function comparisons(design: Design): Notice[] {
  const groups = groupsOf(design);
  const notices: Notice[] = [];
  if (groups.length > 1) {
    const names = groups.map((group) => `{${group.join(", ")}}`).join(" and ");
    notices.push({
      code: "groups",
      text: `Never compared, directly or through others: ${names}. Ranks hold within each.`,
    });
  }
  const roles = allScales.map((scale) => standpoints(design, scale).length);
  if (design.roles === "two" && (roles[2] ?? 0) > (roles[0] ?? 0)) {
    const text =
      "The roles cannot be told apart: whether one submits better or reviews better takes a third contestant. Overall strengths stand.";
    notices.push({ code: "roles-inseparable", text });
  }
  return notices;
}

function modelNotices(
  { design, isDeviationHeld, isConverged, issueDeviation, iterations }: Fit,
  wantsIssueEffects: boolean,
): Notice[] {
  const notices: Notice[] = [];
  if (
    wantsIssueEffects &&
    issueDeviation === undefined &&
    !isDeviationHeld &&
    design.cells.submitter.length === design.issues.length
  ) {
    notices.push({
      code: "no-issue-effects",
      text: "One pairing an issue: issue effects cannot be told from chance, and were left out.",
    });
  }
  if (isDeviationHeld) {
    const text = `Issues are all or nothing: their spread ran beyond ${largestDeviation} and is held there.`;
    notices.push({ code: "issue-deviation-held", text });
  }
  if (wantsIssueEffects && design.languages.length > 1 && whole(design.languagePlace, 1) < 0) {
    notices.push({
      code: "language-effects-omitted",
      text: "Languages may be all that differs between contestants never compared: no language effects.",
    });
  }
  if (!isConverged) {
    notices.push({
      code: "not-converged",
      text: `Not converged after ${counted(iterations, "iteration")}: do not publish these figures.`,
    });
  }
  return notices;
}

export function noticesOf(fit: Fit, wantsIssueEffects: boolean): readonly Notice[] {
  return [
    ...issueNotices(fit.design),
    ...separated(fit.design),
    ...comparisons(fit.design),
    ...modelNotices(fit, wantsIssueEffects),
  ];
}
