// Every check of a round in one row, aligned over the states it ran in: base, gold, the patch, and both with the tests.
import type { ExhibitRun, RoundExhibit } from "../../domain/exhibit.ts";
import type { RoundRecord } from "../../domain/record.ts";
import type { Check, CheckStatus } from "../../domain/report.ts";
import { type Html, html, type Part } from "./html.ts";

/** Rows that differ somewhere are shown to this number, and so are names of those that do not. */
const maxRows = 400;

const states = [
  ["B", "base"],
  ["G", "gold"],
  ["P", "the patch"],
  ["P+H", "the patch with the hidden tests"],
  ["G+T", "gold with the reviewer's tests"],
  ["P+T", "the patch with the reviewer's tests"],
  ["B+T", "base with the reviewer's tests"],
] as const;

interface Column {
  readonly name: string;
  readonly meaning: string;
  /** One for each repeat, by check. */
  readonly runs: readonly ReadonlyMap<string, CheckStatus>[];
}

const stateOf = (label: string): string => label.replace(/ (\d+|again)$/, "");

function columnsOf(runs: readonly ExhibitRun[]): Column[] {
  return states.flatMap(([name, meaning]) => {
    // A patch that was run again is judged by the second run where the first broke a check.
    const own = runs.filter(({ label }) => stateOf(label) === name);
    if (own.length === 0) return [];
    const statuses = ({ report }: ExhibitRun) =>
      new Map(report.jobs.flatMap((job) => job.checks.map(({ id, status }: Check) => [id, status] as const)));
    return [{ name, meaning, runs: own.map(statuses) }];
  });
}

/** What a check came to in one state over its repeats; undefined where it was not there. */
interface Cell {
  readonly status: CheckStatus | "mixed";
  readonly passed: number;
  readonly of: number;
}

function cellOf({ runs }: Column, id: string): Cell | undefined {
  const found = runs.flatMap((run) => run.get(id) ?? []);
  const [first] = found;
  if (first === undefined) return undefined;
  const passed = found.filter((status) => status === "passed").length;
  const status = found.every((each) => each === first) ? first : "mixed";
  return { status, passed, of: runs.length };
}

const shortWords = {
  passed: "pass",
  failed: "fail",
  skipped: "skip",
  error: "error",
  mixed: "mixed",
} as const;

function cellHtml(cell: Cell | undefined): Html {
  if (cell === undefined) return html`<td class="none"><span class="spoken">not there</span>`;
  const times = cell.of > 1 ? html` <small>${cell.passed}/${cell.of}</small>` : undefined;
  return html`<td class="is-${cell.status}">${shortWords[cell.status]}${times}`;
}

interface Row {
  readonly id: string;
  readonly cells: readonly (Cell | undefined)[];
  readonly marks: readonly string[];
}

function marksOf(id: string, record: RoundRecord, kinds: Kinds): string[] {
  return [
    ...(record.killedBy.includes(id) ? ["kills"] : record.review.eligible.includes(id) ? ["may kill"] : []),
    ...(kinds.failToPass.has(id) ? ["must be fixed"] : []),
    ...(kinds.passToPass.has(id) ? ["must stay"] : []),
  ];
}

interface Kinds {
  readonly failToPass: ReadonlySet<string>;
  readonly passToPass: ReadonlySet<string>;
}

/** A check that is the same wherever it ran, and that nothing hangs on, tells a reader nothing by itself. */
function isTelling({ cells, marks }: Row): boolean {
  const seen = new Set(cells.flatMap((cell) => cell?.status ?? []));
  return seen.size > 1 || seen.has("mixed") || marks.some((mark) => mark !== "must stay");
}

const weight = ({ marks }: Row): number =>
  marks.includes("kills") ? 0 : marks.includes("must be fixed") ? 1 : marks.includes("may kill") ? 2 : 3;

function rowHtml({ id, cells, marks }: Row): Html {
  const mark: Part =
    marks.length === 0
      ? undefined
      : html` <small class="mark-${weight({ id, cells, marks })}">${marks.join(", ")}</small>`;
  return html`<tr><th scope="row"><code>${id}</code>${mark}</th>${cells.map(cellHtml)}</tr>
`;
}

function alike(rows: readonly Row[]): Part {
  if (rows.length === 0) return undefined;
  const names = rows.slice(0, maxRows).map(({ id, cells }) => {
    const status = cells.find((cell) => cell !== undefined)?.status ?? "skipped";
    return html`<li><code>${id}</code> <span class="is-${status}">${shortWords[status]}</span></li>`;
  });
  const more =
    rows.length > maxRows ? html`<li class="quiet">and ${rows.length - maxRows} more</li>` : undefined;
  const word = rows.length === 1 ? "check came out" : "checks came out";
  return html`<details><summary>${rows.length} ${word} the same in every state</summary><ul class="names">${names}${more}</ul></details>`;
}

/** The table of one round; undefined where nothing was run. */
export function checksHtml(exhibit: RoundExhibit, record: RoundRecord): Html | undefined {
  const columns = columnsOf(exhibit.runs);
  if (columns.length === 0) return undefined;
  const ids = new Set(columns.flatMap(({ runs }) => runs.flatMap((run) => [...run.keys()])));
  const kinds = { failToPass: new Set(exhibit.failToPass), passToPass: new Set(exhibit.passToPass) };
  const rows = [...ids].map((id): Row => {
    return { id, cells: columns.map((column) => cellOf(column, id)), marks: marksOf(id, record, kinds) };
  });
  const telling = rows.filter(isTelling).sort((a, b) => weight(a) - weight(b) || (a.id < b.id ? -1 : 1));
  const heads = columns.map(
    ({ name, meaning }) => html`<th scope="col"><abbr title="${meaning}">${name}</abbr></th>`,
  );
  const shown = telling.slice(0, maxRows);
  const more =
    telling.length > shown.length
      ? html`<p class="quiet">and ${telling.length - shown.length} more</p>`
      : undefined;
  const table =
    shown.length === 0
      ? html`<p class="quiet">No check came out differently in any two states.</p>`
      : html`<div class="scroll" tabindex="0" role="region" aria-label="Checks over states"><table class="checks"><thead><tr><th scope="col">check</th>${heads}</tr></thead><tbody>
${shown.map(rowHtml)}</tbody></table></div>${more}`;
  return html`${table}${alike(rows.filter((row) => !isTelling(row)))}`;
}
