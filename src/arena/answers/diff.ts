// Checks a unified diff line by line before git sees it, so that a model is told exactly which line is wrong.
import { unsafePath } from "../../domain/paths.ts";

export interface DiffFile {
  readonly path: string;
  readonly change: "added" | "modified" | "deleted" | "renamed";
  /** Old path of a renamed or copied file. */
  readonly from?: string;
}

export type CheckedDiff =
  | { readonly ok: true; readonly diff: string; readonly files: readonly DiffFile[] }
  /** `unsafe`: well-formed, but it names a path or a mode that no answer may. */
  | { readonly ok: false; readonly problem: "malformed" | "unsafe"; readonly reason: string };

class Malformed extends Error {
  readonly problem: "malformed" | "unsafe";

  constructor(reason: string, problem: "malformed" | "unsafe" = "malformed") {
    super(reason);
    this.problem = problem;
  }
}

const hunkHeader = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Header lines of git that carry nothing we need. */
const passive = /^(index |similarity index |dissimilarity index |old mode )/;

interface Section {
  newPath?: string;
  from?: string;
  to?: string;
  added: boolean;
  deleted: boolean;
  modeOnly: boolean;
  hunks: number;
  line: number;
}

/** Walks over the lines with one look ahead; every error names the line of the whole answer. */
class DiffReader {
  readonly #lines: readonly string[];
  readonly #firstLine: number;
  #index = 0;
  /** Lines that belong to the diff: blank ones between its sections would trouble git. */
  readonly #kept: string[] = [];

  constructor(content: string, firstLine: number) {
    // Blank lines at the very end are the answer's, not the last hunk's.
    this.#lines = content.replace(/\n+$/, "").split("\n");
    this.#firstLine = firstLine;
  }

  read(): { files: DiffFile[]; diff: string } {
    const files: DiffFile[] = [];
    while (this.#index < this.#lines.length) {
      if (this.#line().trim() === "") this.#index += 1;
      else files.push(this.#section());
    }
    if (files.length === 0) throw new Malformed("the diff is empty");
    return { files, diff: `${this.#kept.join("\n")}\n` };
  }

  #keep(): void {
    this.#kept.push(this.#line());
    this.#index += 1;
  }

  #line(): string {
    return this.#lines[this.#index] ?? "";
  }

  #fail(expected: string, problem?: "malformed" | "unsafe"): never {
    const found = this.#index < this.#lines.length ? `"${this.#line().slice(0, 80)}"` : "the end of the diff";
    throw new Malformed(
      `line ${this.#firstLine + this.#index}: expected ${expected}; found ${found}`,
      problem,
    );
  }

  #section(): DiffFile {
    const section: Section = {
      added: false,
      deleted: false,
      modeOnly: false,
      hunks: 0,
      line: this.#firstLine + this.#index,
    };
    if (this.#line().startsWith("diff --git ")) this.#gitHeader(section);
    else if (!this.#line().startsWith("--- ")) this.#fail('"diff --git a/<path> b/<path>" or "--- a/<path>"');
    if (this.#line().startsWith("--- ")) this.#fileHeader(section);
    while (this.#line().startsWith("@@")) {
      this.#hunk();
      section.hunks += 1;
    }
    return this.#finished(section);
  }

  #gitHeader(section: Section): void {
    const names = /^diff --git a\/(.+) b\/(.+)$/.exec(this.#line());
    if (names === null) this.#fail('"diff --git a/<path> b/<path>", paths unquoted');
    this.#path(names[1] ?? "");
    section.newPath = this.#path(names[2] ?? "");
    this.#keep();
    while (this.#extended(section)) this.#keep();
  }

  #extended(section: Section): boolean {
    const line = this.#line();
    const mode = /^(new file mode|deleted file mode|new mode) (\d+)$/.exec(line);
    if (mode !== null) {
      if (mode[2] !== "100644" && mode[2] !== "100755") {
        this.#fail("mode 100644 or 100755, neither a link nor a submodule", "unsafe");
      }
      section.added ||= mode[1] === "new file mode";
      section.deleted ||= mode[1] === "deleted file mode";
      section.modeOnly ||= mode[1] === "new mode";
      return true;
    }
    const move = /^(rename|copy) (from|to) (.+)$/.exec(line);
    if (move !== null) {
      const path = this.#path(move[3] ?? "");
      if (move[2] === "from") section.from = path;
      else section.to = path;
      return true;
    }
    if (line.startsWith("GIT binary patch") || line.startsWith("Binary files "))
      this.#fail("a text change, not a binary one");
    return passive.test(line);
  }

  #fileHeader(section: Section): void {
    const underGit = section.newPath !== undefined;
    const oldPath = this.#sidePath("--- ", "a/");
    if (section.added && oldPath !== undefined) this.#fail('"--- /dev/null" for a new file');
    if (oldPath === undefined && underGit && !section.added) {
      this.#fail('"new file mode 100644" before "--- /dev/null"');
    }
    this.#keep();
    if (!this.#line().startsWith("+++ ")) this.#fail('"+++ b/<path>" or "+++ /dev/null"');
    const newPath = this.#sidePath("+++ ", "b/");
    if (section.deleted && newPath !== undefined) this.#fail('"+++ /dev/null" for a deleted file');
    if (oldPath === undefined && newPath === undefined) this.#fail("a path on one side");
    this.#samePath(section, oldPath, newPath);
    section.added ||= oldPath === undefined;
    section.deleted ||= newPath === undefined;
    section.newPath = newPath ?? oldPath ?? "";
    this.#keep();
    if (!this.#line().startsWith("@@")) this.#fail('"@@ -<line>,<count> +<line>,<count> @@"');
  }

  #samePath(section: Section, oldPath: string | undefined, newPath: string | undefined): void {
    if (section.from === undefined && oldPath !== undefined && newPath !== undefined && oldPath !== newPath) {
      this.#fail(`"+++ b/${oldPath}", the path of the line before`);
    }
    const announced = section.newPath;
    if (announced !== undefined && announced !== (newPath ?? oldPath)) {
      this.#fail(`the path of the "diff --git" line, ${announced}`);
    }
  }

  #sidePath(mark: string, prefix: string): string | undefined {
    const written = this.#line().slice(mark.length).replace(/\t.*$/, "").trimEnd();
    if (written === "/dev/null") return undefined;
    if (!written.startsWith(prefix)) this.#fail(`"${mark}${prefix}<path>" or "${mark}/dev/null"`);
    return this.#path(written.slice(prefix.length));
  }

  #path(path: string): string {
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) this.#fail(`a path inside the repository, not ${unsafe}`, "unsafe");
    return path;
  }

  #hunk(): void {
    const header = hunkHeader.exec(this.#line());
    if (header === null) this.#fail('"@@ -<line>,<count> +<line>,<count> @@"');
    const headerLine = this.#firstLine + this.#index;
    const wanted = { old: Number(header[2] ?? 1), new: Number(header[4] ?? 1) };
    this.#keep();
    const found = this.#body(wanted);
    if (found.old === wanted.old && found.new === wanted.new) return;
    const reason =
      `line ${headerLine}: the hunk header promises ${wanted.old} old and ${wanted.new} new lines; ` +
      `its body has ${found.old} old (context and -) and ${found.new} new (context and +)`;
    throw new Malformed(reason);
  }

  /** Counts the body's lines: as many as promised, and more if more follow. */
  #body(wanted: { old: number; new: number }): { old: number; new: number } {
    const found = { old: 0, new: 0 };
    for (; this.#index < this.#lines.length; this.#keep()) {
      const line = this.#line();
      const satisfied = found.old >= wanted.old && found.new >= wanted.new;
      if (this.#startsNext(line) || (satisfied && line === "")) break;
      // An empty line is a context line that lost its only blank; git reads it so, too.
      const mark = line === "" ? " " : line[0];
      if (mark === "\\") continue;
      if (mark !== " " && mark !== "+" && mark !== "-")
        this.#fail('a line beginning with " ", "+", "-" or "@@"');
      if (mark !== "+") found.old += 1;
      if (mark !== "-") found.new += 1;
    }
    return found;
  }

  /** A removed line may itself begin with "-- ", so a file header is known by all three of its lines. */
  #startsNext(line: string): boolean {
    if (line.startsWith("@@") || line.startsWith("diff --git ")) return true;
    const [next = "", afterNext = ""] = this.#lines.slice(this.#index + 1, this.#index + 3);
    return line.startsWith("--- ") && next.startsWith("+++ ") && afterNext.startsWith("@@");
  }

  #finished(section: Section): DiffFile {
    const { newPath, from, to, added, deleted, hunks, modeOnly, line } = section;
    const path = to ?? newPath;
    const changes = hunks > 0 || added || deleted || modeOnly || from !== undefined;
    if (path === undefined || !changes) {
      throw new Malformed(`line ${line}: expected a change of the file; found none`);
    }
    if (from !== undefined) return { path, change: "renamed", from };
    return { path, change: added ? "added" : deleted ? "deleted" : "modified" };
  }
}

/** @param firstLine line of the whole answer on which the diff begins, for messages */
export function checkDiff(content: string, firstLine = 1): CheckedDiff {
  try {
    return { ok: true, ...new DiffReader(content, firstLine).read() };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, problem: error.problem, reason: error.message };
    throw error;
  }
}
