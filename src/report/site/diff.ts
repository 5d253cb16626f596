// A unified diff as a table of lines; signs and colours say what was added and removed, words are coloured on the page.
import { escaped, Html, html, type Part } from "./html.ts";

interface DiffLine {
  readonly kind: "added" | "removed" | "same";
  readonly before?: number;
  readonly after?: number;
  readonly text: string;
}

interface Hunk {
  /** What git says of where it is: the function's heading. */
  readonly heading: string;
  readonly lines: readonly DiffLine[];
}

export interface FileDiff {
  readonly path: string;
  /** Such as `new file` or `renamed from a.py`; empty for a plain change. */
  readonly what: string;
  readonly hunks: readonly Hunk[];
  readonly added: number;
  readonly removed: number;
}

/** Of one diff; what is longer is cut, and said to be. */
const maxLines = 3_000;

const languageNames: Readonly<Record<string, string>> = {
  py: "python",
  pyi: "python",
  go: "go",
  rs: "rust",
  ...{ c: "cpp", cc: "cpp", cpp: "cpp", cxx: "cpp", h: "cpp", hh: "cpp", hpp: "cpp", ipp: "cpp" },
  ...{ json: "json", yml: "yaml", yaml: "yaml", toml: "ini", md: "markdown", sh: "bash" },
};

/** What the highlighter of the page calls a file's language; undefined where it knows none. */
export function highlightName(path: string): string | undefined {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(languageNames, ending) ? languageNames[ending] : undefined;
}

/** `a/src/x.py`, or quoted as git quotes odd names, or `/dev/null`. */
function pathIn(line: string): string | undefined {
  const name = line.slice(4).split("\t")[0] ?? "";
  if (name === "/dev/null") return undefined;
  const bare = name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name;
  return bare.replace(/^[ab]\//, "");
}

class FileReading {
  path = "";
  what = "";
  readonly hunks: { heading: string; lines: DiffLine[] }[] = [];
  #before = 0;
  #after = 0;
  /** Lines still to come of the hunk, of each side. */
  #left = { before: 0, after: 0 };

  /** Models count badly: a line that no hunk can hold ends it, whatever its heading promised. */
  holds(line: string): boolean {
    return (
      (this.#left.before > 0 || this.#left.after > 0) && (line === "" || " +-\\".includes(line[0] ?? "@"))
    );
  }

  open(line: string): void {
    const [, before, beforeCount, after, afterCount, heading = ""] =
      /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)/.exec(line) ?? [];
    this.#before = Number(before);
    this.#after = Number(after);
    this.#left = { before: Number(beforeCount ?? 1), after: Number(afterCount ?? 1) };
    this.hunks.push({ heading, lines: [] });
  }

  add(line: string): void {
    const [sign, text] = [line[0], line.slice(1)];
    const lines = this.hunks.at(-1)?.lines;
    if (sign === "+") {
      lines?.push({ kind: "added", after: this.#after, text });
    } else if (sign === "-") {
      lines?.push({ kind: "removed", before: this.#before, text });
    } else if (sign !== "\\") {
      lines?.push({ kind: "same", before: this.#before, after: this.#after, text });
    }
    if (sign === "\\") return;
    if (sign !== "-") this.#step("after");
    if (sign !== "+") this.#step("before");
  }

  #step(side: "before" | "after"): void {
    if (side === "after") this.#after += 1;
    else this.#before += 1;
    this.#left[side] -= 1;
  }

  get done(): FileDiff {
    const lines = this.hunks.flatMap((hunk) => hunk.lines);
    const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
    const { path, what, hunks } = this;
    return { path, what, hunks, added: count("added"), removed: count("removed") };
  }
}

/** Headings between `diff --git` and the first hunk. */
function readHeading(file: FileReading, line: string): void {
  if (line.startsWith("+++ ")) file.path = pathIn(line) ?? file.path;
  else if (line.startsWith("--- ")) file.path = pathIn(line) ?? file.path;
  else if (line.startsWith("new file")) file.what = "new file";
  else if (line.startsWith("deleted file")) file.what = "removed";
  else if (line.startsWith("rename from ")) file.what = `renamed from ${line.slice("rename from ".length)}`;
  else if (line.startsWith("rename to ")) file.path = line.slice("rename to ".length);
  else if (line.startsWith("Binary files") || line.startsWith("GIT binary patch")) file.what = "binary";
}

/** Files of a diff; text that is none gives no file. */
export function filesOf(diff: string): readonly FileDiff[] {
  const files: FileReading[] = [];
  const begin = (): FileReading => {
    const file = new FileReading();
    files.push(file);
    return file;
  };
  for (const line of diff.split("\n").slice(0, maxLines)) {
    const last = files.at(-1);
    if (last?.holds(line) === true) last.add(line);
    else if (line.startsWith("diff --git ")) begin();
    else if (line.startsWith("--- ") && (last === undefined || last.hunks.length > 0))
      readHeading(begin(), line);
    else if (last !== undefined && /^@@ -\d/.test(line)) last.open(line);
    else if (last !== undefined) readHeading(last, line);
  }
  return files.map((file) => file.done).filter(({ path }) => path !== "");
}

const signs = { added: '<td aria-label="added">+', removed: '<td aria-label="removed">−', same: "<td>" };

/** Cells are told by their place, and not closed: most of a battle's page is these. */
function lineRow({ kind, before, after, text }: DiffLine): Html {
  const places = `<td>${before ?? ""}<td>${after ?? ""}`;
  return new Html(`<tr class="${kind}">${places}${signs[kind]}<td><code>${escaped(text)}</code>\n`);
}

function hunkRows(hunk: Hunk): Html {
  return html`<tbody><tr class="hunk"><td colspan="3">⋯<td>${hunk.heading}
${hunk.lines.map(lineRow)}</tbody>`;
}

function fileTable(file: FileDiff): Html {
  const language = highlightName(file.path);
  const hint: Part = language === undefined ? undefined : html` data-language="${language}"`;
  const counts = html`<span class="plus">+${file.added}</span> <span class="minus">−${file.removed}</span>`;
  const what = file.what === "" ? undefined : html` <span class="quiet">${file.what}</span>`;
  return html`<figure class="diff"><figcaption><span class="path">${file.path}</span>${what} <span class="counts">${counts}</span></figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="Changes of ${file.path}"><table${hint}><thead class="spoken"><tr><th scope="col">Line before</th><th scope="col">Line after</th><th scope="col">Sign</th><th scope="col">Text</th></tr></thead>${file.hunks.map(hunkRows)}</table></div></figure>
`;
}

/** A diff for reading; text that is no diff is shown as it is. */
export function diffHtml(diff: string): Html {
  const files = filesOf(diff);
  const cut = diff.split("\n").length - maxLines;
  const rest =
    cut > 0
      ? html`<p class="quiet">${cut} more lines are not shown; the run folder has them.</p>`
      : undefined;
  if (files.length > 0) return html`${files.map(fileTable)}${rest}`;
  return html`<pre class="plain" tabindex="0">${diff.slice(0, 100_000)}</pre>${rest}`;
}
