// A whole tournament in containers: controls, a mutant, replays and a provider's models of known chances; every round must come out as drawn.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/domain/random.ts";
import type { Role, RoundRow, RunStore } from "../../src/domain/run.ts";
import { rate, ratedRound } from "../../src/rating/index.ts";
import { openStoreReadOnly } from "../../src/storage/index.ts";
import { chanceEndpoint, issues, wasDrawnWell, writeReplay } from "../support/chance-endpoint.ts";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeSet, writeContestants } from "../support/http-contestants.ts";
import type { Chances } from "../support/known-chances.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-played-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rounds = Number(process.env.ARENA_ROUNDS ?? "2");

const models: readonly Chances[] = [
  { id: "http-strong", right: 0.8, kills: 0.8 },
  { id: "http-middle", right: 0.55, kills: 0.6 },
  { id: "http-sharp", right: 0.35, kills: 0.9 },
  { id: "http-weak", right: 0.25, kills: 0.3 },
];
/** Every second answer of it is the other. */
const half = `replay:${join(folder, "half.jsonl")}`;
const wrong = `replay:${join(folder, "wrong.jsonl")}`;

interface Judged {
  readonly rows: readonly RoundRow[];
  /** What was drawn for a side of a round; absent where it does not say. */
  readonly drawn: (row: RoundRow, role: Role) => boolean | undefined;
}

function judgedIn(store: Pick<RunStore, "calls" | "rounds">): Judged {
  const said = new Map(
    store.calls().map(({ battleId, round, role, finish }) => [`${battleId} ${round} ${role}`, finish?.text]),
  );
  const drawn = (row: RoundRow, role: Role): boolean | undefined => {
    const who = role === "submitter" ? row.submitter : row.reviewer;
    if (who === "gold") return true;
    if (who === half) return Math.floor((row.round - 1) / 2) % 2 === 0;
    if (who === wrong) return role === "reviewer";
    if (who === "empty") return false;
    // Its defect is known to show; its tests are the hidden ones less an assertion, and may kill or not.
    if (who === "mutant") return role === "submitter" ? false : undefined;
    const text = said.get(`${row.battleId} ${row.round} ${role}`);
    return text === undefined ? undefined : wasDrawnWell(text);
  };
  return { rows: store.rounds(), drawn };
}

describe("[engine] known chances in containers", () => {
  let canPlay = false;
  beforeAll(async () => {
    canPlay = (await engineForTests(["python", "rust", "go", "cpp"])) !== undefined;
  }, 600_000);

  it("come out round by round as they were drawn, and are ranked in their order", async ({ skip }) => {
    if (!canPlay) skip("no container engine can be had here");
    await using endpoint = await chanceEndpoint(models);
    writeReplay(half.slice("replay:".length), [
      { right: true, kills: true },
      { right: false, kills: false },
    ]);
    writeReplay(wrong.slice("replay:".length), [{ right: false, kills: true }]);
    writeContestants(join(folder, "models.yaml"), {
      ids: models.map(({ id }) => id),
      ...{ baseUrl: endpoint.baseUrl, attempts: 1, seed: 7 },
    });
    const names = [
      ...["gold", "empty", "mutant", half, wrong],
      ...models.map(({ id }) => `${join(folder, "models.yaml")}#${id}`),
    ];
    const file = join(folder, "known.yaml");
    writeFileSync(
      file,
      JSON.stringify({
        ...{ set: smokeSet, contestants: names, rounds, repeats: 1, panel: false, workers: 2 },
        ...{ seed: "known", sandbox: { class: "docker" } },
      }),
    );
    const run = join(folder, "run");
    const played = await arena("play", file, "--run", run);
    expect(played.code, played.stderr).toBe(0);

    const store = openStoreReadOnly(join(run, "arena.db"));
    const { rows, drawn } = judgedIn(store);
    store.close();
    expect(rows).toHaveLength(36 * issues.length * rounds);
    expect(rows.filter(({ record }) => record.void !== undefined)).toEqual([]);
    for (const row of rows) {
      const [right, kills] = [drawn(row, "submitter"), drawn(row, "reviewer")];
      const where = `${row.instanceId} ${row.submitter} against ${row.reviewer}, round ${row.round}`;
      expect([where, row.record.label]).toEqual([where, right === true ? "resolved" : "unresolved"]);
      if (kills === undefined || row.record.submission.status === "invalid") continue;
      expect([where, row.record.effect === "killed"]).toEqual([where, kills && right === false]);
    }

    const rated = rate(
      rows.map((row) => ratedRound(row, "strict")),
      { random: seededRandom("played"), resamples: 0 },
    ).contestants;
    console.log(
      `in containers: ${issues.length} issues, ${rows.length} rounds of ${names.length} contestants`,
    );
    for (const { id, overall } of rated)
      console.log(`${id.replace(`${folder}/`, "")}: ${overall?.value.toFixed(2)}`);
    const ranking = rated.map(({ id }) => id);
    expect(ranking[0]).toBe("gold");
    expect(ranking.at(-1)).toBe("empty");
    expect(ranking.indexOf("http-strong")).toBeLessThan(ranking.indexOf("http-weak"));
  }, 7_200_000);
});
