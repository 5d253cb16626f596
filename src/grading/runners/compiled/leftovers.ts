// Takes away what judged code left behind in one phase, so that the next one meets a tree without notes from it.
import { workDirectory } from "../../program.ts";
import type { Bench, Steps } from "./bench.ts";

const folders = [workDirectory, "/deps"];

/** What a sandbox holds before judged code runs in it. */
export interface Scene {
  /** The sandbox's clock, as `find` reads it; undefined when no time was left to ask. */
  readonly clock: string | undefined;
  readonly emptyFolders: ReadonlySet<string>;
}

const look = `date +@%s.%N; find ${folders.join(" ")} -mindepth 1 -type d -empty`;

/** Ask before judged code runs. */
export function* sceneNow(bench: Bench): Steps<Scene> {
  const { stdout } = yield* bench.run({ label: "clock", argv: ["sh", "-c", look], cwd: workDirectory });
  const [first = "", ...paths] = stdout.split("\n");
  const clock = /^@\d+\.\d+$/.exec(first)?.[0];
  return { clock, emptyFolders: new Set(paths.filter((path) => path !== "")) };
}

function* removeAll(bench: Bench, paths: readonly string[], remove: readonly string[]): Steps<void> {
  if (paths.length === 0) return;
  const argv = ["xargs", "-d", "\\n", ...remove, "--"];
  yield* bench.run({ label: "remove leftovers", argv, cwd: "/", stdin: `${paths.join("\n")}\n` });
}

function* found(bench: Bench, what: readonly string[]): Steps<string[]> {
  const argv = ["find", ...folders, ...what];
  const { stdout } = yield* bench.run({ label: "find leftovers", argv, cwd: "/" });
  return stdout.split("\n").filter((path) => path.startsWith("/"));
}

/**
 * Removes what appeared in /tmp, and files outside `kept` whose inode changed since the clock was read (unlike the
 * time of modification, nobody can set that one). Files of the tree stay as they are: an honest test may have written
 * them. Folders go with the files that were all they held: a cache takes an empty folder for a filled one.
 */
export function* clearLeftovers(bench: Bench, scene: Scene, kept: readonly string[]): Steps<void> {
  yield* bench.run({ label: "clear /tmp", argv: ["find", "/tmp", "-mindepth", "1", "-delete"], cwd: "/" });
  const { clock, emptyFolders } = scene;
  if (clock === undefined) return;
  const ours = new Set(kept.map((path) => `${workDirectory}/${path}`));
  const files = yield* found(bench, ["!", "-type", "d", "-newerct", clock]);
  yield* removeAll(
    bench,
    files.filter((path) => !ours.has(path)),
    ["rm", "-f"],
  );
  const changed = yield* found(bench, ["-mindepth", "1", "-depth", "-type", "d", "-newerct", clock]);
  yield* removeAll(
    bench,
    changed.filter((path) => !emptyFolders.has(path)),
    ["rmdir", "--ignore-fail-on-non-empty"],
  );
}
