// A curation's annotations on disk: who has to look at what, and each answer on the disk before the next question.
import { mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import { writeWhole } from "../pipeline/folder.ts";
import { jsonIn, standing, standingText } from "../pipeline/standing.ts";
import type { Deal } from "./deal.ts";

/** They name files. */
export const annotatorName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "letters, digits, . _ -");

const dealSchema = z.strictObject({
  schemaVersion: z.literal(1),
  seed: z.string(),
  each: z.int().min(2),
  deals: z.array(z.strictObject({ annotator: annotatorName, ids: z.array(z.string()) })),
});
export type DealFile = z.infer<typeof dealSchema>;

export const answerSchema = z.strictObject({
  id: z.string(),
  clarity: z.int().min(0).max(3),
  difficulty: z.number().min(0).max(1),
  note: z.string().exactOptional(),
});
export type AnnotationAnswer = z.infer<typeof answerSchema>;

const own = (folder: string, ...path: readonly string[]): string => join(folder, "annotate", ...path);
const dealFile = (folder: string): string => own(folder, "deal.json");
const answersFile = (folder: string, annotator: string): string =>
  own(folder, "answers", `${annotator}.jsonl`);

export async function writeDeal(
  folder: string,
  of: { readonly seed: string; readonly each: number; readonly deals: readonly Deal[] },
): Promise<void> {
  await mkdir(own(folder, "answers"), { recursive: true });
  await writeWhole(dealFile(folder), `${JSON.stringify({ schemaVersion: 1, ...of }, null, 2)}\n`);
}

/** @throws UsageError where nothing was dealt yet, or the file is none of ours */
export async function readDeal(folder: string): Promise<DealFile> {
  const path = dealFile(folder);
  const text = await standingText(path, "rows that were dealt");
  if (text === undefined) {
    const next = "run `arena curate annotate deal` on this folder first";
    throw new UsageError(`expected rows that were dealt in ${path}, found none: ${next}`);
  }
  const read = dealSchema.safeParse(jsonIn(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UsageError(`${path}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}: deal again`);
}

/** The last answer to each row counts: whoever thinks better of it answers again. */
export async function readAnswers(
  folder: string,
  annotator: string,
): Promise<ReadonlyMap<string, AnnotationAnswer>> {
  const path = answersFile(folder, annotator);
  const text = (await standingText(path, "answers")) ?? "";
  const answers = new Map<string, AnnotationAnswer>();
  // What follows the last newline was being written when its process was killed.
  for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
    if (line.trim() === "") continue;
    const read = answerSchema.safeParse(jsonIn(line));
    if (!read.success) {
      const [issue] = read.error.issues;
      throw new UsageError(`${path}:${index + 1}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
    }
    answers.set(read.data.id, read.data);
  }
  return answers;
}

/** Everybody's. */
export async function allAnswers(
  folder: string,
): Promise<ReadonlyMap<string, ReadonlyMap<string, AnnotationAnswer>>> {
  const path = own(folder, "answers");
  const names = (await standing(path, "a folder of answers", () => readdir(path))) ?? [];
  const annotators = names.filter((name) => name.endsWith(".jsonl")).map((name) => name.slice(0, -6));
  const read = annotators.sort().map(async (name) => [name, await readAnswers(folder, name)] as const);
  return new Map(await Promise.all(read));
}

/** On the disk when it resolves. A half-written line before it is ended first. */
export async function addAnswer(folder: string, annotator: string, answer: AnnotationAnswer): Promise<void> {
  await mkdir(own(folder, "answers"), { recursive: true });
  const path = answersFile(folder, annotator);
  const before = (await standingText(path, "answers")) ?? "";
  const file = await open(path, "a");
  try {
    const torn = before !== "" && !before.endsWith("\n");
    if (torn) await file.truncate(Buffer.byteLength(before.slice(0, before.lastIndexOf("\n") + 1)));
    await file.writeFile(`${JSON.stringify(answer)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
