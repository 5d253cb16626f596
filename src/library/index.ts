// The arena for programs: what the commands do, as functions with values in and values out.
export { type Judgements, type JudgeOptions, judgePredictions } from "./judgements.ts";
export type { CommonOptions } from "./options.ts";
export { type Retrieved, type RetrieveOptions, retrieve } from "./retrieve.ts";
export { type CheckOptions, checkSet } from "./set-check.ts";
export { playTournament, type Tournament, type TournamentOptions } from "./tournament.ts";
