// Reads the CI names of a SwingArena row, which its collectors left in four different broken shapes.

/** One job as GitHub shows it, and what can be told from its name alone. */
export interface CiName {
  readonly name: string;
  /** Path of the workflow file; absent when the row lost it. */
  readonly workflow?: string;
  /** The name without its matrix part: "test (3.12)" is one leg of the job "test". */
  readonly job: string;
  readonly matrix: readonly string[];
  readonly host: "windows" | "macos" | "any";
}

export interface CiNames {
  readonly names: readonly CiName[];
  readonly repaired: readonly string[];
  readonly unrepaired: readonly string[];
}

/** Labels of GitHub's pages that an early collector took for jobs. */
const navigation = new Set([
  "actions",
  "code",
  "conversation",
  "commits",
  "checks",
  "files changed",
  "discussions",
  "insights",
  "issues",
  "packages",
  "projects",
  "pull requests",
  "releases",
  "security",
  "settings",
  "sponsor",
  "summary",
  "usage",
  "wiki",
  "workflow file",
  "jobs",
  "run details",
]);

const pythonEscapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescaped(body: string): string {
  return body.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gi,
    (_whole, two?: string, four?: string, eight?: string, other?: string) => {
      const hex = two ?? four ?? eight;
      if (hex === undefined) return pythonEscapes[other ?? ""] ?? other ?? "";
      const code = Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "";
    },
  );
}

/** The strings of a list as Python prints it: `['lint', '.github/workflows/ci.yml']`. */
export function pythonList(text: string): string[] | undefined {
  const body = text.trim();
  if (!body.startsWith("[") || !body.endsWith("]")) return undefined;
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|$)/gy;
  const inner = body.slice(1, -1);
  const items: string[] = [];
  for (let found = item.exec(inner); found !== null; found = item.exec(inner)) {
    items.push(unescaped(found[1] ?? found[2] ?? ""));
    if (found[3] !== ",") return items;
  }
  return undefined;
}

function isWorkflow(text: string): boolean {
  return /\.ya?ml$/.test(text);
}

type Pair = readonly [name: string, workflow: string | undefined];

class PairReader {
  readonly pairs: Pair[] = [];
  readonly lost: string[] = [];
  stringified = 0;
  flat = 0;

  read(value: readonly unknown[]): void {
    for (let at = 0; at < value.length; at += 1) {
      const entry = value[at];
      if (Array.isArray(entry)) this.#readEntry(entry);
      else if (typeof entry === "string") at += this.#readFlat(entry, value[at + 1]);
      else this.lost.push(JSON.stringify(entry) ?? String(entry));
    }
  }

  #readEntry(entry: readonly unknown[]): void {
    const [name, workflow] = entry;
    if (
      entry.length === 2 &&
      typeof name === "string" &&
      typeof workflow === "string" &&
      isWorkflow(workflow) &&
      pythonList(workflow) === undefined
    ) {
      this.pairs.push([name, workflow]);
      return;
    }
    for (const part of entry) {
      if (typeof part === "string") this.#readText(part);
      else this.lost.push(JSON.stringify(part) ?? String(part));
    }
  }

  #readText(text: string): void {
    const list = pythonList(text);
    const [name, workflow] = list ?? [];
    if (list?.length === 2 && name !== undefined) {
      this.stringified += 1;
      this.pairs.push([name, workflow]);
    } else if (isWorkflow(text)) this.lost.push(text);
    else this.pairs.push([text, undefined]);
  }

  /** A flat list alternates names and workflows. Returns how many further entries were used. */
  #readFlat(text: string, next: unknown): number {
    if (pythonList(text) === undefined && typeof next === "string" && isWorkflow(next)) {
      this.flat += 1;
      this.pairs.push([text, next]);
      return 1;
    }
    this.#readText(text);
    return 0;
  }
}

const windows = /\b(windows|win32|win64|msvc|mingw|uwp)\b/i;
const macos = /\b(macos|mac|osx|os x|darwin|apple|ios|xcode)\b/i;

function named([name, workflow]: Pair): CiName {
  const [, base, inside] = /^(.*\S)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$/s.exec(name) ?? [];
  const words = name.replace(/[_-]/g, " ");
  const host = windows.test(words) ? "windows" : macos.test(words) ? "macos" : "any";
  return {
    name,
    ...(workflow === undefined ? {} : { workflow }),
    job: base ?? name,
    matrix: inside === undefined ? [] : inside.split(",").map((value) => value.trim()),
    host,
  };
}

/** A job may be called "Security"; a row with several such names, or one without a workflow, was scraped from a page. */
function withoutNavigation(pairs: readonly Pair[]): { kept: readonly Pair[]; dropped: readonly string[] } {
  const isLabel = ([name]: Pair): boolean => navigation.has(name.trim().toLowerCase());
  const labels = pairs.filter(isLabel);
  const scraped = labels.length >= 3;
  const dropped = labels.filter(([, workflow]) => scraped || workflow === undefined);
  return { kept: pairs.filter((pair) => !dropped.includes(pair)), dropped: dropped.map(([name]) => name) };
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return undefined;
  try {
    const json: unknown = JSON.parse(value);
    return Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function repairs(reader: PairReader, dropped: readonly string[], names: readonly CiName[]): string[] {
  const matrix = names.filter((name) => name.matrix.length > 0).length;
  const said: readonly (readonly [number, string])[] = [
    [reader.stringified, `ci_name_list: ${reader.stringified} entries read out of re-paired text`],
    [reader.flat, `ci_name_list: ${reader.flat} entries paired from a flat list`],
    [dropped.length, `ci_name_list: dropped labels of GitHub's pages: ${dropped.join(", ")}`],
    [matrix, `ci_name_list: ${matrix} matrix legs named by their job`],
  ];
  return said.filter(([count]) => count > 0).map(([, text]) => text);
}

function remains(reader: PairReader, names: readonly CiName[]): string[] {
  const foreign = names.filter((name) => name.host !== "any");
  const loose = names.filter((name) => name.workflow === undefined);
  const templates = names.filter((name) => name.name.includes("${{"));
  const said: readonly (readonly [number, string])[] = [
    [
      reader.stringified,
      "ci_name_list: re-pairing may have lost entries: the workflow files at the base commit decide",
    ],
    [
      reader.lost.length,
      `ci_name_list: ${reader.lost.length} entries are no job: ${reader.lost.slice(0, 3).join(", ")}`,
    ],
    [loose.length, `ci_name_list: ${loose.length} jobs without a workflow file`],
    [templates.length, `ci_name_list: ${templates.length} names are unexpanded templates`],
    [
      foreign.length,
      `ci_name_list: ${foreign.length} of ${names.length} jobs need Windows or macOS and cannot run here`,
    ],
    [names.length === 0 ? 1 : 0, "ci_name_list names no job: the plan must be written or inferred"],
  ];
  return said.filter(([count]) => count > 0).map(([, text]) => text);
}

/** Reads `ci_name_list` in any of its shapes; whatever is repaired or cannot be is said. Never throws. */
export function readCiNames(value: unknown): CiNames {
  const list = listOf(value);
  if (list === undefined) {
    const found = value === undefined ? "nothing" : (JSON.stringify(value) ?? "").slice(0, 60);
    return { names: [], repaired: [], unrepaired: [`ci_name_list: expected a list, found ${found}`] };
  }
  const reader = new PairReader();
  reader.read(list);
  const { kept, dropped } = withoutNavigation(reader.pairs);
  const unique = [...new Map(kept.map((pair) => [JSON.stringify(pair), pair])).values()];
  const names = unique.map(named);
  return { names, repaired: repairs(reader, dropped, names), unrepaired: remains(reader, names) };
}
