// `python -m unittest`, judged like pytest: every test once as it is and once as its twin, and canaries in every file.
import type { Runner } from "../program.ts";
import { pythonProgram } from "./python/run.ts";

export const unittest: Runner = {
  name: "unittest",
  program: (context) => pythonProgram(context, "unittest"),
};
