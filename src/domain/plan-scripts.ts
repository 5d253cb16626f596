// Which files of the repository a plan's own commands start: whoever could change them would decide the outcome.
import { posix } from "node:path";
import type { CiPlan } from "./instance.ts";

const interpreter = /^(python[\d.]*|pypy3?|sh|bash|dash|zsh|perl|ruby|node|source|\.)$/;
const wrapper = /^(env|exec|time|nice|timeout|xvfb-run|command)$/;

interface Started {
  readonly path: string;
  readonly isModule: boolean;
}

/** The script one simple command starts, as it is written. */
function startedBy(command: readonly string[]): Started | undefined {
  const words = [...command];
  while (
    words[0] !== undefined &&
    (/^\w+=/.test(words[0]) || wrapper.test(words[0]) || /^\d+\w?$/.test(words[0]))
  )
    words.shift();
  const [program, ...rest] = words;
  if (program === undefined) return undefined;
  if (!interpreter.test(posix.basename(program)) && program !== ".")
    return { path: program, isModule: false };
  for (const [index, word] of rest.entries()) {
    if (word === "-m") return { path: (rest[index + 1] ?? "").replaceAll(".", "/"), isModule: true };
    if (word === "-c") return undefined;
    if (!word.startsWith("-")) return { path: word, isModule: false };
  }
  return undefined;
}

function filesOf({ path, isModule }: Started, folder: string): string[] {
  const at = (name: string): string => posix.normalize(posix.join(folder, name));
  return isModule ? [at(`${path}.py`), at(`${path}/__main__.py`)] : [at(path)];
}

/**
 * Files of the base tree that a job of the plan starts as a script: `./ci/run.sh`, `python3 tools/lint.py`,
 * `python3 -m tools.lint`. Read from the words of the commands; what a script starts in turn is not followed.
 */
export function startedByPlan(plan: CiPlan, basePaths: ReadonlySet<string>): ReadonlySet<string> {
  const started = new Set<string>();
  for (const { run } of plan.jobs) {
    let folder = ".";
    for (const command of run.split(/&&|\|\||[;|&\n()]/)) {
      const words = command.replace(/["']/g, "").trim().split(/\s+/);
      if (words[0] === "cd") folder = posix.join(folder, words[1] ?? ".");
      const found = startedBy(words);
      for (const path of found === undefined ? [] : filesOf(found, folder)) {
        if (basePaths.has(path)) started.add(path);
      }
    }
  }
  return started;
}
