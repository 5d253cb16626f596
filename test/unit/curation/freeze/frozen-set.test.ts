// The folder of a frozen set: read as any set, the same bytes whatever came before, and papers that say what it holds.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FreezeInput, freezeRows } from "../../../../src/curation/freeze/frozen-set.ts";
import { textKeeper, writeFrozen } from "../../../../src/curation/freeze/write-folder.ts";
import { exportedRow, readSet } from "../../../../src/curation/index.ts";
import type { FrozenRow } from "../../../../src/curation/pipeline/rows.ts";
import { hour } from "../../../support/history.ts";
import { frozenRowOf } from "./frozen-row.ts";

const licence = "You may.\n";
const sha256 = createHash("sha256").update(licence).digest("hex");
const file = { path: "LICENSE", sha256, spdx: ["MIT"], copyright: ["Copyright 2024 <b>Them</b> [x](y)"] };
const strange = { ...file, path: "COPYING", spdx: [], nearest: { spdx: "ISC", likeness: 0.9 } };

const rows: readonly FrozenRow[] = [
  frozenRowOf(
    { id: "o__r-2", createdAt: hour(48), difficulty: 0.95 },
    { licences: [file], authors: ["Eve `x` | <img>", "# Ann"] },
  ),
  frozenRowOf({ id: "o__r-1", createdAt: hour(0) }, { licences: [file, strange], authors: [] }),
  frozenRowOf(
    { id: "p__q-1", repo: "p/q", language: "go" },
    { licences: [], dated: { by: "issue", at: hour(0), label: "after-cut-off", cutOff: hour(0) } },
  ),
];

const stages = [
  { schemaVersion: 1, stage: "split", rows: 9, kept: 3, rejected: 6, faults: 0, reasons: { "no-code": 6 } },
] as const;

const input = (more: Partial<FreezeInput> = {}): FreezeInput => ({
  ...{ rows, stages: [...stages], quotas: [{ of: "go", most: 5, came: 2, taken: 1 }] },
  ...{ terms: { licences: "any", seed: "s" }, ...more },
});
const naming = { name: "mine", version: "1" };

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "arena-frozen-"));
  await textKeeper(folder)(sha256, Buffer.from(licence));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function bytesIn(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const named = files.map(({ parentPath, name }) => join(parentPath, name).slice(path.length));
  return Object.fromEntries(named.sort().map((name) => [name, readFileSync(join(path, name), "utf8")]));
}

describe("a frozen set", () => {
  it("is read as any set, with what has to be said of each line", async () => {
    const set = join(folder, "set");
    await writeFrozen(set, folder, freezeRows(input(), naming));
    const { instances, set: info } = await readSet(set, { strict: true });
    expect(info.description?.licence).toContain("MIT: 1; MIT, unknown: 1; unknown: 1");
    expect(instances.map(({ instanceId }) => instanceId)).toEqual(["o__r-1", "o__r-2", "p__q-1"]);
    expect(instances.map(({ provenance }) => provenance)).toMatchObject([
      { licence: { names: ["MIT", "unknown"], files: [{ path: "LICENSE" }, { nearest: { spdx: "ISC" } }] } },
      { licence: { names: ["MIT"], files: [{ sha256, spdx: ["MIT"] }] }, difficulty: 0.95 },
      { licence: { names: ["unknown"], files: [] }, temporalSplit: { label: "after-cut-off" } },
    ]);
    const exported = instances.map((instance) => exportedRow(instance, "swe-bench"));
    expect(exported.map((each) => ("row" in each ? (each.row.license_name ?? "none") : "refused"))).toEqual([
      "none",
      "MIT",
      "none",
    ]);
    expect(readFileSync(join(set, "licences", `${sha256}.txt`), "utf8")).toBe(licence);
  });

  it("has the same bytes whatever order rows come in, and whatever lay there before", async () => {
    const [set, again] = [join(folder, "set"), join(folder, "again")];
    await writeFrozen(set, folder, freezeRows(input(), naming));
    const other = "Another.\n";
    const otherHash = createHash("sha256").update(other).digest("hex");
    await textKeeper(folder)(otherHash, Buffer.from(other));
    const more = frozenRowOf({ id: "o__r-9" }, { licences: [{ ...file, sha256: otherHash }] });
    await writeFrozen(again, folder, freezeRows(input({ rows: [...rows, more] }), naming));
    expect(readdirSync(join(again, "licences"))).toHaveLength(2);
    // As a kill leaves it: one file half way, the description of another state beside.
    writeFileSync(join(again, "DATASHEET.md.new"), "# Data");
    rmSync(join(again, "instances.jsonl"));
    await writeFrozen(again, folder, freezeRows(input({ rows: [...rows].reverse() }), naming));
    expect(bytesIn(again)).toEqual(bytesIn(set));
  });

  it("is not written without the texts that it names", async () => {
    writeFileSync(join(folder, "freeze", "texts", `${sha256}.txt`), "You must not.\n");
    const set = join(folder, "set");
    const frozen = freezeRows(input(), naming);
    await expect(writeFrozen(set, folder, frozen)).rejects.toThrow("freeze again");
    rmSync(join(folder, "freeze"), { recursive: true });
    await expect(writeFrozen(set, folder, frozen)).rejects.toThrow("found nothing");
    expect(readdirSync(folder)).not.toContain("set");
  });
});

describe("ATTRIBUTIONS.md", () => {
  const text = freezeRows(input(), naming).documents["ATTRIBUTIONS.md"] ?? "";

  it("names each repository with licences, holders and authors", () => {
    expect(text.match(/^## .*$/gm)).toEqual(["## o/r", "## p/q"]);
    expect(text).toContain(`- licence: \`MIT\`, \`LICENSE\` ([text](licences/${sha256}.txt))`);
    expect(text).toContain("- licence: unknown (resembles `ISC`, 0.9), `COPYING`");
    expect(text).toContain("- licence: unknown, no licence file");
    expect(text).toContain("`o__r-1` at `bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`: authors not known");
  });

  it("makes no markup of strangers' words", () => {
    expect(text).toContain("- in `LICENSE`: Copyright 2024 \\<b\\>Them\\</b\\> \\[x\\](y)");
    expect(text).toContain("Eve \\`x\\` \\| \\<img\\>, \\# Ann");
  });
});

describe("DATASHEET.md", () => {
  const terms = { licences: "any", seed: "s", temporal: { by: "issue", cutOff: hour(0) } } as const;
  const text = freezeRows(input({ terms }), naming).documents["DATASHEET.md"] ?? "";

  it("answers every part of Gebru et al. with the set's own figures", () => {
    expect(text.match(/^## .*$/gm)).toEqual(
      [
        ...["Motivation", "Composition", "Collection process", "Preprocessing, cleaning, labelling"],
        ...["Uses", "Distribution", "Maintenance"],
      ].map((title) => `## ${title}`),
    );
    expect(text).toContain("3 instances of 2 repositories");
    expect(text).toContain("| go | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 1 |");
    expect(text).toContain("| python | 2 | 1 | 0 | 0 | 0 | 0 | 1 | 1 |");
    expect(text).toContain("- issues opened: 2023-11-14 to 2023-11-16");
    expect(text).toContain("| split | 9 | 3 | no-code 6 | 0 |");
    expect(text).toContain("| `go` | 5 | 2 | 1 |");
    expect(text).toContain(`cut-off ${hour(0)}. By label: after-cut-off 1.`);
    expect(text).toContain("| MIT, unknown | 1 |");
  });

  it("says what nobody has said, and holds no number of a set without rows", () => {
    expect(text.match(/not stated\./g)).toHaveLength(4);
    const empty = freezeRows(input({ rows: [], quotas: [] }), naming).documents["DATASHEET.md"] ?? "";
    expect(empty).toContain("- issues opened: not known");
    expect(empty).not.toMatch(/NaN|undefined|Infinity/);
  });
});
