// A small tournament for golden boards: five contestants of known skill on eight issues, drawn with a fixed seed.
import { seededRandom } from "../../../src/domain/random.ts";
import { type PanelResult, type RoundRecord, settle } from "../../../src/domain/record.ts";
import type { PlannedBattle, RoundRow, StoredCall } from "../../../src/domain/run.ts";
import type { BoardSource } from "../../../src/report/index.ts";
import { answer, call, record, round, settings, usage } from "./rows.ts";

interface Skill {
  readonly id: string;
  /** Chances that a patch is valid, that a valid one is right, that tests are valid, that they kill a wrong patch. */
  readonly valid: number;
  readonly right: number;
  readonly tests: number;
  readonly sharp: number;
  /** Chance that its tests reject a right patch. */
  readonly harsh: number;
}

const skills: readonly Skill[] = [
  { id: "gold", valid: 1, right: 1, tests: 1, sharp: 1, harsh: 0 },
  { id: "strong-model", valid: 0.95, right: 0.75, tests: 0.9, sharp: 0.7, harsh: 0.05 },
  {
    id: "a-model-with-a-rather-long-name-q4_k_m",
    valid: 0.8,
    right: 0.4,
    tests: 0.6,
    sharp: 0.5,
    harsh: 0.1,
  },
  { id: "overfit", valid: 1, right: 1, tests: 1, sharp: 1, harsh: 1 },
  { id: "empty", valid: 0, right: 0, tests: 0, sharp: 0, harsh: 0 },
];

const languages = ["cpp", "python", "rust", "go"] as const;

/** What a skill does, drawn from one stream. */
class Players {
  readonly #random = seededRandom("fixture");

  chance(p: number): boolean {
    return this.#random.next() < p;
  }

  #panel(reviewer: Skill): PanelResult[] {
    const labels = ["resolved", "resolved", "resolved", "unresolved", "unresolved", "unresolved"] as const;
    return labels.map((label, index) => ({
      candidate: `candidate-${index + 1}`,
      label,
      effect: this.chance(label === "resolved" ? reviewer.harsh : reviewer.sharp) ? "killed" : "survived",
    }));
  }

  play(submitter: Skill, reviewer: Skill): RoundRecord {
    const isValid = this.chance(submitter.valid);
    const isRight = isValid && this.chance(submitter.right);
    const hasTests = this.chance(reviewer.tests);
    const made = record({
      submission: isValid ? "valid" : "invalid",
      label: isRight ? "resolved" : "unresolved",
      review: hasTests ? "valid" : reviewer.id === "empty" ? "none" : "invalid",
      effect: this.chance(isRight ? reviewer.harsh : reviewer.sharp) ? "killed" : "survived",
    });
    const panel = hasTests ? this.#panel(reviewer) : [];
    const rejected = panel.filter((one) => one.label === "resolved" && one.effect === "killed").length;
    const settlement = made.contested ? settle(rejected, 4) : undefined;
    return { ...made, panel, ...(settlement === undefined ? {} : { settlement }) };
  }
}

const lost = { cause: "engine-lost", side: "submitter", detail: "the engine went away" } as const;
const free = { ...usage, inputTokens: 0, outputTokens: 0, costUsd: 0, seconds: 0 };
const isModel = (id: string): boolean => id.includes("model");

function playRound(battle: PlannedBattle, number: number, players: Players): RoundRow {
  const pair = [battle.first, battle.second].map((id) => skills.find((skill) => skill.id === id));
  const [submitter, reviewer] = number === 1 ? pair : pair.toReversed();
  if (submitter === undefined || reviewer === undefined) throw new Error("nobody to play");
  const made = players.play(submitter, reviewer);
  const language = languages[Number(battle.instanceId.split("-").at(-1)) % 4] ?? "go";
  return round({
    battleId: battle.battleId,
    instanceId: battle.instanceId,
    round: number,
    language,
    submitter: submitter.id,
    reviewer: reviewer.id,
    record: players.chance(0.02) ? { ...made, void: lost } : made,
    submitterJobs: { passed: made.submission.status === "valid" ? 2 : 1, total: 2 },
    submitterUsage: isModel(submitter.id) ? usage : free,
    trust: language === "cpp" ? "weak" : "canaried",
  });
}

/** The model's call behind a round; only one of the two models has a price. */
function callOf({ battleId, round: number, submitter }: RoundRow, id: number): StoredCall {
  const start = call({ battleId, round: number, contestant: submitter });
  const { costUsd: _, ...unpriced } = answer();
  return { id, ...start, finish: submitter === "strong-model" ? answer() : unpriced };
}

export function tournament(issues: number): BoardSource {
  const pairs = skills.flatMap((first, place) =>
    skills.slice(place + 1).map((second) => ({ first, second })),
  );
  const battles = pairs.flatMap(({ first, second }) =>
    Array.from({ length: issues }, (_, index) => ({
      battleId: `${first.id}-${second.id}-${index + 1}`,
      instanceId: `one__issue-${index + 1}`,
      first: first.id,
      second: second.id,
      rounds: 2,
    })),
  );
  const planned = battles.map((battle, ordinal): PlannedBattle => ({ ...battle, ordinal }));
  const players = new Players();
  const rounds = planned.flatMap((battle) => [1, 2].map((number) => playRound(battle, number, players)));
  return {
    name: "arena-runs/fixture",
    settings: { ...settings, contestants: skills.map((skill) => skill.id) },
    sandbox: "docker",
    sampling: skills.filter(({ id }) => isModel(id)).map(({ id }) => ({ id, temperature: 1 })),
    rounds,
    calls: rounds.filter((row) => isModel(row.submitter)).map((row, index) => callOf(row, index + 1)),
    battles: planned,
  };
}
