// The ledger on disk: what is appended is read again, a torn end is cut off, and whatever was changed is named by its line.
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LedgerEvent } from "../../../../src/inference/a1/ledger.ts";
import { openLedger, openLedgerOnUse, readLedger } from "../../../../src/inference/a1/ledger-file.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";

const clock = new VirtualTime();
const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
const events: readonly LedgerEvent[] = [
  { kind: "question", question: "q", fingerprint: "f" },
  { kind: "issued", key },
  { kind: "gated", key, gated: { kind: "refused", because: 'a "quoted"\nline, \u{1F600} and \ud800' } },
  { kind: "withdrawn", key },
];

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(): string {
  const path = join(folder, "ledger.jsonl");
  const ledger = openLedger(path, "settings", clock);
  for (const event of events) ledger.append(event);
  ledger.close();
  return path;
}

describe("a ledger file", () => {
  it("gives back what was appended, over any number of processes", () => {
    const path = written();
    const again = openLedger(path, "settings", clock);
    expect([...again.before].slice(1)).toEqual(JSON.parse(JSON.stringify(events)));
    again.append({ kind: "issued", key });
    again.close();
    expect([...readLedger(path)].map(({ kind }) => kind)).toEqual([
      ...["run", "question", "issued", "gated", "withdrawn", "run", "issued"],
    ]);
  });

  it("cuts off what a killed process had begun to write", () => {
    const path = written();
    const whole = readFileSync(path, "utf8");
    for (const torn of ["{", '{"digest":"', '{"digest":"0","event":{"kind":"issued"}}']) {
      writeFileSync(path, whole);
      appendFileSync(path, torn);
      const again = openLedger(path, "settings", clock);
      expect([...again.before]).toHaveLength(5);
      again.close();
      expect(readFileSync(path, "utf8").startsWith(whole)).toBe(true);
    }
  });

  it.each([
    ["changed", (lines: string[]) => lines.with(2, (lines[2] ?? "").replace('"turn":0', '"turn":1')), 3],
    ["left out", (lines: string[]) => lines.toSpliced(2, 1), 3],
    ["put in", (lines: string[]) => lines.toSpliced(2, 0, lines[2] ?? ""), 4],
    ["none of ours", (lines: string[]) => lines.with(1, "hello"), 2],
  ])("names the line that was %s", (_, bend, line) => {
    const path = written();
    writeFileSync(path, bend(readFileSync(path, "utf8").split("\n")).join("\n"));
    expect(() => openLedger(path, "settings", clock)).toThrow(`ledger.jsonl: line ${line}: expected`);
  });

  it("holds lines longer than what is read at once, characters of several bytes across the seam", () => {
    const path = join(folder, "long.jsonl");
    const because = "\u{1F600}\u00e4".repeat(700_000);
    const long: LedgerEvent = { kind: "gated", key, gated: { kind: "refused", because } };
    const ledger = openLedger(path, "settings", clock);
    for (const event of [long, ...events, long]) ledger.append(event);
    ledger.close();
    const read = [...readLedger(path)];
    expect(read).toHaveLength(7);
    expect([read[1], read[6]]).toEqual([long, long]);
  });

  it("tells what was there as often as it is asked, and nothing that came later", () => {
    const again = openLedger(written(), "settings", clock);
    again.append({ kind: "issued", key });
    for (let times = 0; times < 2; times += 1) expect([...again.before]).toHaveLength(5);
    again.close();
  });

  it("takes nothing more from a process beside which another has begun to write", () => {
    const path = written();
    const one = openLedger(path, "settings", clock);
    const other = openLedger(path, "settings", clock);
    expect(() => one.append({ kind: "issued", key })).toThrow(/another process writes there/);
    other.append({ kind: "issued", key });
    for (const ledger of [one, other]) ledger.close();
    expect([...readLedger(path)].map(({ kind }) => kind).slice(-3)).toEqual(["run", "run", "issued"]);
  });

  it("may begin with its first event, and is gone on with where it is there", () => {
    const path = join(folder, "later.jsonl");
    const unused = openLedgerOnUse(path, "settings", clock);
    unused.close();
    expect(existsSync(path)).toBe(false);
    const used = openLedgerOnUse(path, "settings", clock);
    expect([...used.before]).toEqual([]);
    used.append({ kind: "issued", key });
    used.close();
    const again = openLedgerOnUse(path, "settings", clock);
    expect([...again.before].map(({ kind }) => kind)).toEqual(["run", "issued"]);
    again.close();
    expect(() => openLedgerOnUse(path, "others", clock)).toThrow(/ledger of the same engines/);
  });

  it("is not gone on with under other settings", () => {
    expect(() => openLedger(written(), "others", clock)).toThrow(/expected a ledger of the same engines/);
  });
});
