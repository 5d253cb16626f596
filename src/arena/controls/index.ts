// The controls of DESIGN 4.11: contestants that need no key and whose verdicts are known beforehand.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import { seededRandom } from "../../domain/random.ts";
import type { ControlName } from "../../inference/index.ts";
import { type Case, testFilesOf } from "../case.ts";
import { free, type Player, type SubmitAnswer } from "../player.ts";
import { overfitTest, trivialTest } from "./test-files.ts";
import { withoutOneAssertion } from "./weaken.ts";

/** Finds a defect of gold that compiles and changes a check; it needs sandboxes, so it is handed in. */
export type MutantFinder = (of: Case, seed: string) => Promise<string | undefined>;

const nothing: SubmitAnswer = { kind: "patch", patch: "" };

function reviewer(
  id: ControlName,
  files: (of: Case) => Promise<ReadonlyMap<string, Buffer | undefined>>,
): Player {
  return {
    id,
    submit: async () => free(nothing),
    review: async ({ of }) => free({ kind: "files", files: await files(of), bounded: true }),
  };
}

const gold: Player = {
  id: "gold",
  submit: async ({ of }) => free({ kind: "tree", tree: of.goldTree }),
  review: async ({ of }) => free({ kind: "files", files: of.hidden, bounded: false }),
};

const empty: Player = {
  id: "empty",
  submit: async () => free(nothing),
  review: async () => free({ kind: "patch", patch: "", bounded: true }),
};

/** H with one assertion taken away from the first test file that has a one-line assertion; empty when none has. */
function weakenedHidden(of: Case, seed: string): ReadonlyMap<string, Buffer | undefined> {
  const files = new Map(of.hidden);
  const { language } = of.instance;
  for (const path of testFilesOf([...files.keys()], of.instance)) {
    const text = files.get(path)?.toString("utf8");
    const weaker =
      text === undefined ? undefined : withoutOneAssertion(text, language, seededRandom(`${seed} assertion`));
    if (weaker !== undefined) return files.set(path, Buffer.from(weaker));
  }
  // Unweakened, this would be the gold control under another name: it abstains.
  return new Map();
}

function mutant(find: MutantFinder): Player {
  return {
    id: "mutant",
    submit: async ({ of, seed }) => {
      const tree = await find(of, seed);
      return free(tree === undefined ? nothing : { kind: "tree", tree });
    },
    review: async ({ of, seed }) => free({ kind: "files", files: weakenedHidden(of, seed), bounded: false }),
  };
}

export function controlPlayer(name: ControlName, find: MutantFinder): Player {
  switch (name) {
    case "gold":
      return gold;
    case "empty":
      return empty;
    case "mutant":
      return mutant(find);
    case "trivial":
      return reviewer("trivial", trivialTest);
    case "overfit":
      return reviewer("overfit", overfitTest);
  }
}

const replayLine = z.object({
  instance_id: z.string(),
  role: z.enum(["submitter", "reviewer"]),
  patch: z.string(),
});

function parseReplay(text: string, file: string): Map<string, string[]> {
  const answers = new Map<string, string[]>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw new UsageError(
        `${file}:${index + 1}: expected one JSON object a line, found ${line.slice(0, 60)}`,
      );
    }
    const parsed = replayLine.safeParse(json);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const field = issue?.path.join(".") ?? "";
      throw new UsageError(
        `${file}:${index + 1}: field ${field || "(line)"}: ${issue?.message}; expected {"instance_id","role":"submitter"|"reviewer","patch"}`,
      );
    }
    const key = `${parsed.data.role} ${parsed.data.instance_id}`;
    answers.set(key, [...(answers.get(key) ?? []), parsed.data.patch]);
  }
  return answers;
}

/**
 * Answers from a file: JSONL `{instance_id, role, patch}`, several lines of one key taken in turn by the round in
 * which the role is played. A key without a line is an abstention. @throws UsageError
 */
export async function replayPlayer(file: string): Promise<Player> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read the replay file ${file}`, { cause });
  });
  const answers = parseReplay(text, file);
  const take = (role: string, instanceId: string, turn: number): string => {
    const lines = answers.get(`${role} ${instanceId}`) ?? [];
    return lines.length === 0 ? "" : (lines[turn % lines.length] ?? "");
  };
  return {
    id: `replay:${file}`,
    submit: async ({ of, turn }) =>
      free({ kind: "patch", patch: take("submitter", of.instance.instanceId, turn) }),
    review: async ({ of, turn }) =>
      free({ kind: "patch", patch: take("reviewer", of.instance.instanceId, turn), bounded: true }),
  };
}
