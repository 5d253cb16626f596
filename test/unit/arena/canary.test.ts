// Canaries: run before a battle and again, a broken host puts an instance in quarantine, and what it judged is left out.
import { afterEach, describe, expect, it } from "vitest";
import { SandboxFault, type ScriptedHandler } from "../../../sandboxes/index.ts";
import type { Case } from "../../../src/arena/case.ts";
import { playTournament, type TournamentDeps } from "../../../src/arena/tournament.ts";
import { type Canary, vouchedRounds } from "../../../src/domain/canary.ts";
import { planned, type Script, type ToyArena, toyArena, toyTests } from "../../support/toy-arena.ts";

let arena: ToyArena;
afterEach(() => arena[Symbol.asyncDispose]());

const contestants = ["ann", "bob", "cid", "dan"];
const pairs = contestants.flatMap((first, index) =>
  contestants.slice(index + 1).map((second) => ({ first, second })),
);
/** Six battles of one round on one issue, one after the other. */
const battles = pairs.map((pair, ordinal) =>
  planned({ ...pair, battleId: `b${ordinal + 1}`, ordinal, rounds: 1 }),
);

type Host = "sound" | "fails-everything" | "passes-everything" | "engine-gone";

function onHost(host: () => Host): ScriptedHandler {
  return async (request, context) => {
    if (host() === "engine-gone")
      throw new SandboxFault("engine-unreachable", "the engine is gone", { retryable: false });
    const answer = await toyTests(request, context);
    const text = String(answer.stdout);
    if (host() === "fails-everything") return { ...answer, stdout: text.replaceAll("passed", "failed") };
    return host() === "passes-everything"
      ? { ...answer, stdout: text.replaceAll("failed", "passed") }
      : answer;
  };
}

interface Stage {
  host: Host;
  /** With two patches that are known to be wrong. */
  readonly of: Case;
  readonly canaries: Canary[];
  readonly began: string[];
  play(over?: Partial<TournamentDeps>): ReturnType<typeof playTournament>;
}

async function withPanel({ of, files }: ToyArena): Promise<Case> {
  const patch = await files.patch({ "app.py": "old = 1\nother = 1\n" });
  const member = (id: string) => ({ id, label: "unresolved", patch }) as const;
  const right = { id: "right-1", label: "resolved", patch: of.instance.goldPatch } as const;
  return { ...of, instance: { ...of.instance, panel: [right, member("wrong-1"), member("wrong-2")] } };
}

async function stage(script: Partial<Script> = {}): Promise<Stage> {
  let host: Host = "sound";
  arena = await toyArena(battles, { tests: onHost(() => host) });
  const made: Stage = {
    get host() {
      return host;
    },
    set host(next) {
      host = next;
    },
    of: await withPanel(arena),
    canaries: [],
    began: [],
    play(over = {}) {
      const silent: Script = { submit: () => "", review: () => "" };
      return playTournament({
        ...arena.deps({ ...silent, ...script }),
        ...{ workers: 1, openCase: async () => made.of, canaries: { battles: 2, hours: 1000 } },
        onBattle: ({ battleId }, state) => state === "started" && made.began.push(battleId),
        onCanary: (canary) => made.canaries.push(canary),
        ...{ onUnsettled: () => {}, onUnsound: () => {} },
        ...over,
      });
    },
  };
  return made;
}

const counted = () => {
  const { counted: rows, leftOut } = vouchedRounds(
    arena.store.rounds(),
    arena.store.canaries(),
    arena.store.roundMarks(),
  );
  return [rows, leftOut].map((each) => each.map(({ battleId }) => battleId));
};

describe("canaries of a sound host", () => {
  it("run before the first battle and after every so many, each control as it must come out", async () => {
    const made = await stage();
    expect(await made.play()).toMatchObject({ played: 6, quarantined: [] });
    expect(made.canaries).toHaveLength(3);
    expect(made.canaries[0]?.controls).toEqual([
      { control: "gold", name: "gold", passed: true, found: "valid, resolved" },
      { control: "empty", name: "empty", passed: true, found: "unresolved" },
      { control: "wrong", name: "wrong-1", passed: true, found: "unresolved" },
    ]);
    // Members of the panel take turns.
    expect(made.canaries.map(({ controls }) => controls.at(-1)?.name)).toEqual([
      "wrong-1",
      "wrong-2",
      "wrong-1",
    ]);
    expect(arena.store.canaries()).toMatchObject(made.canaries);
    expect(arena.store.roundMarks().map(({ canary }) => canary)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(counted()[1]).toEqual([]);
  });

  it("are due by time as well, and at the beginning of every session", async () => {
    const made = await stage();
    let nowMs = 0;
    const onBattle: TournamentDeps["onBattle"] = (_, state) => {
      if (state === "finished") nowMs += 1_800_000;
    };
    const monotonicMs = () => nowMs;
    const hourly = { canaries: { battles: 100, hours: 1 }, now: () => 0, monotonicMs, onBattle };
    await made.play(hourly);
    expect(made.canaries).toHaveLength(3);
    arena.store.planBattles([planned({ battleId: "more", ordinal: 99, rounds: 1 })]);
    await made.play(hourly);
    expect(made.canaries).toHaveLength(4);
  });

  it("cost little at first: what they ran is the instance's own, and later ones are run anew", async () => {
    const made = await stage();
    const stop = new AbortController();
    await made.play({ signal: stop.signal, onBattle: () => stop.abort() });
    const own = arena.sandboxes.opened.length;
    await made.play({ canaries: { battles: 1, hours: 1000 } });
    // Gold and base, each with and without the hidden tests, and the wrong patch: five runs a canary, none from memory.
    expect(arena.sandboxes.opened.length - own).toBeGreaterThanOrEqual(6 * 5);
    expect(made.canaries).toHaveLength(7);
  });

  it("do without a wrong patch where none is known", async () => {
    const made = await stage();
    await made.play({ openCase: async () => arena.of });
    expect(made.canaries[0]?.controls.map(({ control }) => control)).toEqual(["gold", "empty"]);
  });

  it("are tied to their evidence by hash", async () => {
    const made = await stage();
    await made.play();
    const [canary] = made.canaries;
    const { evidence } = arena.deps({ submit: () => "", review: () => "" });
    expect(canary?.evidenceHash).toBe(await evidence.fileHash(canary?.evidence ?? ""));
    expect(await evidence.readJson(canary?.evidence ?? "")).toMatchObject({
      instanceId: canary?.instanceId,
      runs: expect.arrayContaining([
        {
          state: "G+H",
          file: expect.stringMatching(/^evidence\//),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ]),
    });
  });
});

describe("a host on which gold fails", () => {
  it("plays no battle of the instance, and says why once", async () => {
    const made = await stage();
    made.host = "fails-everything";
    const { instanceId } = arena.of.instance;
    expect(await made.play({ workers: 2 })).toMatchObject({
      played: 0,
      quarantined: [instanceId],
      unsound: [],
    });
    expect(made.began).toEqual([]);
    expect(made.canaries).toEqual([
      expect.objectContaining({
        reason: expect.stringContaining("the gold patch must be valid and resolve"),
      }),
    ]);
    expect(arena.store.unplayed()).toHaveLength(6);
  });

  it("stays in quarantine until it is tried again", async () => {
    const made = await stage();
    made.host = "fails-everything";
    await made.play();
    made.host = "sound";
    expect(await made.play()).toMatchObject({ played: 0, quarantined: [arena.of.instance.instanceId] });
    expect(arena.store.canaries()).toHaveLength(1);
    expect(arena.store.retryQuarantined()).toEqual({
      instanceIds: [arena.of.instance.instanceId],
      rounds: 0,
    });
    // Also what its broken runs came to is forgotten: gold would fail in memory.
    expect(await made.play()).toMatchObject({ played: 6, quarantined: [] });
    expect(arena.store.canaries()[0]).toMatchObject({ isRetried: true });
  });

  it.each([["fails-everything"], ["passes-everything"]] as const)(
    "that %s from the fourth battle on casts doubt on what was judged since the last good canary",
    async (host) => {
      const made = await stage();
      const onBattle: TournamentDeps["onBattle"] = ({ battleId }, state) => {
        if (battleId === made.began.at(-1) && state === "finished" && made.began.length === 3)
          made.host = host;
        if (state === "started") made.began.push(battleId);
      };
      expect(await made.play({ onBattle })).toMatchObject({
        played: 4,
        quarantined: [arena.of.instance.instanceId],
      });
      const [kept, doubtful] = counted();
      expect([...(kept ?? [])].sort()).toEqual(made.began.slice(0, 2).sort());
      expect([...(doubtful ?? [])].sort()).toEqual(made.began.slice(2, 4).sort());
      made.host = "sound";
      expect(arena.store.retryQuarantined()).toMatchObject({ rounds: 2 });
      expect(await made.play()).toMatchObject({ played: 4, quarantined: [] });
      expect(counted()[0]).toHaveLength(6);
    },
  );
});

describe("a canary that cannot be run", () => {
  it("is a fault and no quarantine", async () => {
    const made = await stage();
    made.host = "engine-gone";
    await expect(made.play()).rejects.toMatchObject({ code: "engine-unreachable" });
    expect(arena.store.canaries()).toEqual([]);
    made.host = "sound";
    expect(await made.play()).toMatchObject({ played: 6, quarantined: [] });
  });
});
