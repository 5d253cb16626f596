// No forging Go submission is resolved, no forging review kills, and honest ones are judged right.
import { fileURLToPath } from "node:url";
import { goTest } from "../../../src/grading/runners/go-test.ts";
import { warmLayer } from "../../support/drive.ts";
import { engineProvider } from "../../support/engine.ts";
import { describeCorpus } from "../describe-corpus.ts";
import { goCorpus } from "./corpus.ts";

const provider = await engineProvider(["go"]);
const folder = fileURLToPath(new URL("../repos/go-tally", import.meta.url));
const run = goCorpus.job.run;
// The standard library is compiled and vetted once, not once an entry.
const below =
  provider === undefined ? [] : [await warmLayer({ provider, runner: goTest, language: "go", run, folder })];
describeCorpus({ ...goCorpus, below });
