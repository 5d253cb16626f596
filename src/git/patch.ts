// What a patch makes git hold at once: a few bytes that name a large file again and again are worth gigabytes.

/** Files a change touches may hold this much in all, before it or after it. */
export const maxChangedBytes = 64 * 1024 * 1024;

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A name as git writes it: with quotes where it has bytes out of the ordinary. */
function unquoted(written: string): string {
  const inner = /^"((?:[^"\\]|\\.)*)"/.exec(written)?.[1];
  if (inner === undefined) return written;
  const bytes = Buffer.from(inner)
    .toString("latin1")
    .replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
      escaped.length === 3
        ? String.fromCharCode(Number.parseInt(escaped, 8) & 0xff)
        : (escapes[escaped] ?? escaped),
    );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Paths a patch copies or renames from, one for each time. Text that only looks like such a header counts as well. */
export function patchSources(patch: string): string[] {
  const headers = patch.matchAll(/^(?:copy from|rename from|rename old) ([^\n\r\v\f]*)/gm);
  return [...headers].map(([, written = ""]) => unquoted(written).replace(/\/{2,}/g, "/"));
}

/** The paths of `git apply --numstat -z`, one for each part of a patch. */
export function numstatPaths(output: string): string[] {
  const lines = output.split("\0").filter((line) => line !== "");
  return lines.map((line) => line.split("\t").slice(2).join("\t"));
}

/**
 * Upper bound of the bytes git holds of the files a patch changes. `sizes` knows the files it starts from; a path
 * named again, or made by the patch itself, can be no larger than all the patch reads and brings.
 */
export function heldBytes(
  parts: readonly string[],
  sources: readonly string[],
  of: { readonly sizes: ReadonlyMap<string, number>; readonly patchBytes: number },
): number {
  const named = [...parts, ...sources].map((path) => of.sizes.get(path) ?? 0);
  const largest = named.reduce((most, size) => Math.max(most, size), 0) + of.patchBytes;
  const seen = new Set<string>();
  let bytes = 0;
  for (const path of parts) {
    bytes += seen.has(path) ? largest : (of.sizes.get(path) ?? 0);
    seen.add(path);
  }
  for (const path of sources) bytes += seen.has(path) ? largest : (of.sizes.get(path) ?? largest);
  return bytes;
}
