// No forging Python submission is resolved, no forging review kills, and honest ones are judged right.
import { describeCorpus } from "../describe-corpus.ts";
import { pythonCorpus } from "./corpus.ts";

describeCorpus(pythonCorpus);
