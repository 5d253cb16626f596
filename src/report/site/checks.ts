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
  /** One for each repeat. */
  readonly runs: readonly ExhibitRun[];
}

const stateOf = (label: string): string => label.replace(/ (\d+|again)$/, "");

function columnsOf(runs: readonly ExhibitRun[]): Column[] {
  return states.flatMap(([name, meaning]) => {
    const own = runs.filter(({ label }) => stateOf(label) === name);
    return own.length === 0 ? [] : [{ name, meaning, runs: own }];
  });
}

/** What a check came to in one state over its repeats. */
interface Cell {
  status: CheckStatus | "mixed";
  passed: number;
  readonly of: number;
}

/** By check, a cell for each column; undefined where it was not there. */
function aligned(columns: readonly Column[]): ReadonlyMap<string, readonly (Cell | undefined)[]> {
  const found = new Map<string, (Cell | undefined)[]>();
  const add = (place: number, of: number, { id, status }: Check): void => {
    let cells = found.get(id);
    if (cells === undefined) {
      cells = columns.map(() => undefined);
      found.set(id, cells);
    }
    const cell = cells[place];
    const passed = status === "passed" ? 1 : 0;
    if (cell === undefined) {
      cells[place] = { status, passed, of };
      return;
    }
    cell.passed += passed;
    if (cell.status !== status) cell.status = "mixed";
  };
  for (const [place, { runs }] of columns.entries()) {
    for (const { report } of runs)
      for (const { checks } of report.jobs) for (const check of checks) add(place, runs.length, check);
  }
  return found;
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
  if (marks.some((mark) => mark !== "must stay")) return true;
  const first = cells.find((cell) => cell !== undefined)?.status;
  return cells.some((cell) => cell !== undefined && (cell.status !== first || cell.status === "mixed"));
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

/** One text, not a list of thousands of elements: most of a battle's checks are these. */
function alike(rows: readonly Row[]): Part {
  if (rows.length === 0) return undefined;
  const names = rows.slice(0, maxRows).map(({ id, cells }) => {
    const status = cells.find((cell) => cell !== undefined)?.status ?? "skipped";
    return `${shortWords[status].padEnd(6)}${id}`;
  });
  const more = rows.length > maxRows ? `\nand ${rows.length - maxRows} more` : "";
  const word = rows.length === 1 ? "check came out" : "checks came out";
  return html`<details><summary>${rows.length} ${word} the same in every state</summary><pre class="log" tabindex="0" role="region" aria-label="Checks that came out the same">${names.join("\n")}${more}</pre></details>`;
}

/** The table of one round; undefined where nothing was run. */
export function checksHtml(exhibit: RoundExhibit, record: RoundRecord): Html | undefined {
  const columns = columnsOf(exhibit.runs);
  if (columns.length === 0) return undefined;
  const kinds = { failToPass: new Set(exhibit.failToPass), passToPass: new Set(exhibit.passToPass) };
  const rows = [...aligned(columns)].map(
    ([id, cells]): Row => ({ id, cells, marks: marksOf(id, record, kinds) }),
  );
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
