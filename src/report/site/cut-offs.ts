// Which cut-off days a site offers: year's ends that leave enough newer issues to say something, and the one asked for.
import { fewInstances } from "../../rating/index.ts";
import type { BoardSource } from "../board.ts";
import { cutAfter, factsByIssue } from "../cut.ts";

/** Each is a whole board of its own. */
const maxDays = 3;

/** Newest last; none where no issue has a date. */
export function cutOffDays(sources: readonly BoardSource[], asked: string | undefined): readonly string[] {
  const days = [...factsByIssue(sources).values()].flatMap(({ createdOn }) => createdOn ?? []);
  const ends = [...new Set(days.map((day) => `${Number(day.slice(0, 4)) - 1}-12-31`))].sort();
  const telling = ends.filter((day) => {
    const { kept, leftOut } = cutAfter(sources, day).cutOff;
    return kept >= fewInstances && leftOut > 0;
  });
  const offered = telling.slice(-maxDays);
  return [...new Set(asked === undefined ? offered : [...offered, asked])].sort();
}
