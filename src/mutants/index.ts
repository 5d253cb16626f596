// The door to mutants: seeded defects on changed lines, and aborts that tell which checks reach those lines. Pure.
export { addedLines } from "./lines.ts";
export { type Mutant, type MutantRequest, mutantName, mutantsOf, mutated } from "./mutants.ts";
export { type Operator, operators } from "./operators.ts";
export { type Probed, probed } from "./probes.ts";
export { isSource, openSyntax, type Syntax } from "./syntax.ts";
