// No forging Rust submission is resolved, no forging review kills, and honest ones are judged right.
import { describeCorpus } from "../describe-corpus.ts";
import { rustCorpus } from "./corpus.ts";

describeCorpus(rustCorpus);
