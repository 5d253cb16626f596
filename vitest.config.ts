import { defineConfig } from "vitest/config";

// Engine tests share two cores and one container engine: files run one after another, with long deadlines.
// What takes an hour is in test/full, which `npm run test:full` takes along.
const full = process.env.ARENA_FULL_TESTS === "1";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", ...(full ? [] : ["test/full/**"])],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
