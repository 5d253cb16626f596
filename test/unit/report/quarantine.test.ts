// What is left out of a board is counted beside what is in it: quarantined instances, doubtful rounds, contestants who left.
import { describe, expect, it } from "vitest";
import type { StoredCanary } from "../../../src/domain/canary.ts";
import { boardJson, makeBoard, renderBoardMarkdown, renderBoardTable } from "../../../src/report/index.ts";
import { boardSource } from "../../../src/report/source.ts";
import { openStore } from "../../../src/storage/index.ts";
import { battle, round, settings } from "./rows.ts";

const [sick, well] = [battle(1), battle(2)];

function canary(instanceId: string, reason?: string): Omit<StoredCanary, "id" | "isRetried"> {
  const at = { instanceId, atMs: Date.UTC(2026, 2, 1), evidence: `canaries/${instanceId}/1.json` };
  const controls = [{ control: "gold", name: "gold", passed: reason === undefined, found: "found" }] as const;
  return { ...at, controls, evidenceHash: "c0ffee".repeat(10), ...(reason === undefined ? {} : { reason }) };
}

/** One round before a good canary's successor failed, one that counts, and a contestant who has left. */
function stored() {
  const store = openStore(":memory:");
  store.saveSettings(settings);
  store.planBattles([sick, well]);
  store.recordCanary(canary(sick.instanceId));
  store.recordCanary(canary(well.instanceId));
  store.recordRound(round());
  store.recordRound(round({ battleId: well.battleId, instanceId: well.instanceId }));
  store.recordCanary(canary(sick.instanceId, "gold | came out invalid"));
  store.recordDropout({
    contestant: "beta",
    atMs: Date.UTC(2026, 2, 2),
    code: "unauthorized",
    reason: "no key",
  });
  const source = boardSource({ name: "run", sandbox: "scripted", sampling: [] }, store);
  store.close();
  return source;
}

describe("a board of a run with an instance in quarantine", () => {
  const board = makeBoard([stored()], { resamples: 50 });

  it("takes its figures without the doubtful rounds, and shows both denominators", () => {
    expect(board.rounds).toMatchObject({ recorded: 1, planned: 4 });
    expect(board.contestants.map(({ rounds }) => rounds.submitter + rounds.reviewer)).toEqual([1, 1]);
    expect(boardJson(board).quarantine).toEqual({
      ...{ canaries: 3, failed: 1 },
      instances: [
        {
          ...{
            run: "run",
            instanceId: sick.instanceId,
            reason: "gold | came out invalid",
            controls: ["gold"],
          },
          ...{ at: "2026-03-01T00:00:00.000Z", evidence: `canaries/${sick.instanceId}/1.json` },
          ...{ evidenceHash: "c0ffee".repeat(10), battlesUnplayed: 1 },
        },
      ],
      denominators: {
        instances: { with: 2, without: 1 },
        rounds: { with: 2, without: 1 },
        contestants: ["alpha", "beta"].map((id) => ({ id, with: 2, without: 1 })),
      },
    });
  });

  it("says who has left and how much of the plan is unplayed for it", () => {
    expect(board.droppedOut).toEqual([
      {
        ...{ run: "run", contestant: "beta", code: "unauthorized", reason: "no key" },
        ...{ at: "2026-03-02T00:00:00.000Z", battlesUnplayed: 2 },
      },
    ]);
  });

  it("says all that in a terminal and in Markdown, where others' words are no markup", () => {
    const [table, markdown] = [renderBoardTable(board), renderBoardMarkdown(board)];
    for (const text of [table, markdown].map((one) => one.replace(/\s+/g, " "))) {
      expect(text).toContain(
        "QUARANTINE: 1 of 2 instances; 1 of 2 recorded rounds count (alpha 1 of 2, beta 1 of 2)",
      );
      expect(text).toContain("since 2026-03-01T00:00:00.000Z, 1 battle unplayed: gold");
      expect(text).toContain("(evidence c0ffeec0ffee)");
      expect(text).toContain("Dropped out beta at 2026-03-02T00:00:00.000Z, 2 battles unplayed: no key.");
    }
    expect(markdown).toContain("gold \\| came out invalid");
  });
});

describe("a board of a run without canaries", () => {
  it("says nothing of a quarantine, since nobody knows", () => {
    const { leftOut: _, ...plain } = stored();
    const board = makeBoard([plain], { resamples: 50 });
    expect(board).not.toHaveProperty("quarantine");
    expect(board.droppedOut).toEqual([]);
    expect(renderBoardTable(board)).not.toContain("QUARANTINE");
  });
});
