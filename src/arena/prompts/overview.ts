// A repository's tree in few lines: as deep as fits, with the number of files below whatever is folded.

interface Entry {
  readonly path: string;
  readonly files: number;
}

/** Files down to `depth` folders; deeper ones folded into their folder. */
function folded(paths: readonly string[], depth: number): Entry[] {
  const entries = new Map<string, number>();
  for (const path of paths) {
    const parts = path.split("/");
    const shown = parts.length <= depth ? path : `${parts.slice(0, depth).join("/")}/`;
    entries.set(shown, (entries.get(shown) ?? 0) + 1);
  }
  return [...entries].map(([path, files]) => ({ path, files })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function line({ path, files }: Entry): string {
  return path.endsWith("/") ? `${path} (${files} ${files === 1 ? "file" : "files"})` : path;
}

/** @param maxLines at least 1; what does not fit is counted in a last line */
export function treeOverview(paths: readonly string[], maxLines = 100): string {
  const deepest = Math.max(1, ...paths.map((path) => path.split("/").length));
  let entries = folded(paths, 1);
  for (let depth = 2; depth <= deepest; depth += 1) {
    const deeper = folded(paths, depth);
    if (deeper.length > maxLines) break;
    entries = deeper;
  }
  const lines = entries.slice(0, maxLines).map(line);
  const left = entries.length - lines.length;
  return [...lines, ...(left > 0 ? [`... and ${left} more`] : [])].join("\n");
}
