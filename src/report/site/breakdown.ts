// The same contestants seen by language and by difficulty: whether one ranking speaks for all issues.
import type { RoundRow } from "../../domain/run.ts";
import type { Estimate } from "../../rating/index.ts";
import type { Board, BoardSource, Standing } from "../board.ts";
import { factsByIssue } from "../cut.ts";
import type { Metrics } from "../metrics.ts";
import { scoreName } from "../ranking.ts";
import { counted } from "../text.ts";
import { type Html, html, nothing } from "./html.ts";
import { blankCell, intervalCell, signed, spanText } from "./numbers.ts";

interface Group {
  readonly name: string;
  readonly issues: number;
  /** Mean score of both roles, by contestant; absent where one role was not played. */
  readonly scores: ReadonlyMap<string, Estimate>;
}

/** Issues are said where a contestant did not meet all of its group's. */
function cellHtml(estimate: Estimate | undefined, issues: number): Html {
  if (estimate === undefined) return blankCell;
  const { value, low, high, n } = estimate;
  const few = n === issues ? "" : ` on ${n}`;
  return intervalCell(value, signed(value), `${spanText(signed(low), signed(high))}${few}`);
}

function tableHtml(board: Board, label: string, groups: readonly Group[]): Html {
  const heads = groups.map(
    ({ name, issues }) =>
      html`<th scope="col" class="number" data-first="descending">${name}<br><small>${counted(issues, "issue")}</small></th>`,
  );
  const rows = board.contestants.map(
    ({
      id,
    }) => html`<tr><th scope="row" class="name">${id}</th>${groups.map(({ scores, issues }) => cellHtml(scores.get(id), issues))}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="board" data-sortable><thead><tr><th scope="col">contestant</th>${heads}</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

/** The names in which a board's contestants are sliced, each with its issues and its scores. */
function groupsOf(
  { contestants, reading }: Board,
  slicesOf: (standing: Standing) => Readonly<Record<string, Metrics | undefined>>,
  issues: ReadonlyMap<string, number>,
): Group[] {
  const names = [...new Set(contestants.flatMap((standing) => Object.keys(slicesOf(standing))))];
  return names.map((name) => {
    const scores = contestants.flatMap((standing) => {
      const score = slicesOf(standing)[name]?.[scoreName[reading]];
      return score === undefined ? [] : [[standing.id, score] as const];
    });
    return { name, issues: issues.get(name) ?? 0, scores: new Map(scores) };
  });
}

/** Issues with a round that is not void, by the name they are sliced by. */
function issuesBy(
  rows: readonly RoundRow[],
  nameOf: (row: RoundRow) => string | undefined,
): ReadonlyMap<string, number> {
  const found = new Map<string, Set<string>>();
  for (const row of rows) {
    const name = nameOf(row);
    if (row.record.void !== undefined || name === undefined) continue;
    const issues = found.get(name) ?? new Set();
    found.set(name, issues.add(row.instanceId));
  }
  return new Map([...found].map(([name, issues]) => [name, issues.size]));
}

/** As sets word them these come in this order, others after them by name. */
const knownBands = ["very easy", "easy", "medium", "hard", "very hard"];

function bandPlace({ name }: Group): number {
  const place = knownBands.indexOf(name);
  return place < 0 ? knownBands.length : place;
}

function section(id: string, title: string, body: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>
`;
}

/** Nothing where all issues are of one language, and of one difficulty or none that is known. */
export function breakdownsHtml(board: Board, sources: readonly BoardSource[]): Html {
  const rows = sources.flatMap((source) => source.rounds);
  const said = html`<p>Mean ${board.reading} score of both roles with its interval. A group of few issues says little.</p>`;
  const facts = factsByIssue(sources);
  const byLanguage = issuesBy(rows, ({ language }) => language);
  const byBand = issuesBy(rows, ({ instanceId }) => facts.get(instanceId)?.difficulty);
  const languages = groupsOf(board, (standing) => standing.languages, byLanguage);
  const difficulties = groupsOf(board, (standing) => standing.difficulties, byBand);
  languages.sort((a, b) => (a.name < b.name ? -1 : 1));
  difficulties.sort((a, b) => bandPlace(a) - bandPlace(b) || (a.name < b.name ? -1 : 1));
  const parts = [
    languages.length < 2
      ? nothing
      : section("languages-title", "By language", html`${said}${tableHtml(board, "By language", languages)}`),
    difficulties.length < 2
      ? nothing
      : section(
          "difficulty-title",
          "By difficulty",
          html`${said}${tableHtml(board, "By difficulty", difficulties)}`,
        ),
  ];
  return html`${parts}`;
}
