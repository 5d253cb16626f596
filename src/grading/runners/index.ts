// The door to the runners: one for every name a job may carry.
import type { RunnerName } from "../../domain/instance.ts";
import type { Runner } from "../program.ts";
import { ctest } from "./ctest.ts";
import { exitCode } from "./exit-code.ts";
import { goTest } from "./go-test.ts";
import { libtest } from "./libtest.ts";
import { nextest } from "./nextest.ts";
import { pytest } from "./pytest.ts";
import { unittest } from "./unittest.ts";

const table: Readonly<Record<RunnerName, Runner>> = {
  pytest,
  unittest,
  "go-test": goTest,
  libtest,
  nextest,
  ctest,
  "exit-code": exitCode,
};

export function runnerFor(name: RunnerName): Runner {
  return table[name];
}
