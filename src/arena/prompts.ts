// What a contestant reads: the role's template, with everything untrusted fenced as data it cannot break out of.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { UsageError } from "../domain/fault.ts";
import type { Language } from "../domain/instance.ts";
import { treeOverview } from "./prompts/overview.ts";
import { fill, parseTemplate, type Template } from "./prompts/template.ts";

/** `checkout`: nothing is written, what an agent leaves in its checkout is read. */
export type AnswerFormat = "edits" | "diff" | "checkout";

export interface PromptFacts {
  /** Such as `owner/name`. */
  readonly repo: string;
  readonly language: Language;
  /** Commands by which the repository is tested, and those by which its style is checked. */
  readonly testCommands: readonly string[];
  readonly lintCommands: readonly string[];
  /** All paths of the tree. */
  readonly paths: readonly string[];
}

/** Lines from 1, both ends included. */
export interface PromptSnippet {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
  /** One line for each definition there was no room for, not the file's own text. */
  readonly signaturesOnly?: true;
}

/** The contestant's own earlier round in the same role, and what became of it. */
export interface EarlierRound {
  readonly round: number;
  readonly answer: string;
  readonly outcome: string;
}

/** What a reviewer may know of the submission. */
export type Hint =
  | { readonly kind: "none" }
  | { readonly kind: "changed-regions"; readonly regions: readonly Omit<PromptSnippet, "text">[] }
  | { readonly kind: "diff"; readonly diff: string };

interface CommonInput {
  readonly issue: string;
  readonly facts: PromptFacts;
  readonly snippets: readonly PromptSnippet[];
  readonly earlier: readonly EarlierRound[];
  readonly answer: AnswerFormat;
}

export interface SubmitterInput extends CommonInput {
  readonly role: "submitter";
}

export interface ReviewerInput extends CommonInput {
  readonly role: "reviewer";
  readonly hint: Hint;
  /** Where test files of this language must lie to be found, in a sentence. */
  readonly placement: string;
  readonly maxFiles: number;
  readonly maxBytes: number;
}

export interface RepairInput {
  readonly role: "submitter" | "reviewer";
  readonly answer: AnswerFormat;
  /** The exact error. */
  readonly problem: string;
  readonly attemptsLeft: number;
}

export interface RenderedPrompt {
  readonly system: string;
  readonly user: string;
}

const common = ["issue", "facts", "snippets", "earlier", "answer_format", "marker"];
const placeholders = {
  submitter: common,
  reviewer: [...common, "hints", "placement", "max_files", "max_bytes"],
  repair: ["problem", "attempts_left", "answer_format", "marker"],
} as const;

export type TemplateName = keyof typeof placeholders;

export interface PromptTemplates {
  readonly submitter: Template;
  readonly reviewer: Template;
  readonly repair: Template;
  readonly formats: Readonly<Record<"edits" | "diff" | "tests", string>> & { readonly checkout?: string };
}

/** @throws UsageError naming file and line for whatever a template may not be */
export function promptTemplate(name: TemplateName, text: string, file: string): Template {
  return parseTemplate(text, { file, placeholders: placeholders[name], hasSystem: name !== "repair" });
}

function own(name: string): string {
  return readFileSync(new URL(`./prompts/${name}.md`, import.meta.url), "utf8");
}

function readTemplate(name: TemplateName, file: string | undefined): Template {
  if (file === undefined) return promptTemplate(name, own(name), `${name}.md`);
  try {
    return promptTemplate(name, readFileSync(file, "utf8"), file);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file}: expected a readable prompt template for the ${name}; ${why}`, { cause });
  }
}

/** Ours, or the files a contestant replaces them by. @throws UsageError */
export function loadTemplates(replaced: { submitter?: string; reviewer?: string } = {}): PromptTemplates {
  return {
    submitter: readTemplate("submitter", replaced.submitter),
    reviewer: readTemplate("reviewer", replaced.reviewer),
    repair: readTemplate("repair", undefined),
    formats: {
      edits: own("formats/edits").trimEnd(),
      diff: own("formats/diff").trimEnd(),
      tests: own("formats/tests").trimEnd(),
    },
  };
}

/** What an agent reads: the same rules, and that it answers with files. */
export function agentTemplates(): PromptTemplates {
  const templates = loadTemplates();
  return { ...templates, formats: { ...templates.formats, checkout: own("formats/checkout").trimEnd() } };
}

/** Drawn from `texts`, and in none of them nor of `others`: nobody can write the mark that ends his own fence. */
export function markerFor(texts: readonly string[], others: readonly string[] = []): string {
  for (let draw = 0; ; draw += 1) {
    const digest = createHash("sha256")
      .update(JSON.stringify([draw, texts]))
      .digest("hex")
      .slice(0, 16);
    const isIn = (text: string): boolean => text.includes(digest);
    if (!texts.some(isIn) && !others.some(isIn)) return digest;
  }
}

type Fence = (what: string, text: string) => string;

function fenceWith(marker: string): Fence {
  return (what, text) => `[begin ${marker} ${what}]\n${text.replace(/\n$/, "")}\n[end ${marker}]`;
}

function snippetText({ file, startLine, endLine, text, signaturesOnly }: PromptSnippet): string {
  const what = signaturesOnly === true ? ", signatures only" : "";
  return `${file}, lines ${startLine} to ${endLine}${what}:\n${text}`;
}

function factsText(facts: PromptFacts, fence: Fence): string {
  const commands = [
    ...facts.testCommands.map((command) => `test: ${command}`),
    ...facts.lintCommands.map((command) => `lint: ${command}`),
  ];
  const about = [`repository: ${facts.repo}`, `language: ${facts.language}`, ...commands].join("\n");
  const tree = treeOverview(facts.paths);
  return `${fence("facts", about)}\n\nIts files, folders folded where there are many:\n\n${fence("tree", tree)}`;
}

function formatOf({ role, answer }: Pick<Input, "role" | "answer">, { formats }: PromptTemplates): string {
  if (answer === "diff") return formats.diff;
  if (answer === "edits") return role === "reviewer" ? formats.tests : formats.edits;
  if (formats.checkout === undefined) throw new Error("bug: these templates are a model's, not an agent's");
  return formats.checkout;
}

function sourceText({ answer, snippets }: Input, fence: Fence): string {
  return answer === "checkout" ? "All of it lies in the checkout." : snippetsText(snippets, fence);
}

function snippetsText(snippets: readonly PromptSnippet[], fence: Fence): string {
  if (snippets.length === 0) return "No part of the source code was found to match the issue.";
  return snippets.map((snippet) => fence("source", snippetText(snippet))).join("\n\n");
}

function earlierText(earlier: readonly EarlierRound[], fence: Fence): string {
  if (earlier.length === 0) return "";
  const rounds = earlier.map(({ round, answer, outcome }) => {
    const said = fence("your answer", answer);
    return `In round ${round} you answered:\n\n${said}\n\nWhat became of it:\n\n${fence("outcome", outcome)}`;
  });
  return `## Your earlier rounds in this role\n\n${rounds.join("\n\n")}`;
}

function hintText(hint: Hint, fence: Fence): string {
  if (hint.kind === "none") return "You are not shown it.";
  if (hint.kind === "diff") {
    if (hint.diff.trim() === "") return "There is no change to show.";
    return `It is, as a diff:\n\n${fence("submission", hint.diff)}`;
  }
  if (hint.regions.length === 0) return "There is no change to show.";
  const regions = hint.regions.map(
    ({ file, startLine, endLine }) => `${file}, lines ${startLine} to ${endLine}`,
  );
  return `You are told only where it changed the code:\n\n${fence("changed regions", regions.join("\n"))}`;
}

function reviewerValues(input: ReviewerInput, fence: Fence): Record<string, string> {
  return {
    hints: hintText(input.hint, fence),
    placement: input.placement,
    max_files: String(input.maxFiles),
    max_bytes: String(input.maxBytes),
  };
}

type Input = SubmitterInput | ReviewerInput;

/** Of everything but the snippets: how many are shown does not change the mark they are counted with. */
function markerOf(input: Input): string {
  const texts = input.snippets.map(snippetText);
  return markerFor([JSON.stringify({ ...input, snippets: [] })], texts);
}

/** The part of a prompt that shows source, as `renderPrompt` writes it for the same input with these snippets. */
export function snippetRenderer(bare: Input): (snippets: readonly PromptSnippet[]) => string {
  const fence = fenceWith(markerOf({ ...bare, snippets: [] }));
  return (snippets) => snippetsText(snippets, fence);
}

/** Pure: the same input gives the same bytes. */
export function renderPrompt(
  input: SubmitterInput | ReviewerInput,
  templates: PromptTemplates,
): RenderedPrompt {
  const marker = markerOf(input);
  const fence = fenceWith(marker);
  const isReviewer = input.role === "reviewer";
  const values = {
    marker,
    issue: fence("issue", input.issue),
    facts: factsText(input.facts, fence),
    snippets: sourceText(input, fence),
    earlier: earlierText(input.earlier, fence),
    answer_format: formatOf(input, templates),
    ...(isReviewer ? reviewerValues(input, fence) : {}),
  };
  const template = templates[input.role];
  return { system: `${fill(template.system, values)}\n`, user: `${fill(template.user, values)}\n` };
}

/** The message that sends an unusable answer back. Pure. */
export function renderRepair(input: RepairInput, templates: PromptTemplates): string {
  const marker = markerFor([input.problem]);
  const values = {
    marker,
    problem: fenceWith(marker)("error", input.problem),
    attempts_left: String(input.attemptsLeft),
    answer_format: formatOf(input, templates),
  };
  return `${fill(templates.repair.user, values)}\n`;
}
