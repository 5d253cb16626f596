// A template is Markdown with {{names}}; every name is known, and none is forgotten. Checked once, when it is read.
import { UsageError } from "../../domain/fault.ts";

type Part = { readonly text: string } | { readonly name: string };
type Section = readonly Part[];

export interface Template {
  readonly system: Section;
  readonly user: Section;
}

export interface TemplateRules {
  /** The file, for errors. */
  readonly file: string;
  /** Every one must occur; no other may. */
  readonly placeholders: readonly string[];
  /** Whether a `# System` section must come before `# User`. */
  readonly hasSystem: boolean;
}

interface Headings {
  readonly system: number;
  readonly user: number;
}

function headingsOf(lines: readonly string[], rules: TemplateRules): Headings {
  const system = lines.indexOf("# System");
  const user = lines.indexOf("# User");
  const first = lines.findIndex((line) => line.trim() !== "");
  const wanted = rules.hasSystem ? "# System" : "# User";
  if (lines[first] !== wanted || user === -1 || user < system) {
    const order = rules.hasSystem ? '"# System" and later "# User"' : '"# User"';
    const found = JSON.stringify(lines[first] ?? "an empty file");
    throw new UsageError(
      `${rules.file}:${first + 1}: expected headings ${order}, the first on top; found ${found}`,
    );
  }
  return { system, user };
}

function partsOf(lines: readonly string[], firstLine: number, rules: TemplateRules): Part[] {
  const parts: Part[] = [];
  for (const [index, line] of lines.entries()) {
    for (const piece of line.split(/(\{\{[^}]*\}\})/)) parts.push(partOf(piece, firstLine + index, rules));
    if (index < lines.length - 1) parts.push({ text: "\n" });
  }
  return parts;
}

function partOf(piece: string, line: number, { file, placeholders }: TemplateRules): Part {
  const name = /^\{\{([^}]*)\}\}$/.exec(piece)?.[1];
  if (name === undefined && !piece.includes("{{")) return { text: piece };
  if (name !== undefined && placeholders.includes(name)) return { name };
  const known = placeholders.map((each) => `{{${each}}}`).join(", ");
  throw new UsageError(
    `${file}:${line}: expected one of ${known}; found ${JSON.stringify(piece.slice(0, 60))}`,
  );
}

/** @throws UsageError with file and line for missing headings, unknown and missing placeholders */
export function parseTemplate(text: string, rules: TemplateRules): Template {
  const lines = text.replaceAll("\r\n", "\n").trimEnd().split("\n");
  const { system, user } = headingsOf(lines, rules);
  const section = (from: number, to: number): Part[] => {
    const body = lines.slice(from, to);
    const lead = body.findIndex((line) => line.trim() !== "");
    if (lead === -1)
      throw new UsageError(`${rules.file}:${from + 1}: expected text under the heading; found none`);
    const end = body.findLastIndex((line) => line.trim() !== "") + 1;
    return partsOf(body.slice(lead, end), from + lead + 1, rules);
  };
  const template = {
    system: rules.hasSystem ? section(system + 1, user) : [],
    user: section(user + 1, lines.length),
  };
  const used = new Set(
    [...template.system, ...template.user].flatMap((part) => ("name" in part ? [part.name] : [])),
  );
  const missing = rules.placeholders.filter((name) => !used.has(name));
  if (missing.length === 0) return template;
  const names = missing.map((name) => `{{${name}}}`).join(", ");
  throw new UsageError(`${rules.file}: expected every placeholder of its role; ${names} missing`);
}

/** Values are put in once and never read again, so what looks like a placeholder inside them stays as it is. */
export function fill(section: Section, values: Readonly<Record<string, string>>): string {
  let text = "";
  let skipBlank = 0;
  for (const part of section) {
    if ("text" in part) {
      const blank = part.text === "\n" || part.text === "";
      if (skipBlank > 0 && blank) {
        if (part.text === "\n") skipBlank -= 1;
        continue;
      }
      skipBlank = 0;
      text += part.text;
      continue;
    }
    const value = values[part.name];
    if (value === undefined) throw new Error(`no value for the placeholder ${part.name}`);
    // An empty value on a line of its own takes the line and the blank one after it away.
    if (value === "" && text.endsWith("\n")) skipBlank = 2;
    text += value;
  }
  return text;
}
