import { defineConfig } from "vitest/config";

// Engine tests share two cores and one container engine: files run one after another, with long deadlines.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/full/**", "**/node_modules/**"],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
