import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Engine tests share two cores and one container engine: their files run one after another, with long deadlines, once
// all others have run side by side. Those that only run one job after the other in sandboxes of their own, and look at
// nobody else's, run two at a time before them. What takes an hour is in test/full, for `npm run test:full`.
const full = process.env.ARENA_FULL_TESTS === "1";

const inPairs = [
  "test/security/**/*.test.ts",
  ...["python-runs", "go-runs", "compiled-engine"].map((name) => `test/unit/grading/runners/${name}.test.ts`),
];
const onEngines = [
  ...["e2e/**/*", "contract/sandbox-*", "full/**/*"].map((name) => `test/${name}.test.ts`),
  ...["resumed-runs", "half-opened-sessions", "refused-resumes"].map(
    (name) => `test/regression/${name}.test.ts`,
  ),
];
const never = ["**/node_modules/**", ...(full ? [] : ["test/full/**"])];

export default defineConfig({
  test: {
    // Whoever runs the tests has a key of their own, which signs none of them.
    env: { ARENA_CONFIG: join(tmpdir(), "arena-test-config") },
    testTimeout: 300_000,
    hookTimeout: 600_000,
    projects: [
      {
        extends: true,
        test: {
          name: "side by side",
          include: ["test/**/*.test.ts"],
          exclude: [...never, ...inPairs, ...onEngines],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "two at a time",
          include: inPairs,
          exclude: never,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "one by one",
          include: onEngines,
          exclude: never,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
