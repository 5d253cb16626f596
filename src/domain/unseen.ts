// Signs that nobody sees, or that turn others round: one rule for terminals, tables and pages that show what others wrote.

/** Control, invisible and direction-changing signs, halves of one, and what is none. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

/**
 * Text of a model, an issue or a repository with such signs spelled out by their code points.
 * @param kept what stands for a sign instead, where it means something to the reader: breaks and tabs of a page
 */
export function spelledOut(text: string, kept: Readonly<Record<string, string>> = {}): string {
  return text.replace(unseen, (sign) => kept[sign] ?? `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Breaks and tabs as they are. */
export const breaksAndTabs = { "\n": "\n", "\t": "\t" } as const;
