// `npm test`: sets the machine up, runs every test and closes with the counts; a skipped engine test is loud.
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBrowser, ensureDependencies, ensureSandboxes, run } from "./setup.mjs";

ensureDependencies();
ensureSandboxes();
ensureBrowser();

const full = process.argv.includes("--full");
const rest = process.argv.slice(2).filter((argument) => argument !== "--full");
const report = join(tmpdir(), `arena-tests-${process.pid}.json`);
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const code = run("npx", ["--no-install", "vitest", "run", ...reporters, ...rest], {
  must: false,
  env: full ? { ARENA_FULL_TESTS: "1" } : {},
});

let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTotalTests: 0, testResults: [] };
try {
  counts = JSON.parse(readFileSync(report, "utf8"));
} catch {
  console.error("test: the test runner left no report");
}
rmSync(report, { force: true });

const tests = counts.testResults.flatMap((file) => file.assertionResults ?? []);
const skipped = tests.filter(
  (test) => test.status === "pending" || test.status === "skipped" || test.status === "todo",
);
for (const test of skipped) console.log(`SKIPPED: ${test.fullName}`);
// A file that cannot be loaded has no test to count: it is one failure.
const broken = counts.testResults.filter(
  (file) => file.status === "failed" && (file.assertionResults ?? []).length === 0,
);
const failed = counts.numFailedTests + broken.length;
const engineSkips = skipped.filter((test) => test.fullName.includes("[engine]"));
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`);
if (code !== 0 || failed > 0) process.exitCode = code || 1;
else if (counts.numPassedTests === 0) process.exitCode = 1;
else if (process.env.ARENA_REQUIRE_ENGINE === "1" && engineSkips.length > 0) {
  console.error(`test: ${engineSkips.length} engine tests were skipped, and ARENA_REQUIRE_ENGINE is set`);
  process.exitCode = 1;
}
