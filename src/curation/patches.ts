// Cuts a unified diff of git into its files, so that a test file can be told from a source file and moved.

export interface PatchFile {
  /** The path after the change; for a deleted file the path before it. */
  readonly path: string;
  /** The file's part of the diff, `diff --git` line first. */
  readonly text: string;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

/** Git quotes paths with unusual bytes as C strings: "a/caf\303\251.py". */
function unquoted(path: string): string {
  if (!path.startsWith('"')) return path;
  const bytes: number[] = [];
  const body = path.slice(1, path.lastIndexOf('"'));
  for (const [token, octal, escaped] of body.matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...Buffer.from(escaped === undefined ? token : (escapes[escaped] ?? escaped)));
  }
  return Buffer.from(bytes).toString("utf8");
}

/** The path of a `--- a/x` or `+++ b/x` line; undefined for /dev/null. */
function sidePath(lines: readonly string[], mark: "---" | "+++"): string | undefined {
  const line = lines.find((each) => each.startsWith(`${mark} `));
  if (line === undefined) return undefined;
  const path = unquoted(line.slice(4).replace(/\t.*$/, "").replace(/\r$/, ""));
  return path === "/dev/null" ? undefined : path.replace(/^[ab]\//, "");
}

/** Both names in `diff --git a/x b/x` are equal unless a rename line says otherwise. */
function namedInFirstLine(line: string): string {
  const names = line.slice("diff --git ".length).replace(/\r$/, "");
  if (names.startsWith('"')) return unquoted(names).replace(/^a\//, "");
  return names.slice(2, (names.length - 1) / 2);
}

function pathOf(text: string): string {
  const lines = text.split("\n");
  const hunks = lines.findIndex((line) => line.startsWith("@@ "));
  const header = hunks === -1 ? lines : lines.slice(0, hunks);
  const renamed = header.find((line) => line.startsWith("rename to "));
  if (renamed !== undefined) return unquoted(renamed.slice("rename to ".length).replace(/\r$/, ""));
  return sidePath(header, "+++") ?? sidePath(header, "---") ?? namedInFirstLine(header[0] ?? "");
}

/** The files of a diff in its order. Text before the first `diff --git` line (a mail header) is dropped. */
export function patchFiles(patch: string): PatchFile[] {
  return patch
    .split(/^(?=diff --git )/m)
    .filter((text) => text.startsWith("diff --git "))
    .map((text) => ({ path: pathOf(text), text: text.endsWith("\n") ? text : `${text}\n` }));
}

/** The diff of these files, in this order. */
export function patchOf(files: readonly PatchFile[]): string {
  return files.map((file) => file.text).join("");
}
