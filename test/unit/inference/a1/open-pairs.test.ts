// The pairs of a run: each writes its own ledger, and a run that is gone on with asks no model twice and decides as before.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { pairModel } from "../../../../src/inference/a1/a1-model.ts";
import { Calibrator } from "../../../../src/inference/a1/calibrator.ts";
import { pairSettingsOf } from "../../../../src/inference/a1/configuration.ts";
import { replay } from "../../../../src/inference/a1/decision-book.ts";
import { EngineFault } from "../../../../src/inference/a1/engine.ts";
import { openLedgerOnUse, readLedger } from "../../../../src/inference/a1/ledger-file.ts";
import { openPairs } from "../../../../src/inference/a1/open-pairs.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { Budget, type Contestant, type Prompt, parseContestants } from "../../../../src/inference/index.ts";
import { ScriptedEngine } from "../../../support/engine-script.ts";

const never = new AbortController().signal;
const prices = { inputPerMillion: 1, outputPerMillion: 2 };
const engine = { kind: "openai", baseUrl: "http://127.0.0.1:1" };

function contestants(more: object = {}): readonly Contestant[] {
  const entry = (id: string) => ({
    ...{ id, provider: "a1", model: "small > large", contextTokens: 4_000, maxOutputTokens: 60, prices },
    a1: { draft: { ...engine, model: "draft" }, target: { ...engine, model: "target" }, samples: 3, ...more },
  });
  const parsed = parseContestants(JSON.stringify([entry("ann"), entry("bob")]), "pairs.json");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.contestants;
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pairs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (id: string): string => join(folder, `a1-${id}.jsonl`);

/** @param isDown whether the target fails every takeover */
async function session(who = contestants(), { isDown = false, opens = true } = {}) {
  const time = new VirtualTime();
  const engines: ScriptedEngine[] = [];
  const pairs = await openPairs(who, {
    ...{ clock: time, note: () => {}, random: seededRandom("pairs") },
    ledgerOf: (id, fingerprint) => openLedgerOnUse(fileOf(id), fingerprint, time),
    openEngine: async ({ kind, ...spec }) => {
      if (!opens) throw new EngineFault("unusable", "no engine");
      const name = "model" in spec ? spec.model : kind;
      const write = (): string => {
        if (isDown && name === "target") throw new EngineFault("unauthorized", "no key");
        return name === "target" ? "taken over" : "drafted";
      };
      const opened = new ScriptedEngine({ name, write }, time);
      engines.push(opened);
      return opened;
    },
  });
  const ask = async (id: string, more: Partial<Prompt> = {}) => {
    const [contestant] = who;
    const [a1, backend] = [contestant?.a1, pairs.backends.get("ann")];
    if (a1 === undefined || backend === undefined) throw new Error("no pair");
    const settings = { id: "ann", model: "m", samples: 3, temperature: 1, prices, pair: pairSettingsOf(a1) };
    const model = pairModel(settings, { backend, budget: new Budget(), clock: time });
    const messages = [{ role: "user" as const, content: `mend ${id}` }];
    return await time.run(model.generate({ system: "s", messages, maxOutputTokens: 60, id, ...more }, never));
  };
  const asked = (): number => engines.reduce((sum, { requests }) => sum + requests.length, 0);
  return { pairs, ask, asked };
}

describe("the pairs of a run", () => {
  it("write a ledger each, once they are asked, from which every decision can be made again", async () => {
    const { pairs, ask } = await session();
    expect(readdirSync(folder)).toEqual([]);
    for (const id of ["one", "two"]) await ask(id);
    await pairs.close();
    expect(readdirSync(folder)).toEqual(["a1-ann.jsonl"]);
    const [ann] = contestants();
    if (ann?.a1 === undefined) throw new Error("no pair");
    const again = new Calibrator(pairSettingsOf(ann.a1).calibrator);
    const decided: string[] = [];
    replay(again, readLedger(fileOf("ann")), ({ question }) => decided.push(question));
    expect(decided).toHaveLength(6);
    expect([...again.rates().values()].map(({ decisions }) => decisions)).toEqual([6]);
  });

  it("answer again what they had answered, and go on with what they had not, asking no model twice", async () => {
    const killed = await session(contestants({ interventionRate: 1, auditShare: 0 }), { isDown: true });
    const first = killed.ask("one");
    await expect(first).rejects.toThrow(/no key/);
    expect(killed.asked()).toBe(6);
    await killed.pairs.close();
    const who = contestants({ interventionRate: 1, auditShare: 0 });
    const resumed = await session(who);
    const answer = await resumed.ask("one");
    expect(answer.text).toBe("taken over");
    // Drafts are known from before; takeovers alone were missing.
    expect(resumed.asked()).toBe(3);
    await resumed.pairs.close();
    const done = await session(who);
    expect(await done.ask("one")).toMatchObject({ text: answer.text, candidates: answer.candidates });
    expect(done.asked()).toBe(0);
    await done.pairs.close();
  });

  it("have the levels they had", async () => {
    const one = await session();
    await one.ask("one");
    const rates = [...(one.pairs.backends.get("ann")?.interventions().kinds ?? [])];
    await one.pairs.close();
    const other = await session();
    expect([...(other.pairs.backends.get("ann")?.interventions().kinds ?? [])]).toEqual(rates);
    expect(rates[0]?.[1].decisions).toBe(3);
    await other.pairs.close();
  });

  it("are not gone on with under other settings, nor leave a file where no engine opens", async () => {
    await expect(session(contestants(), { opens: false })).rejects.toThrow("no engine");
    expect(readdirSync(folder)).toEqual([]);
    const one = await session();
    await one.ask("one");
    await one.pairs.close();
    await expect(session(contestants({ interventionRate: 0.2 }))).rejects.toThrow(
      /same engines and settings/,
    );
  });
});
