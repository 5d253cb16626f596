// What an agent has left in its checkout, as a diff against base: read file by file, never by git inside, never by its .git.
import type { Sandbox } from "../../../sandboxes/index.ts";
import { isTestPath, unsafePath } from "../../domain/paths.ts";
import type { Reason } from "../../domain/record.ts";
import type { Role } from "../../domain/run.ts";
import { blobId, maxChangedBytes, type TreeEntry, type TreeFile } from "../../git/index.ts";
import type { Case } from "../case.ts";
import { checkoutFolder, type ListedFile } from "./listing.ts";

export type Leavings =
  | {
      readonly kind: "left";
      /** Against base; empty where nothing was changed. */
      readonly diff: string;
      /** Changed paths that are no part of it, each with the reason. */
      readonly leftOut: ReadonlyMap<string, string>;
    }
  | { readonly kind: "unusable"; readonly reason: Reason };

export interface Checkout {
  readonly of: Case;
  readonly role: Role;
  readonly before: ReadonlyMap<string, ListedFile>;
  readonly after: ReadonlyMap<string, ListedFile>;
}

/** More files than this are no change but a dump; the bound of a submission is lower still. */
const maxReadFiles = 20_000;
const maxNamed = 200;

/** Of files that base does not have: what tools leave behind wherever they run. */
const products: readonly RegExp[] = [
  /(^|\/)(__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.hypothesis|\.tox|\.venv|venv|node_modules)\//,
  /\.(pyc|pyo|orig|rej|swp)$/,
  /(^|\/)[^/]+\.egg-info\//,
  /(^|\/)\.aider[^/]*/,
  /^(target|build|_build|cmake-build-[^/]*)\//,
  /(^|\/)\.(coverage|DS_Store)$/,
];

class Unusable extends Error {
  readonly reason: Reason;

  constructor(code: Reason["code"], detail: string) {
    super(detail);
    this.reason = { code, detail };
  }
}

function isTouched(file: ListedFile, before: ListedFile | undefined): boolean {
  if (file.kind === "folder") return false;
  return (
    before === undefined ||
    before.kind !== file.kind ||
    before.changedAt !== file.changedAt ||
    before.bytes !== file.bytes
  );
}

class Reading {
  readonly leftOut = new Map<string, string>();
  readonly #checkout: Checkout;
  readonly #sandbox: Sandbox;
  readonly #base: ReadonlyMap<string, TreeEntry>;
  #bytes = 0;

  constructor(checkout: Checkout, sandbox: Sandbox) {
    this.#checkout = checkout;
    this.#sandbox = sandbox;
    this.#base = new Map(checkout.of.baseEntries.map((entry) => [entry.path, entry]));
  }

  async entries(): Promise<Map<string, TreeFile | undefined>> {
    const entries = new Map<string, TreeFile | undefined>();
    for (const path of this.#removed()) entries.set(path, undefined);
    const touched = await this.#candidates();
    if (touched.length > maxReadFiles)
      throw new Unusable(
        "too-large",
        `${touched.length} files were changed, at most ${maxReadFiles} are read`,
      );
    for (const file of touched) {
      const entry = await this.#changed(file);
      if (entry !== undefined) entries.set(file.path, entry);
    }
    return this.#ofRole(entries);
  }

  /** Paths that preparation took away are not the agent's doing; below a submodule nothing is ours. */
  #removed(): string[] {
    const { before, after } = this.#checkout;
    return [...this.#base.values()]
      .filter(({ path, mode }) => mode !== "160000" && before.has(path) && !isFileIn(after, path))
      .map(({ path }) => path);
  }

  async #candidates(): Promise<ListedFile[]> {
    const { of, before, after } = this.#checkout;
    const touched = [...after.values()].filter((file) => isTouched(file, before.get(file.path)));
    const strangers = touched.filter(({ path }) => !this.#base.has(path));
    const ignored = await of.repository.ignored(
      of.baseTree,
      strangers.map(({ path }) => path).filter(isSafe),
    );
    return touched.filter((file) => {
      const why = this.#base.has(file.path) ? this.#lost(file) : this.#strange(file, ignored);
      if (why !== undefined) this.#leaveOut(file.path, why);
      return why === undefined;
    });
  }

  /** What stands where base has a file and is none counts as its removal. */
  #lost({ kind }: ListedFile): string | undefined {
    return kind === "other" ? "neither a file nor a link" : undefined;
  }

  /** Why a file that base does not have is no part of the answer. */
  #strange({ path, kind }: ListedFile, ignored: ReadonlySet<string>): string | undefined {
    const was = this.#checkout.before.get(path);
    if (was !== undefined && was.kind !== "folder") return "preparation's";
    if (kind === "other") return "neither a file nor a link";
    if (ignored.has(path)) return "ignored by the repository";
    return products.some((product) => product.test(path)) ? "a tool's leavings" : undefined;
  }

  #leaveOut(path: string, why: string): void {
    if (this.leftOut.size < maxNamed) this.leftOut.set(path, why);
  }

  /** The file as it is now; undefined where it is as in base. */
  async #changed(file: ListedFile): Promise<TreeFile | undefined> {
    const { path, kind, isExecutable } = file;
    const unsafe = unsafePath(path);
    if (unsafe !== undefined)
      throw new Unusable("unsafe-path", `${unsafe}: ${JSON.stringify(path).slice(0, 600)}`);
    const content = kind === "link" ? Buffer.from(file.target) : await this.#content(path);
    const mode = kind === "link" ? "120000" : isExecutable ? "100755" : "100644";
    const base = this.#base.get(path);
    if (base?.mode === mode && blobId(content, base.object) === base.object) return undefined;
    this.#bytes += content.length;
    if (this.#bytes > maxChangedBytes)
      throw new Unusable("too-large", `the changed files hold more than ${maxChangedBytes} bytes in all`);
    return { mode, content };
  }

  async #content(path: string): Promise<Buffer> {
    const { content, error = "" } = await this.#sandbox.read(`${checkoutFolder}/${path}`, maxChangedBytes);
    if (content !== undefined) return content;
    if (error.includes("larger than")) throw new Unusable("too-large", error);
    throw new Unusable("unsafe-path", `${path} cannot be read: ${error}`);
  }

  /** A reviewer's answer is its tests: whatever else it tried in the sources is put back. */
  #ofRole(entries: Map<string, TreeFile | undefined>): Map<string, TreeFile | undefined> {
    const { of, role } = this.#checkout;
    if (role === "submitter") return entries;
    const kept = [...entries].filter(([path]) => {
      const isTest = isTestPath(path, of.instance.language);
      if (!isTest) this.#leaveOut(path, "no test path");
      return isTest;
    });
    return new Map(kept);
  }
}

const isSafe = (path: string): boolean => unsafePath(path) === undefined;

function isFileIn(listing: ReadonlyMap<string, ListedFile>, path: string): boolean {
  const kind = listing.get(path)?.kind;
  return kind === "file" || kind === "link";
}

/** Whatever the agent did is a value. @throws SandboxFault, GitFault */
export async function leavingsIn(checkout: Checkout, sandbox: Sandbox): Promise<Leavings> {
  const { of } = checkout;
  const reading = new Reading(checkout, sandbox);
  try {
    const entries = await reading.entries();
    const tree = await of.repository.withEntries(of.baseTree, entries);
    return { kind: "left", diff: await of.repository.diff(of.baseTree, tree), leftOut: reading.leftOut };
  } catch (error) {
    if (error instanceof Unusable) return { kind: "unusable", reason: error.reason };
    throw error;
  }
}
