// `arena retrieve`: what a contestant would be shown for an issue, each file with the reasons for its rank.
import { readFile } from "node:fs/promises";
import { type Contribution, type RankedFile, renderPlain } from "../../../retriever/index.ts";
import {
  ask,
  chosenReranker,
  type RepositoryAnswer,
  type RepositoryQuestion,
  type RerankChoice,
} from "../../arena/index.ts";
import { locateRepository, readSet } from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { cacheFolder, indexFolder } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { harmless, table } from "../output.ts";

export interface RetrieveOptions extends RerankChoice {
  /** A clone; or a set, with `instance`. */
  readonly repository: string;
  readonly instance?: string;
  readonly commit?: string;
  readonly issue?: string;
  readonly query?: string;
  readonly queryHints?: boolean;
  readonly repos?: string;
  readonly mode: string;
  readonly budget: number;
  readonly files: number;
  readonly tokenizer?: string;
}

type Subject = Pick<RepositoryQuestion, "repository" | "commit" | "text" | "hints">;

function modeOf({ mode }: RetrieveOptions): RepositoryQuestion["mode"] {
  if (mode === "full" || mode === "bm25") return mode;
  throw new UsageError(`--mode: expected full or bm25, found "${mode}"`);
}

async function issueText({ issue, query }: RetrieveOptions): Promise<string> {
  if ((issue === undefined) === (query === undefined)) {
    throw new UsageError("expected either --issue <file> or --query <text>: what to search for");
  }
  if (issue === undefined) return query ?? "";
  return readFile(issue, "utf8").catch((cause: unknown) => {
    throw new UsageError(`--issue: cannot read ${issue}`, { cause });
  });
}

async function instanceOf(options: RetrieveOptions, instanceId: string): Promise<Subject> {
  const other = (["issue", "query", "commit"] as const).find((name) => options[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--${other}: an instance brings its own`);
  const { set, instances } = await readSet(options.repository);
  const instance = instances.find((each) => each.instanceId === instanceId);
  if (instance === undefined) {
    throw new UsageError(
      `no instance ${instanceId} in ${options.repository}: \`arena issues list\` lists them`,
    );
  }
  const { repos } = options;
  const places = { set, cache: cacheFolder(), ...(repos === undefined ? {} : { repos }) };
  const { path, baseCommit } = await locateRepository(instance, places);
  const hints = options.queryHints === true ? { hints: instance.hintsText } : {};
  return { repository: path, commit: baseCommit, text: instance.problemStatement, ...hints };
}

async function subjectOf(options: RetrieveOptions): Promise<Subject> {
  if (options.instance !== undefined) return instanceOf(options, options.instance);
  if (options.queryHints === true) throw new UsageError("--query-hints: only an instance has hints");
  const { repository, commit = "HEAD" } = options;
  return { repository, commit, text: await issueText(options) };
}

const reason = ({ signal, points, found }: Contribution): string =>
  `${signal} ${points.toFixed(2)}${found === undefined ? "" : ` (${found})`}`;

function fileRow({ file, score, why }: RankedFile, index: number): string[] {
  const reasons = why.toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points)).map(reason);
  return [String(index + 1), score.toFixed(2), harmless(file.path), harmless(reasons.join(", "))];
}

function rerankLine({ reranked }: RepositoryAnswer): string[] {
  if (reranked === undefined) return [];
  const { about, passages, truncated, computed } = reranked;
  const cut = truncated === 0 ? "" : `, ${truncated} of them longer than its ${about.maxTokens} tokens`;
  return [
    `ranked again by a model (${about.kind}, ${about.device}, ${about.fingerprint.slice(0, 12)}): ${passages} passages${cut}, ${computed} computed now`,
  ];
}

function text(answer: RepositoryAnswer, options: RetrieveOptions): string {
  const { commit, stats, ranking, packed } = answer;
  const { snippets, tokens, tokenizer, leftOut } = packed;
  const ranked = ranking.files.slice(0, options.files).map(fileRow);
  const head = `commit ${commit}, ${stats.files} files, ${stats.indexed} of them searched`;
  if (ranked.length === 0) return `${head}\n\nNo file shares a word with the query.`;
  const shown = `${snippets.length} snippets, ${tokens} of ${options.budget} tokens (${tokenizer.name})`;
  return [
    head,
    ...rerankLine(answer),
    "",
    table([["", "score", "file", "why"], ...ranked]),
    "",
    `${shown}; ${leftOut.length} chunks left out`,
    "",
    harmless(renderPlain(snippets)),
  ].join("\n");
}

/** Ranked files and packed snippets. @throws UsageError for what is not there or says nothing */
export async function retrieve(options: RetrieveOptions, context: CommandContext): Promise<ExitCode> {
  const { out, signal } = context;
  const { tokenizer, budget: maxTokens } = options;
  const question = { ...(await subjectOf(options)), mode: modeOf(options), maxTokens };
  const choice = tokenizer === undefined ? {} : { tokenizer };
  const cacheFolder = indexFolder();
  const notes: string[] = [];
  const note = (sentence: string): void => {
    notes.push(sentence);
    out.note(sentence);
  };
  const reranker = await chosenReranker(options, { cacheFolder, note });
  const answer = await ask(
    { ...question, tokenizer: choice, ...(reranker === undefined ? {} : { reranker }) },
    {
      ...{ cacheFolder, signal, note },
      onProgress: ({ read, toRead }) => out.progress(`read ${read} of ${toRead} new files`),
    },
  ).finally(() => reranker?.close());
  const { commit, stats, ranking, packed, reranked } = answer;
  const { mode } = question;
  const files = ranking.files
    .slice(0, options.files)
    .map(({ file, score, why }) => ({ path: file.path, score, traits: file.traits, why }));
  const json = { schemaVersion: 1, commit, mode, budget: maxTokens, files, ...packed, stats, notes };
  const reranking = reranked === undefined ? {} : { reranked };
  out.result({ ...json, ...reranking }, () => text(answer, options));
  return exitCodes.done;
}
