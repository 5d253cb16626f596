// The same contestants seen by language and by difficulty: whether one ranking speaks for all issues.
import type { RoundRow } from "../../domain/run.ts";
import type { Estimate } from "../../rating/index.ts";
import { type Board, type BoardSource, scoreName } from "../board.ts";
import { counted } from "../text.ts";
import { type Html, html, nothing } from "./html.ts";
import { blankCell, intervalCell, signed, spanText } from "./numbers.ts";

interface Group {
  readonly name: string;
  readonly issues: number;
  /** Mean score of both roles, by contestant; absent where one role was not played. */
  readonly scores: ReadonlyMap<string, Estimate>;
}

function cellHtml(estimate: Estimate | undefined): Html {
  if (estimate === undefined) return blankCell;
  const { value, low, high, n } = estimate;
  return intervalCell(value, signed(value), `${spanText(signed(low), signed(high))} · ${n}`);
}

function tableHtml(board: Board, label: string, groups: readonly Group[]): Html {
  const heads = groups.map(
    ({ name, issues }) =>
      html`<th scope="col" class="number" data-first="descending">${name}<br><small>${counted(issues, "issue")}</small></th>`,
  );
  const rows = board.contestants.map(
    ({
      id,
    }) => html`<tr><th scope="row" class="name">${id}</th>${groups.map(({ scores }) => cellHtml(scores.get(id)))}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="board" data-sortable><thead><tr><th scope="col">contestant</th>${heads}</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

const issuesIn = (rows: readonly RoundRow[]): number =>
  new Set(rows.filter(({ record }) => record.void === undefined).map(({ instanceId }) => instanceId)).size;

function byLanguage(board: Board, rows: readonly RoundRow[]): Group[] {
  const names = [...new Set(rows.map(({ language }) => language))].sort();
  return names.map((name) => {
    const scores = board.contestants.flatMap(({ id, languages }) => {
      const score = languages[name]?.[scoreName[board.reading]];
      return score === undefined ? [] : [[id, score] as const];
    });
    return {
      name,
      issues: issuesIn(rows.filter(({ language }) => language === name)),
      scores: new Map(scores),
    };
  });
}

function section(id: string, title: string, body: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>
`;
}

/** Nothing where all issues are of one language, and of one difficulty or none that is known. */
export function breakdownsHtml(board: Board, sources: readonly BoardSource[]): Html {
  const rows = sources.flatMap((source) => source.rounds);
  const said = html`<p>Mean ${board.reading} score of both roles with its interval, then issues. A group of few issues says little.</p>`;
  const languages = byLanguage(board, rows);
  const parts = [
    languages.length < 2
      ? nothing
      : section("languages-title", "By language", html`${said}${tableHtml(board, "By language", languages)}`),
  ];
  return html`${parts}`;
}
