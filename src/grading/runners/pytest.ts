/**
 * `pytest`, read so that code inside the test process cannot say how a test ended.
 *
 * Python code can replace everything in its own process, so nothing the process reports is believed by itself. The
 * tests of trusted files are listed from their text before any judged code runs. Then the whole suite runs twice, in
 * two processes: a coin per test name decides in which of them a test is as it is, and in which it is its *twin*, the
 * same function with an expected value changed, an assertion turned round, a raising block emptied or one failing
 * statement added. A test counts as passed only if it passes as it is and its twin fails. Two canaries with random
 * names stand in every file as well, each failing in one phase and passing in the other.
 *
 * So a forger must fail exactly the right half of the tests, and for a changed expected value only the right answer
 * tells which half that is: values that equal everything, and answers read from the test's own source, are caught.
 * What remains is in docs/threat-model/python.md.
 */
import type { Runner } from "../program.ts";
import { pythonProgram } from "./python/run.ts";

export const pytest: Runner = { name: "pytest", program: (context) => pythonProgram(context, "pytest") };
