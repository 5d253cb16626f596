// Finds the one block of an answer that counts; where there is none or several, says exactly what was found.

export interface Block {
  readonly language: "json" | "diff";
  readonly content: string;
  /** Line of the whole answer on which the content begins, from 1. */
  readonly firstLine: number;
}

export type Found =
  | { readonly ok: true; readonly block: Block }
  | { readonly ok: false; readonly reason: string };

interface Fence {
  readonly tag: string;
  /** Lines from 0; the opening and the closing fence. */
  readonly open: number;
  readonly close: number | undefined;
}

/** Reasoning that some servers leave in the text; what it contains is not the answer. */
function withoutThoughts(lines: string[]): string[] {
  const end = lines.findLastIndex((line) => line.includes("</think>"));
  return lines.map((line, index) => {
    if (index > end) return line;
    return index < end ? "" : line.slice(line.indexOf("</think>") + "</think>".length).trimStart();
  });
}

function fencesOf(lines: readonly string[]): Fence[] {
  const fences: Fence[] = [];
  let index = 0;
  while (index < lines.length) {
    const opened = /^ {0,3}(`{3,})\s*([^\s`]*)/.exec(lines[index] ?? "");
    if (opened === null) {
      index += 1;
      continue;
    }
    const [, ticks = "", tag = ""] = opened;
    const closing = new RegExp(`^ {0,3}\`{${ticks.length},}\\s*$`);
    const offset = lines.slice(index + 1).findIndex((line) => closing.test(line));
    const close = offset === -1 ? undefined : index + 1 + offset;
    fences.push({ tag: tag.toLowerCase(), open: index, close });
    index = (close ?? lines.length) + 1;
  }
  return fences;
}

/** An answer that is nothing but its content. */
function bareBlock(lines: readonly string[]): Block | undefined {
  const first = lines.findIndex((line) => line.trim() !== "");
  const line = lines[first];
  if (line === undefined) return undefined;
  const content = lines.slice(first).join("\n");
  if (line.trimStart().startsWith("{")) return { language: "json", content, firstLine: first + 1 };
  const isDiff = line.startsWith("diff --git ") || line.startsWith("--- ");
  return isDiff ? { language: "diff", content, firstLine: first + 1 } : undefined;
}

function foundInstead(fences: readonly Fence[]): string {
  if (fences.length === 0) return "no fenced block and text that is neither";
  const list = fences.map((fence) => `\`\`\`${fence.tag} on line ${fence.open + 1}`);
  return list.join(", ");
}

/**
 * The only ```json or ```diff block, or a bare JSON object or diff.
 * Several are an error rather than a choice of ours: the first may be a draft, the last an example.
 */
export function findBlock(answer: string): Found {
  const lines = withoutThoughts(answer.replaceAll("\r\n", "\n").split("\n"));
  if (lines.every((line) => line.trim() === "")) return { ok: false, reason: "the answer is empty" };
  const bare = bareBlock(lines);
  if (bare !== undefined) return { ok: true, block: bare };
  const fences = fencesOf(lines);
  const [block, ...others] = fences.filter((fence) => fence.tag === "json" || fence.tag === "diff");
  const wanted = "expected exactly one ```json or ```diff block, or nothing but a JSON object or a diff";
  if (block === undefined) return { ok: false, reason: `${wanted}; found ${foundInstead(fences)}` };
  if (others.length > 0) return { ok: false, reason: `${wanted}; found ${foundInstead([block, ...others])}` };
  if (block.close === undefined) {
    const reason = `the \`\`\`${block.tag} block opened on line ${block.open + 1} is never closed: the answer is cut off`;
    return { ok: false, reason };
  }
  const content = lines.slice(block.open + 1, block.close).join("\n");
  const language = block.tag === "json" ? "json" : "diff";
  return { ok: true, block: { language, content, firstLine: block.open + 2 } };
}
