// The judge stage: how clear and how hard an issue is, by what its text shows and by any configured model; every answer is kept.
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import type { Message, Model } from "../../inference/index.ts";
import { writeWhole } from "../pipeline/folder.ts";
import { type AuditedRow, auditedRow, type JudgedRow, judgedRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type Stage } from "../pipeline/stage.ts";
import { jsonIn } from "../pipeline/standing.ts";
import { saysNothing } from "./heuristics.ts";
import { type JudgedIssue, judgeSystem, questionOf, readAnswer, repairOf } from "./prompt.ts";

export interface JudgeDeps {
  /** Who is asked; without one only what the text shows is said. */
  readonly model?: { readonly model: Model; readonly name: string; readonly maxOutputTokens: number };
  /** An answer that cannot be read is asked for again, so often in all. */
  readonly attempts: number;
  /** Below it a row is put aside; what was not judged is not. */
  readonly leastClarity: number;
  readonly answersFolder: string;
}

/** One row's answers as they came: paid for, and so on the disk before anything is made of them. */
const answersFile = z.object({
  schemaVersion: z.literal(1),
  model: z.string(),
  prompt: z.string(),
  answers: z.array(
    z.object({ text: z.string(), finish: z.string(), costUsd: z.number(), tokens: z.number() }),
  ),
});
type Answers = z.infer<typeof answersFile>;

async function keptAnswers(path: string): Promise<Answers | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const read = answersFile.safeParse(jsonIn(text));
  if (read.success) return read.data;
  // They were paid for: nobody asks again before somebody has looked.
  const next = "mend the file, or remove it to have the model asked again";
  throw new UsageError(`${path}: expected answers as judge keeps them, found something else: ${next}`);
}

class Asking {
  readonly #deps: JudgeDeps;

  constructor(deps: JudgeDeps) {
    this.#deps = deps;
  }

  /** Undefined where no answer could be read. @throws ModelFault: the row is asked again by the next run */
  async judged(row: AuditedRow, signal: AbortSignal): Promise<JudgedIssue | undefined> {
    const { model: asked, attempts, answersFolder } = this.#deps;
    if (asked === undefined) return undefined;
    const question = questionOf(row);
    const prompt = createHash("sha256")
      .update(JSON.stringify([judgeSystem, question]))
      .digest("hex");
    const path = join(answersFolder, `${row.id}.json`);
    const known = await keptAnswers(path);
    const isOurs = known?.model === asked.name && known.prompt === prompt;
    const answers = isOurs ? [...known.answers] : [];
    const messages: Message[] = [{ role: "user", content: question }];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      let answer = answers[attempt];
      if (answer === undefined) {
        const { model, maxOutputTokens } = asked;
        const given = await model.generate({ system: judgeSystem, messages, maxOutputTokens }, signal);
        const { usd: costUsd, tokens } = given.charged;
        answer = { text: given.text, finish: given.finish, costUsd, tokens };
        answers.push(answer);
        await mkdir(answersFolder, { recursive: true });
        const file: Answers = { schemaVersion: 1, model: asked.name, prompt, answers };
        await writeWhole(path, `${JSON.stringify(file, null, 2)}\n`);
      }
      const read = readAnswer(answer.text);
      if (read.ok) return read.judged;
      messages.push({ role: "assistant", content: answer.text || "(empty)" }, repairOf(read.problem));
    }
    return undefined;
  }
}

/** Rejects `unclear`. Rows that nobody could judge go on without a judgement. */
export function judgeStage(deps: JudgeDeps): Stage<AuditedRow, JudgedRow> {
  const { model, attempts, leastClarity } = deps;
  const asking = new Asking(deps);
  const judgementOf = async (row: AuditedRow, signal: AbortSignal): Promise<JudgedRow["judgement"]> => {
    const nothing = saysNothing(row.split);
    if (nothing !== undefined) {
      return { clarity: 0, clarityWhy: nothing, by: "heuristics" };
    }
    const judged = await asking.judged(row, signal);
    if (judged === undefined) return undefined;
    const { clarity, difficulty, clarity_why: clarityWhy, difficulty_why: difficultyWhy } = judged;
    return { clarity, difficulty, clarityWhy, difficultyWhy, by: model?.name ?? "heuristics" };
  };
  return {
    name: "judge",
    input: auditedRow,
    output: judgedRow,
    settings: { rules: 1, model: model?.name ?? "none", attempts, leastClarity },
    run: async (row, signal) => {
      const judgement = await judgementOf(row, signal);
      if (judgement === undefined) return keptAs(row);
      if (judgement.clarity >= leastClarity) return keptAs({ ...row, judgement });
      const detail = `expected a clarity of at least ${leastClarity}, found ${judgement.clarity}: ${judgement.clarityWhy}`;
      return rejectedFor(row, { reason: "unclear", detail });
    },
  };
}

/** What the answers on disk had cost, so that a budget holds over all runs. */
export const answersCost = async (
  path: string,
): Promise<{ readonly usd: number; readonly tokens: number }> => {
  const kept = await keptAnswers(path);
  const all = kept?.answers ?? [];
  return {
    usd: all.reduce((sum, { costUsd }) => sum + costUsd, 0),
    tokens: all.reduce((sum, { tokens }) => sum + tokens, 0),
  };
};
