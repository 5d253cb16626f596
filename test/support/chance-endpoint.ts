// Contestants of known chances as a real provider and as replays: right or wrong by a seeded draw, on the smoke set.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../src/domain/random.ts";
import type { Role } from "../../src/domain/run.ts";
import { diffAnswer, smokeSet } from "./http-contestants.ts";
import type { Chances } from "./known-chances.ts";
import { type ScriptedEndpoint, type SeenRequest, scriptedEndpoint } from "./scripted-endpoint.ts";

const instances = join(smokeSet, "instances");
export const issues: readonly string[] = readdirSync(instances).toSorted();

const read = (issue: string, name: string): string => readFileSync(join(instances, issue, name), "utf8");
const titles = new Map(issues.map((issue) => [read(issue, "issue.md").split("\n", 1)[0] ?? "", issue]));

/** What an answer says of itself, so that whoever reads the stored answers knows what was drawn. */
const word = (succeeds: boolean): string => (succeeds ? "As drawn: well." : "As drawn: badly.");
export const wasDrawnWell = (text: string): boolean => text.startsWith(word(true));

function answerTo({ body, prompt }: SeenRequest, chances: readonly Chances[]): string {
  const own = chances.find(({ id }) => id === body.model);
  const issue = [...titles].find(([title]) => prompt.includes(title))?.[1];
  if (own === undefined || issue === undefined || typeof body.seed !== "number")
    throw new Error(`expected a known model, issue and seed; found ${body.model}, ${issue}, ${body.seed}`);
  // The seed is the battle's, the round's and the role's.
  const random = seededRandom(`${own.id} ${issue} ${body.seed}`);
  const isReviewer = prompt.includes("You are the *reviewer*");
  const isWell = random.next() < (isReviewer ? own.kills : own.right);
  return `${word(isWell)}\n${isReviewer ? testsOf(issue, isWell) : patchOf(issue, isWell, 1 + random.integer(2))}`;
}

const testsOf = (issue: string, kills: boolean): string =>
  kills ? diffAnswer(read(issue, "test.patch")) : '```json\n{"tests": []}\n```\n';

const patchOf = (issue: string, isRight: boolean, wrong: number): string =>
  diffAnswer(read(issue, isRight ? "gold.patch" : `panel/wrong-${wrong}.patch`));

/** Answers whoever is among `chances`; every request must name a seed. */
export function chanceEndpoint(chances: readonly Chances[]): Promise<ScriptedEndpoint> {
  return scriptedEndpoint((request) => ({ kind: "answer", text: answerTo(request, chances) }));
}

/** Writes a replay's answers: turn by turn right or wrong, with tests that kill or none. */
export function writeReplay(file: string, turns: readonly { right: boolean; kills: boolean }[]): void {
  const lines = issues.flatMap((issue) =>
    turns.flatMap(({ right, kills }) => [
      line(issue, "submitter", read(issue, right ? "gold.patch" : "panel/wrong-1.patch")),
      line(issue, "reviewer", kills ? read(issue, "test.patch") : ""),
    ]),
  );
  writeFileSync(file, `${lines.join("\n")}\n`);
}

const line = (issue: string, role: Role, patch: string): string =>
  JSON.stringify({ instance_id: issue, role, patch });
