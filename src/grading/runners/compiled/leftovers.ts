// Takes away what judged code left behind in one phase, so that the next one meets a tree without notes from it.
import { workDirectory } from "../../program.ts";
import type { Bench, Steps } from "./bench.ts";

const folders = [workDirectory, "/deps"];

/** The sandbox's clock, as `find` reads it; undefined when no time is left to ask. Ask before judged code runs. */
export function* clockNow(bench: Bench): Steps<string | undefined> {
  const argv = ["date", "+@%s.%N"];
  const { stdout } = yield* bench.run({ label: "clock", argv, cwd: workDirectory });
  return /^@\d+\.\d+$/.exec(stdout.trim())?.[0];
}

/**
 * Removes what appeared in /tmp, and files outside `kept` whose inode changed since `clock` (unlike the time of
 * modification, nobody can set that one). Files of the tree stay as they are: an honest test may have written them.
 */
export function* clearLeftovers(
  bench: Bench,
  clock: string | undefined,
  kept: readonly string[],
): Steps<void> {
  yield* bench.run({ label: "clear /tmp", argv: ["find", "/tmp", "-mindepth", "1", "-delete"], cwd: "/" });
  if (clock === undefined) return;
  const argv = ["find", ...folders, "!", "-type", "d", "-newerct", clock];
  const { stdout } = yield* bench.run({ label: "find leftovers", argv, cwd: "/" });
  const ours = new Set(kept.map((path) => `${workDirectory}/${path}`));
  const found = stdout.split("\n").filter((path) => path.startsWith("/") && !ours.has(path));
  if (found.length === 0) return;
  const stdin = `${found.join("\n")}\n`;
  const remove = ["xargs", "-d", "\\n", "rm", "-f", "--"];
  yield* bench.run({ label: "remove leftovers", argv: remove, cwd: "/", stdin });
}
