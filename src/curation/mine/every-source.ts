// One mine stage over everything that a folder lists: each source by the stage of its kind.
import { type MinedRow, minedRow } from "../pipeline/rows.ts";
import type { Stage } from "../pipeline/stage.ts";
import { listedOnce, type MineGitHubDeps, mineGitHubStage } from "./github/stage.ts";
import { type MineSource, mineSource } from "./sources.ts";
import { type MineCloneDeps, mineCloneStage } from "./stage.ts";

export function mineStage(deps: {
  readonly local: MineCloneDeps;
  readonly gitHub: MineGitHubDeps;
}): Stage<MineSource, MinedRow> {
  const [local, gitHub] = [mineCloneStage(deps.local), mineGitHubStage(deps.gitHub)];
  return {
    name: "mine",
    input: mineSource,
    output: minedRow,
    settings: [local.settings, gitHub.settings],
    run: (source, signal) =>
      source.kind === "github" ? gitHub.run(source, signal) : local.run(source, signal),
    whole: listedOnce,
  };
}
