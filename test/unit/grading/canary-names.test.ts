// Canary names must be unique in a run, replayable from its seed, and look like a person's.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { canaryName } from "../../../src/grading/canary-names.ts";

describe("canary names", () => {
  it("are unique among those of one source of randomness, whatever their style", () => {
    const random = seededRandom("unique");
    const names = Array.from({ length: 5000 }, () => canaryName(random, "snake"));
    expect(new Set(names).size).toBe(5000);
  });

  it("are the same for the same seed and others for another", () => {
    const drawn = (seed: string): string[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => canaryName(random, "pascal"));
    };
    expect(drawn("a")).toEqual(drawn("a"));
    expect(drawn("a")).not.toEqual(drawn("b"));
  });

  it.each([
    ["snake", /^[a-z]+(_[a-z]+){1,4}$/],
    ["camel", /^[a-z]+([A-Z][a-z]*){1,4}$/],
    ["pascal", /^([A-Z][a-z]*){2,5}$/],
  ] as const)("are written in %s", (style, form) => {
    const random = seededRandom(style);
    for (let count = 0; count < 500; count += 1) expect(canaryName(random, style)).toMatch(form);
  });

  it("hold no word that tells a canary", () => {
    const random = seededRandom("words");
    const words = Array.from({ length: 3000 }, () => canaryName(random, "snake")).join("_");
    expect(words).not.toMatch(/canary|arena|fail|forged|harness|pass/);
  });
});
