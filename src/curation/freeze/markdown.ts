// Text of strangers in Markdown: a repository's file names, authors and copyright lines stay words and make no markup.

/** Without what steers a terminal or hides in a text. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();

/** One line, nothing that steers a terminal or hides, every mark that Markdown or HTML reads escaped. */
export const words = (text: string): string =>
  oneLine(text)
    .replace(/[\\`*_{}[\]<>|~&]/g, "\\$&")
    .replace(/^(?:[#+=-]|\d+(?=[.)]))/, "\\$&");

/** Between backticks; one inside would end it. */
export function code(text: string): string {
  const shown = oneLine(text).replaceAll("`", "'").replaceAll("|", "\\|");
  return `\`${shown}\``;
}

/** The first row is the head. Cells are taken as they are. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
