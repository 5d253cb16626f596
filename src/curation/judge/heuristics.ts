// What an issue's text shows without anybody being asked: money is spent on the others.
import type { SplitRow } from "../pipeline/rows.ts";

/** Images, links and markup say nothing to who cannot see them. */
const unreadable = /!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>|<!--[\s\S]*?-->|https?:\/\/\S+|<[^>]{1,200}>/gi;

/** Fewer words tell nobody what is to be done. */
const leastWords = 8;

export interface Shape {
  readonly words: number;
  readonly images: number;
  readonly codeLines: number;
}

/** Words outside of code, pictures and addresses. Pure. */
export function shapeOf(statement: string): Shape {
  const images = statement.match(/!\[[^\]]*\]\([^)]*\)|<img\b/gi)?.length ?? 0;
  const blocks = statement.match(/^(```|~~~)[\s\S]*?^\1/gm) ?? [];
  const codeLines = blocks.reduce((sum, block) => sum + Math.max(0, block.split("\n").length - 2), 0);
  const prose = blocks.reduce((text, block) => text.replace(block, " "), statement).replace(unreadable, " ");
  const words = prose.match(/[\p{L}\p{N}][\p{L}\p{N}'’_.-]*/gu)?.length ?? 0;
  return { words, images, codeLines };
}

/** Why the issue is judged without a model; undefined where it says enough to be asked about. */
export function saysNothing({
  problemStatement,
}: Pick<SplitRow["split"], "problemStatement">): string | undefined {
  const { words, images, codeLines } = shapeOf(problemStatement);
  if (words >= leastWords || codeLines > 0) return undefined;
  const pictures = images === 0 ? "" : ` and ${images} pictures`;
  return `${words} words${pictures}, no code: at least ${leastWords} words are expected`;
}
