// The datasheet of a set, by the questions of Gebru et al. (2021): its own figures, and "not stated" where nobody has said.
import type { StageReport } from "../pipeline/folder.ts";
import type { FrozenRow } from "../pipeline/rows.ts";
import { licenceCounts } from "./attributions.ts";
import { type Counts, countsOf, daysOf, languageRows, sizeRows } from "./figures.ts";
import { code, markdownTable, words } from "./markdown.ts";
import type { QuotaResult } from "./quotas.ts";
import type { TemporalSplit } from "./temporal-split.ts";

/** What was asked of the freeze, beside the rows. */
export interface FreezeTerms {
  readonly temporal?: TemporalSplit;
  /** As it was asked for. */
  readonly licences: string;
  readonly seed: string;
}

export interface DatasheetInput {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** In the order of their ids. */
  readonly rows: readonly FrozenRow[];
  /** Of every stage that has run, this one last. */
  readonly stages: readonly StageReport[];
  readonly quotas: readonly QuotaResult[];
  readonly terms: FreezeTerms;
}

const notStated = "Not stated.";
const told = (counts: Counts): string =>
  counts.length === 0 ? "none" : counts.map(([name, count]) => `${words(name)} ${count}`).join(", ");
const span = (days: readonly [string, string] | undefined): string =>
  days === undefined ? "not known" : `${days[0]} to ${days[1]}`;

function section(title: string, paragraphs: readonly string[]): string {
  return [`## ${title}`, ...paragraphs].join("\n\n");
}

function motivation(): string {
  return section("Motivation", [
    "Sets of this kind are made to have patches and tests judged by running them: each instance is an issue of a repository at a commit, the change that closed it, and checks that were seen to tell the two apart.",
    `Who made it, on whose behalf, and who paid: ${notStated.toLowerCase()}`,
  ]);
}

function composition({ rows }: DatasheetInput): string {
  const count = (is: (row: FrozenRow) => boolean): number => rows.filter(is).length;
  const flags = rows.flatMap(({ audit }) => [...new Set(audit?.flags.map((flag) => flag.code) ?? [])]);
  const panel = rows.flatMap(({ validation }) => validation.panel.map(({ label }) => label));
  const merged = rows.flatMap(({ mined }) => (mined === undefined ? [] : [mined.mergedAt]));
  return section("Composition", [
    `${rows.length} instances of ${new Set(rows.map(({ repo }) => repo)).size} repositories. Each is one line of ${code("instances.jsonl")}.`,
    markdownTable(languageRows(rows)),
    `${code("unrated")}: nobody was asked, or nobody could tell.`,
    markdownTable(sizeRows(rows)),
    [
      `- issues opened: ${span(daysOf(rows.map(({ split }) => split.createdAt)))}`,
      `- changes merged: ${span(daysOf(merged))} (${rows.length - merged.length} without a date)`,
      `- told right from wrong by: ${told(countsOf(rows.map(({ validation }) => validation.oracle)))}`,
      `- with hidden tests: ${count(({ split }) => split.testPatch !== "")}; with hints: ${count(({ split }) => split.hintsText !== "")}`,
      `- hidden candidates: ${told(countsOf(panel))}`,
      `- flagged by the audit, by instances: ${told(countsOf(flags))}; not audited: ${count(({ audit }) => audit === undefined)}`,
    ].join("\n"),
    `It is a sample: what was left out, and why, stands below. Issues and commits name people by the names they wrote under. Whether they were asked: ${notStated.toLowerCase()}`,
  ]);
}

function collection({ rows, stages }: DatasheetInput): string {
  const origins = rows.map(({ origin }) => (origin.kind === "row" ? `${origin.format} row` : origin.kind));
  const linked = rows.flatMap(({ mined }) => mined?.issues.map(({ linkedBy }) => linkedBy) ?? []);
  const funnel = stages.map(({ stage, rows: came, kept, faults, reasons }) => {
    const why = Object.entries(reasons).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return [stage, String(came), String(kept), told(why), String(faults)];
  });
  return section("Collection process", [
    `Where instances come from: ${told(countsOf(origins))}. How changes and issues were linked: ${told(countsOf(linked))}.`,
    markdownTable([["stage", "came", "kept", "put aside", "not asked"], ...funnel]),
  ]);
}

function drawnWords({ quotas, terms }: DatasheetInput): string[] {
  if (quotas.length === 0) return ["No quotas."];
  const lines = quotas.map(({ of, most, came, taken }) => [code(of), ...[most, came, taken].map(String)]);
  return [
    `Quotas, drawn by the seed ${code(terms.seed)}:`,
    markdownTable([["quota", "at most", "came", "taken"], ...lines]),
  ];
}

function temporalWords({ rows, terms: { temporal } }: DatasheetInput): string {
  if (temporal === undefined) return "No temporal split.";
  const { by, after, before, cutOff } = temporal;
  const ends = [
    ...(after === undefined ? [] : [`from ${after} on`]),
    ...(before === undefined ? [] : [`before ${before}`]),
    ...(cutOff === undefined ? [] : [`cut-off ${cutOff}`]),
  ];
  const labels = rows.flatMap(({ release }) => release.dated?.label ?? []);
  const whose = by === "issue" ? "the issue" : "the merge";
  return `Temporal split by the date of ${whose}: ${ends.join(", ")}. By label: ${told(countsOf(labels))}.`;
}

function preprocessing(input: DatasheetInput): string {
  const { rows } = input;
  const flaky = rows.reduce((sum, { validation }) => sum + Object.keys(validation.flaky).length, 0);
  const repeats = countsOf(rows.map(({ validation }) => String(validation.repeats)));
  const judges = rows.flatMap(({ judgement }) => (judgement === undefined ? [] : [judgement.by]));
  const people = new Set(rows.flatMap(({ annotation }) => annotation?.annotators ?? []));
  const annotated = rows.filter(({ annotation }) => annotation !== undefined).length;
  return section("Preprocessing, cleaning, labelling", [
    "Changes were parted into fix and hidden tests by path rules; base and fix were run without and with the hidden tests, and only tests that came out alike every time are relied on.",
    [
      `- runs of each state (times: instances): ${repeats.map(([times, count]) => `${times}: ${count}`).join(", ") || "none"}`,
      `- flaky tests, left out of every judgement: ${flaky}`,
      `- plans: ${told(countsOf(rows.map(({ environment }) => environment.ci.source)))}`,
      `- clarity and difficulty judged by: ${told(countsOf(judges))}; by people: ${annotated} (${people.size} annotators)`,
    ].join("\n"),
    temporalWords(input),
    ...drawnWords(input),
  ]);
}

function uses({ rows }: DatasheetInput): string {
  const weak = rows.filter(({ validation }) => validation.oracle !== "tests").length;
  return section("Uses", [
    "To compare who resolves issues, judged in sandboxes. Fixes, hidden tests and hidden candidates are in the lines: whoever is tested must not see them, and who trains on them cannot be tested on them.",
    `For ${weak} of ${rows.length} instances no hidden test tells right from wrong. Where repositories are public a model may have been trained on issues and fixes that are older than its cut-off, and on the repositories whatever their date.`,
    `What it has been used for: ${notStated.toLowerCase()}`,
  ]);
}

function distribution({ name, version, sha256, rows, terms }: DatasheetInput): string {
  const counts = Object.entries(licenceCounts(rows));
  return section("Distribution", [
    `${words(name)}, version ${words(version)}; SHA-256 of ${code("instances.jsonl")}: ${code(sha256)}.`,
    `Licences asked for: ${words(terms.licences)}. By instances:`,
    markdownTable([["licence", "instances"], ...counts.map(([licence, n]) => [words(licence), String(n)])]),
    `${code("ATTRIBUTIONS.md")} names repositories, holders and authors; ${code("licences/")} holds the licences' and notices' texts. The texts of issues are their authors', and no licence for them is known.`,
  ]);
}

function maintenance(): string {
  return section("Maintenance", [
    "A frozen version does not change: another state of the set is another version. The same rows give the same bytes.",
    `Who maintains it, where errors are told, and for how long: ${notStated.toLowerCase()}`,
  ]);
}

/** `DATASHEET.md`. */
export function datasheetText(input: DatasheetInput): string {
  const parts = [
    `# Datasheet of ${words(`${input.name} ${input.version}`)}`,
    "The questions are those of Gebru et al., *Datasheets for Datasets* (2021). Figures are counted from the set.",
    motivation(),
    composition(input),
    collection(input),
    preprocessing(input),
    uses(input),
    distribution(input),
    maintenance(),
  ];
  return `${parts.join("\n\n")}\n`;
}
