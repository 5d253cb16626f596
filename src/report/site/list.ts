// The list of all rounds: a short table for everybody, and the whole as data for the page's script to filter and sort.
import { type RoundRecord, scoreOf, type Verdict, verdictOf } from "../../domain/record.ts";
import type { RoundRow } from "../../domain/run.ts";
import { counted } from "../text.ts";
import { pageOf, type SiteFile } from "./frame.ts";
import { verdictWords } from "./gates.ts";
import { type Html, html, scriptJson } from "./html.ts";
import { battlePath } from "./issue.ts";
import { signed } from "./numbers.ts";

/** Of the page itself, before its script runs. */
const maxStaticRows = 100;

export interface ListedRound {
  /** Places of run and battle, from 0. */
  readonly run: number;
  readonly place: number;
  readonly row: RoundRow;
}

export interface ListInput {
  readonly runs: readonly string[];
  readonly rounds: readonly ListedRound[];
  /** Day an issue was opened, by instance; absent where nobody knows it. */
  readonly dayOf: (instanceId: string) => string | undefined;
}

/** Numbers for names: the same few names stand in thousands of rows. */
class Names {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();

  at(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}

/** Absent where a part of it is unknown: a part is not the sum. */
function costOf({ submitterUsage, reviewerUsage }: RoundRow): number | null {
  const [one, other] = [submitterUsage.costUsd, reviewerUsage.costUsd];
  return one === undefined || other === undefined ? null : Number((one + other).toFixed(4));
}

const strictOf = (record: RoundRecord): number | null => scoreOf(record, "strict")?.submitter ?? null;

/** What assets/battles.js reads: names once, then a line of numbers for each round. */
function dataOf({ runs, rounds, dayOf }: ListInput): string {
  const [instances, languages, contestants, verdicts, labels, effects] = [
    new Names(),
    new Names(),
    new Names(),
    new Names(),
    new Names(),
    new Names(),
  ];
  const rows = rounds.map(({ run, place, row }) => [
    ...[run, place, row.round],
    instances.at(row.instanceId),
    languages.at(row.language),
    contestants.at(row.submitter),
    contestants.at(row.reviewer),
    verdicts.at(verdictWords[verdictOf(row.record)]),
    labels.at(row.record.label),
    effects.at(row.record.effect),
    strictOf(row.record),
    costOf(row),
  ]);
  const data = {
    runs,
    instances: instances.list,
    days: instances.list.map((instanceId) => dayOf(instanceId) ?? ""),
    languages: languages.list,
    contestants: contestants.list,
    verdicts: verdicts.list,
    labels: labels.list,
    effects: effects.list,
    rows,
  };
  return `globalThis.arenaRounds = ${scriptJson(data)};\n`;
}

function rowHtml({ run, place, row }: ListedRound): Html {
  const { record } = row;
  const strict = strictOf(record);
  const verdict: Verdict = verdictOf(record);
  return html`<tr><td><a href="${battlePath(run, place)}#round-${row.round}">${row.instanceId}</a></td><td class="number">${row.round}</td><td>${row.language}</td><td class="name">${row.submitter}</td><td class="name">${row.reviewer}</td><td>${verdictWords[verdict]}</td><td>${record.label}</td><td>${record.effect}</td><td class="number">${strict === null ? "–" : signed(strict)}</td></tr>
`;
}

const headings = [
  ["issue", "instance"],
  ["round", "round"],
  ["language", "language"],
  ["submitter", "submitter"],
  ["reviewer", "reviewer"],
  ["verdict", "verdict"],
  ["label", "label"],
  ["effect", "effect"],
  ["score", "score"],
] as const;

const isNumber: ReadonlySet<string> = new Set(["round", "score"]);

export function listFiles(input: ListInput): SiteFile[] {
  const { rounds } = input;
  const shown = rounds.slice(0, maxStaticRows);
  const heads = headings.map(
    ([words, key]) =>
      html`<th scope="col" data-key="${key}"${isNumber.has(key) ? html` class="number"` : undefined}>${words}</th>`,
  );
  const rest =
    rounds.length > shown.length
      ? html`<noscript><p class="quiet">Without scripts the first ${shown.length} of ${counted(rounds.length, "round")} are listed.</p></noscript>`
      : undefined;
  const body = html`<h1>Battles</h1>
<p class="lead">Every round that was recorded. A heading sorts; the page's address keeps what was chosen.</p>
<form class="filters" id="filters" hidden aria-label="Filters"></form>
<p class="quiet" id="count" role="status"></p>
<div class="scroll" tabindex="0" role="region" aria-label="Rounds"><table class="board" id="rounds"><thead><tr>${heads}</tr></thead><tbody>
${shown.map(rowHtml)}</tbody></table></div>
<button type="button" class="more" id="more" hidden>Show more</button>${rest}`;
  const page = pageOf({
    title: "Battles",
    depth: 0,
    here: "battles",
    body,
    scripts: ["data/rounds.js", "assets/battles.js"],
  });
  return [
    { path: "battles.html", text: page },
    { path: "data/rounds.js", text: dataOf(input) },
  ];
}
