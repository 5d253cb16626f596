// Issues as somebody exported them from GitHub's REST list, which holds pull requests among them.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import { boundedLines } from "../lines.ts";
import { type IssueName, issueKey } from "./linked-issues.ts";

export interface ExportedIssue {
  readonly title: string;
  readonly body: string;
  readonly createdAt: string;
  readonly isPullRequest: boolean;
}

export interface IssueExport {
  /** Of the file: another one mines again. */
  readonly sha256: string;
  readonly find: (issue: IssueName) => ExportedIssue | undefined;
}

/** A JSON array is held whole; a longer list comes as JSONL. */
const mostArrayBytes = 256 * 1024 * 1024;
const mostBodyChars = 1_000_000;

/** What is used of a list entry; GitHub writes a good deal more. */
const entrySchema = z.object({
  number: z.int().positive(),
  title: z.string().max(mostBodyChars),
  body: z.string().max(mostBodyChars).nullish(),
  created_at: z.iso.datetime({ offset: true }),
  repository_url: z.string().optional(),
  html_url: z.string().optional(),
  pull_request: z.unknown().optional(),
});
type Entry = z.infer<typeof entrySchema>;

function repoOf({ html_url, repository_url }: Entry): string | undefined {
  const page = html_url?.match(/^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/(?:issues|pull)\/\d+/);
  const api = repository_url?.match(/\/repos\/([^/]+\/[^/]+)$/);
  return page?.[1] ?? api?.[1];
}

/** Entries of one JSON value: an entry, a page of them, or several pages. */
function entriesOf(text: string, where: string): Entry[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${where}: expected JSON, found something else: export the issues again`, { cause });
  }
  return [json].flat(2).map((each, index) => {
    const entry = entrySchema.safeParse(each);
    if (entry.success) return entry.data;
    const said = entry.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new UsageError(
      `${where}: expected issues as GitHub's REST list has them, found an entry (${index + 1}) with ${said}`,
    );
  });
}

async function* entriesIn(file: string): AsyncGenerator<Entry> {
  const chunks: AsyncIterable<Buffer> = createReadStream(file);
  for await (const line of boundedLines(chunks)) {
    const where = `${file}:${line.number}`;
    if (line.kind !== "text")
      throw new UsageError(`${where}: expected a line of UTF-8 of bounded length, found it ${line.kind}`);
    if (line.text.trim() !== "") yield* entriesOf(line.text, where);
  }
}

/** Whether the whole file is one value: lines of JSONL are values of their own. */
async function wholeArray(file: string): Promise<Entry[] | undefined> {
  const { size } = await stat(file);
  if (size > mostArrayBytes) return undefined;
  const text = await readFile(file, "utf8");
  const first = text.trimStart().split("\n", 1)[0] ?? "";
  try {
    JSON.parse(first);
  } catch {
    return entriesOf(text, file);
  }
  return undefined;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Reads an export: a JSON array, pages of one, or JSONL. Entries that name no repository are `repo`'s; of two with one
 * name the first counts. @throws UsageError where the file is missing or holds anything else
 */
export async function readIssueExport(file: string, repo?: string): Promise<IssueExport> {
  const isFile = await stat(file).then(
    (status) => status.isFile(),
    () => false,
  );
  if (!isFile) throw new UsageError(`expected a file of exported issues at ${file}, found none`);
  const issues = new Map<string, ExportedIssue>();
  for await (const entry of (await wholeArray(file)) ?? entriesIn(file)) {
    const of = repoOf(entry) ?? repo;
    if (of === undefined) {
      const expected = "every issue with its html_url, since several repositories are mined";
      throw new UsageError(`${file}: expected ${expected}, found ${entry.number} without one`);
    }
    const key = issueKey({ repo: of, number: entry.number });
    const isPullRequest = entry.pull_request !== undefined && entry.pull_request !== null;
    const { title, body, created_at: createdAt } = entry;
    if (!issues.has(key)) issues.set(key, { title, body: body ?? "", createdAt, isPullRequest });
  }
  return { sha256: await digestOf(file), find: (issue) => issues.get(issueKey(issue)) };
}
