// Real SwingArena rows, when the user has them: SWING_ARENA_DATA names a folder of .jsonl files (or one file).
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importSwingArena } from "../../../src/curation/index.ts";
import { parseInstance } from "../../../src/domain/instance.ts";

const place = process.env.SWING_ARENA_DATA;
const files =
  place === undefined
    ? []
    : statSync(place).isDirectory()
      ? readdirSync(place)
          .filter((name) => name.endsWith(".jsonl"))
          .map((name) => join(place, name))
      : [place];
if (files.length === 0) {
  console.warn(
    "skipped: real SwingArena rows (set SWING_ARENA_DATA to a folder of .jsonl files to run them)",
  );
}

describe.skipIf(files.length === 0)("real SwingArena rows", () => {
  for (const file of files) {
    it(`${file}: every row is taken or refused with a reason, and what is taken parses`, () => {
      const text = readFileSync(file, "utf8");
      const { lines, report } = importSwingArena(text);
      expect(report).toHaveLength(text.split("\n").filter((line) => line.trim() !== "").length);
      for (const line of lines) expect(parseInstance(line)).toMatchObject({ ok: true });
      for (const row of report) expect(row.refused).not.toBe("");
      expect(lines.length).toBe(report.filter((row) => row.refused === undefined).length);
      const jobs = lines.flatMap((line) => line.provenance?.ciNames ?? []);
      expect(JSON.stringify(jobs)).not.toMatch(/"(job|name)":"\[/);
    });
  }
});
