// Reads a job's command without a shell: steps joined by `&&`, words, quotes and leading assignments, nothing more.

export interface Command {
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

const special = /[|;<>$`(){}*?[\]~#!&\n]/;

interface Words {
  readonly words: string[];
  /** True for a word that had quotes: it is no operator and no assignment. */
  readonly quoted: boolean[];
}

function splitWords(text: string): Words | undefined {
  const words: string[] = [];
  const quoted: boolean[] = [];
  const token = /\s*(?:(&&)|((?:[^\s'"\\&|;<>$`(){}*?[\]~#!]|'[^']*'|"(?:[^"\\$`]|\\.)*"|\\.)+))/y;
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) return undefined;
    at = token.lastIndex;
    const raw = found[1] ?? found[2] ?? "";
    quoted.push(/['"\\]/.test(raw));
    words.push(
      raw.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_, single, double, escaped) =>
        String(single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped),
      ),
    );
  }
  return { words, quoted };
}

const assignment = /^([A-Za-z_]\w*)=(.*)$/s;

function commandOf(words: readonly string[]): Command {
  const env: Record<string, string> = {};
  let first = 0;
  for (; first < words.length; first += 1) {
    const match = assignment.exec(words[first] ?? "");
    if (match?.[1] === undefined) break;
    env[match[1]] = match[2] ?? "";
  }
  return { env, argv: words.slice(first) };
}

/** The commands of `a && b && c`; undefined when the text needs a real shell (pipes, globs, variables, ...). */
export function readCommands(run: string): Command[] | undefined {
  const split = splitWords(run.replace(/\\\n/g, " "));
  if (split === undefined || special.test(run.replace(/'[^']*'|"[^"]*"|\\.|&&/gs, ""))) return undefined;
  const commands: string[][] = [[]];
  for (const [index, word] of split.words.entries()) {
    if (word === "&&" && split.quoted[index] === false) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  const read = commands.map(commandOf);
  return read.every(({ argv }) => argv.length > 0) ? read : undefined;
}
