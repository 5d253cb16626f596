// No forging Go submission is resolved, no forging review kills, and honest ones are judged right.

import { warmLayer } from "../../support/drive.ts";
import { engineProvider } from "../../support/engine.ts";
import { describeCorpus } from "../describe-corpus.ts";
import { goCorpus } from "./corpus.ts";

const provider = await engineProvider(["go"]);
// The standard library is compiled and vetted once, not once an entry.
const below =
  provider === undefined ? [] : [await warmLayer(provider, "go", "go test ./... && go vet ./...")];
describeCorpus({ ...goCorpus, below });
