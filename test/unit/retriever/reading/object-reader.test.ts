// A reader lets its process go when nobody asks, and starts another when somebody does.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { ObjectReader } from "../../../../retriever/reading/objects.ts";

const repository = mkdtempSync(join(tmpdir(), "object-reader-"));
execFileSync("git", ["init", "-q", repository]);
const blob = execFileSync("git", ["-C", repository, "hash-object", "-w", "--stdin"], { input: "text" })
  .toString()
  .trim();
afterAll(() => rmSync(repository, { recursive: true, force: true }));

/** Processes that read objects of this repository, by their command lines. */
function readers(): number {
  const lines = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });
  return lines.filter((line) => line.includes(repository) && line.includes("cat-file")).length;
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 500 && !holds(); waited += 1) await sleep(20);
  expect(holds()).toBe(true);
}

describe.skipIf(process.platform !== "linux")("an idle object reader", () => {
  it("holds no process, and answers as before when asked again", async () => {
    await using reader = new ObjectReader(repository, 1);
    for (let time = 0; time < 3; time += 1) {
      expect((await reader.need(blob, "blob")).toString()).toBe("text");
      await until(() => readers() === 0);
    }
  });

  it("keeps its process while questions follow each other, and none after it is closed", async () => {
    const reader = new ObjectReader(repository, 60_000);
    const asked = Array.from({ length: 200 }, () => reader.get(blob));
    expect((await Promise.all(asked)).every((found) => found?.content.toString() === "text")).toBe(true);
    expect(readers()).toBe(1);
    await reader.close();
    await until(() => readers() === 0);
    await expect(reader.get(blob)).rejects.toMatchObject({ code: "aborted" });
  });
});
