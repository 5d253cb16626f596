// No forging C++ submission is resolved, no forging review kills, and honest ones are judged right.
import { describeCorpus } from "../describe-corpus.ts";
import { cppCorpus } from "./corpus.ts";

describeCorpus(cppCorpus);
