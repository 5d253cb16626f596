// Best@k over independent tries: by language as in the paper's second table, and as a curve over k.
import type { Language } from "../../domain/instance.ts";
import type { Role } from "../../domain/run.ts";
import type { Estimate } from "../../rating/index.ts";
import type { SeenRound } from "../seen.ts";
import { overTries, triesByIssue } from "../tries.ts";
import type { Counted } from "./paper.ts";

export interface Tried {
  /** Chance that one of k tries succeeds; absent where no issue has k tries. */
  readonly best?: Estimate;
  /** Chance that all of them do. */
  readonly all?: Estimate;
}

export interface BestByLanguage extends Tried {
  readonly contestant: string;
  readonly role: Role;
  readonly language: Language | "all";
}

export interface CurvePoint extends Tried {
  readonly k: number;
}

/** Each point is over the issues with k tries or more: points with another `n` are of other issues. */
export interface Curve {
  readonly contestant: string;
  readonly role: Role;
  readonly points: readonly CurvePoint[];
}

const roles = ["submitter", "reviewer"] as const;
/** Further points would say nothing that a reader could see. */
const longestCurve = 20;

function tried(seen: readonly SeenRound[], role: Role, of: { k: number; counted: Counted }): Tried {
  const { best, all } = overTries(seen, { role, k: of.k, bootstrap: of.counted.bootstrap });
  return { ...(best === undefined ? {} : { best }), ...(all === undefined ? {} : { all }) };
}

const ownOf = ({ seen }: Counted, contestant: string, role: Role): SeenRound[] =>
  seen.filter(({ row }) => row[role] === contestant);

/** Only what has a figure: contestants that are not sampled (controls, temperature 0) have no tries. */
export function bestByLanguage(counted: Counted): BestByLanguage[] {
  const { contestants, seen, k } = counted;
  const languages = [...new Set(seen.map(({ row }) => row.language))].sort();
  return contestants.flatMap((contestant) =>
    roles.flatMap((role) => {
      const own = ownOf(counted, contestant, role);
      const slices = ["all" as const, ...languages].map((language) => ({
        ...{ contestant, role, language },
        ...tried(
          own.filter(({ row }) => language === "all" || row.language === language),
          role,
          { k, counted },
        ),
      }));
      return slices.filter(({ best }) => best !== undefined);
    }),
  );
}

export function curvesOf(counted: Counted): Curve[] {
  return counted.contestants.flatMap((contestant) =>
    roles.flatMap((role) => {
      const own = ownOf(counted, contestant, role);
      const most = Math.max(0, ...triesByIssue(own, role).map((tries) => tries.length));
      const points = Array.from({ length: Math.min(most, longestCurve) }, (_, index) => ({
        k: index + 1,
        ...tried(own, role, { k: index + 1, counted }),
      }));
      return points.length === 0 ? [] : [{ contestant, role, points }];
    }),
  );
}
