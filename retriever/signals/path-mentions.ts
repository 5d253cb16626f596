// Paths, modules and stack frames that an issue quotes, as runs of path segments to be looked for in a repository.

export interface PathMention {
  readonly text: string;
  /** Path segments in order, lower case, the last without its extension where the mention had one. */
  readonly segments: readonly string[];
  /** Lower case, without the dot; absent for a module. */
  readonly extension?: string;
  /** Of 1 for a path or frame, less for dotted names that may be anything. */
  readonly weight: number;
}

const maxMentions = 200;
const maxLength = 60_000;
/** A token of an issue: what is bounded by blanks, quotes and brackets. */
const separators = /[\s"'`<>()[\]{}|,;=*&^$!?\u2018\u2019\u201c\u201d]+/u;
const extension =
  /\.(py|pyi|pyx|rs|go|c|cc|cpp|cxx|h|hh|hpp|hxx|inl|ipp|tpp|java|js|jsx|ts|tsx|mjs|proto|toml|json|ya?ml|md|txt|cmake|in|j2|html|css|sh|sql)$/iu;
const lineNumber = /(?::\d+){1,2}:?$|#L\d+(?:-L?\d+)?$/u;
const identifier = /^[\p{L}_][\p{L}\p{N}_-]*$/u;
/** Top-level prefixes of a module path that name no folder. */
const anchors = new Set(["crate", "self", "super", "std"]);

function cleanSegments(path: string): string[] {
  return path.split(/[/\\]+/u).filter((part) => part !== "" && part !== "." && part !== "..");
}

/** `https://host/owner/name/blob/<ref>/src/a.rs#L3` names a file; other addresses name none. */
function unwrapped(token: string): string | undefined {
  if (!/^[a-z][a-z+.-]*:\/\//iu.test(token)) return token;
  const inside = /\/(?:blob|tree|raw)\/[^/]+\/(.+)$/u.exec(token)?.[1];
  return inside?.replace(/\?.*$/u, "");
}

function fileMention(token: string): PathMention | undefined {
  const path = token.replace(lineNumber, "").replace(/[.:]+$/u, "");
  const found = extension.exec(path);
  if (found === null) return undefined;
  const segments = cleanSegments(path.slice(0, -found[0].length)).map((part) => part.toLowerCase());
  const last = segments.at(-1);
  if (last === undefined || !/[\p{L}\p{N}]/u.test(last)) return undefined;
  // A file with its folder says more than `main.rs` alone, which may stand for any program's.
  return { text: path, segments, extension: (found[1] ?? "").toLowerCase(), weight: 1 };
}

function moduleMention(token: string): PathMention | undefined {
  const name = token.replace(/[.:#/]+$/u, "").replace(/^[.:/]+/u, "");
  const scoped = name.includes("::");
  const parts = name.split(scoped ? "::" : /[./]/u).filter((part) => !anchors.has(part));
  if (parts.length < (scoped ? 1 : 2) || parts.length > 12) return undefined;
  if (!parts.every((part) => identifier.test(part))) return undefined;
  return { text: name, segments: parts.map((part) => part.toLowerCase()), weight: 0.5 };
}

/** In order of first appearance, each once. */
export function pathMentionsOf(issue: string): PathMention[] {
  const mentions = new Map<string, PathMention>();
  for (const token of issue.slice(0, maxLength).split(separators)) {
    if (mentions.size >= maxMentions) break;
    if (token.length < 4 || token.length > 300) continue;
    const inner = unwrapped(token);
    if (inner === undefined) continue;
    const mention = fileMention(inner) ?? moduleMention(inner);
    if (mention === undefined) continue;
    const key = `${mention.segments.join("/")}.${mention.extension ?? ""}`;
    if (!mentions.has(key)) mentions.set(key, mention);
  }
  return [...mentions.values()];
}
