// Takes a step's script apart into commands, and tells those that fetch, build, test and lint from each other.
import type { RunnerName } from "../../../domain/instance.ts";
import { readCommands, workDirectory } from "../../../grading/index.ts";
import { Unsupported } from "./unsupported.ts";

export type CommandKind = "fetch" | "build" | "test" | "lint" | "nothing";

export interface ScriptCommand {
  readonly kind: CommandKind;
  /** One plain command, or a script given to bash as one word. */
  readonly text: string;
  /** Folder relative to the repository, "" for its root. */
  readonly folder: string;
  /** Reads the tests of a plain test command; `exit-code` for everything else. */
  readonly runner: RunnerName;
  readonly note?: string;
}

const blocks =
  /^\s*(if|for|while|until|case|function|select|\w+\s*\(\))\b|<<|^\s*[({]|^\s*(export\s|declare\s|source\s|\.\s|\w+=\S*\s*$|pushd|popd|trap|shopt)/m;

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const installers =
  /\b(pip3?|uv|poetry|pdm|apt|apt-get|npm|yarn|cargo|go|rustup|brew)\s+(?:pip\s+)?(install|sync|ci|add|fetch|get|update)\b|\b(curl|wget)\s/;

/** Tools that reach for what no registry has, or that want to change the image. */
const outOfReach = /^(curl|wget|npm|npx|yarn|pnpm|node|docker|brew|snap|vcpkg|conan|conda|mamba|pipx|gh)$/;
const lintTools =
  /^(flake8|ruff|black|isort|mypy|pylint|pyright|pre-commit|golangci-lint|gofmt|goimports|staticcheck|rustfmt|clang-format|clang-tidy|cppcheck|codespell|bandit|pycodestyle|pydocstyle)$/;

interface Read {
  readonly kind: CommandKind;
  readonly runner?: RunnerName;
  readonly note?: string;
}

function goRead([sub = "", next = ""]: readonly string[]): Read {
  if (sub === "test") return { kind: "test", runner: "go-test" };
  if (sub === "vet" || sub === "fmt") return { kind: "lint" };
  if (sub === "get" || (sub === "mod" && next === "download")) return { kind: "fetch" };
  if (sub === "install" && next.includes("@")) throw new Unsupported(`go install ${next}`);
  return { kind: "build" };
}

function cargoRead(words: readonly string[]): Read {
  const [sub = "", next = ""] = words.filter((word) => !word.startsWith("+"));
  if (sub === "test" || sub === "t") return { kind: "test", runner: "libtest" };
  if (sub === "nextest" && next === "run") return { kind: "test", runner: "nextest" };
  if (["clippy", "fmt", "doc", "deny", "audit"].includes(sub)) return { kind: "lint" };
  if (sub === "fetch") return { kind: "fetch" };
  if (sub === "install") throw new Unsupported(`cargo install ${next}`);
  return { kind: "build" };
}

function moduleRead(words: readonly string[]): Read {
  const at = words.indexOf("-m");
  return at === -1 || at > 3 ? { kind: "build" } : toolRead(words.slice(at + 1));
}

/** @throws Unsupported naming a tool that cannot be had */
function toolRead(words: readonly string[]): Read {
  const [path = "", ...rest] = words;
  const tool = path.slice(path.lastIndexOf("/") + 1);
  const [sub = ""] = rest;
  if (/^python[\d.]*$/.test(tool)) return moduleRead(rest);
  if (tool === "go") return goRead(rest);
  if (tool === "cargo") return cargoRead(rest);
  if (tool === "pytest") return { kind: "test", runner: "pytest" };
  if (tool === "unittest") return { kind: "test", runner: "unittest" };
  if (tool === "ctest") return { kind: "test", runner: "ctest" };
  if (/^(tox|nox)$/.test(tool) || (tool === "make" && /^(test|check)/.test(sub))) return { kind: "test" };
  if (/^(pip[\d.]*)$/.test(tool) && sub === "install") return { kind: "fetch" };
  if (/^(uv|poetry|pdm)$/.test(tool) && /^(sync|install|pip)$/.test(sub)) return { kind: "fetch" };
  if (/^(apt|apt-get|rustup)$/.test(tool))
    return { kind: "nothing", note: `left out, the image stays as it is: ${words.join(" ")}` };
  if (outOfReach.test(tool)) throw new Unsupported(`the command ${tool}`);
  if (tool === "git" && /^(submodule|clone|fetch|pull)$/.test(sub)) throw new Unsupported(`git ${sub}`);
  return { kind: lintTools.test(tool) ? "lint" : "build" };
}

/** Words that stand before a command and say only how it is started. */
function bare(argv: readonly string[]): readonly string[] {
  const [first, second] = argv;
  if (first === "sudo" || first === "time" || first === "command") {
    const rest = argv.slice(1);
    return bare(rest.slice(rest.findIndex((word) => !word.startsWith("-"))));
  }
  if (/^(poetry|pdm|uv)$/.test(first ?? "") && second === "run") return bare(argv.slice(2));
  return argv;
}

function below(folder: string, next: string): string {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of next.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw new Unsupported(`cd ${next}: outside the repository`);
  }
  if (next.startsWith("/") || /[$~]/.test(next)) throw new Unsupported(`cd ${next}`);
  return parts.join("/");
}

/** The folder a step names, relative to the repository. @throws Unsupported for one outside it */
export function stepFolder(named: string): string {
  const inside = named === workDirectory || named.startsWith(`${workDirectory}/`);
  return below("", inside ? named.slice(workDirectory.length + 1) : named);
}

/** `sh` and `bash` are there; @throws Unsupported for every other shell */
function bashWords(shell: string): string {
  if (shell === "") return "bash -e -c";
  if (shell === "bash") return "bash --noprofile --norc -e -o pipefail -c";
  if (shell === "sh") return "sh -e -c";
  throw new Unsupported(`the shell ${shell}`);
}

function wholeScript(script: string, folder: string, shell: string): ScriptCommand {
  if (installers.test(script)) throw new Unsupported("a script that installs or fetches among other things");
  const test = /\b(pytest|ctest|go test|cargo test|cargo nextest|unittest|tox|make (test|check))\b/.test(
    script,
  );
  const text = `${bashWords(shell)} ${quoted(script.trim())}`;
  return { kind: test ? "test" : "build", text, folder, runner: "exit-code" };
}

/** A line that needs a shell: as it stands to bash. */
function shellLine(line: string, folder: string, shell: string): ScriptCommand {
  if (/\bcd\s/.test(line)) return wholeScript(line, folder, shell);
  const { kind, note } = toolRead(bare(line.trim().replace(/["']/g, "").split(/\s+/)));
  const text = `${bashWords(shell)} ${quoted(line.trim())}`;
  return { kind, text, folder, runner: "exit-code", ...(note === undefined ? {} : { note }) };
}

/**
 * @param folder where the step runs, relative to the repository
 * @param shell what the step names, "" for GitHub's default
 * @throws Unsupported naming what cannot be had
 */
export function commandsOf(script: string, folder: string, shell: string): ScriptCommand[] {
  const told = /\bGITHUB_(ENV|OUTPUT|PATH)\b/.exec(script);
  if (told !== null) throw new Unsupported(`a script that writes to ${told[0]}`);
  const asked = /\$\{?((?!GITHUB_WORKSPACE\b|GITHUB_ACTIONS\b)(GITHUB|RUNNER)_\w+)/.exec(script);
  if (asked !== null) throw new Unsupported(`a script that reads ${asked[1]}`);
  // Refuses unknown shells even where every line is plain.
  bashWords(shell);
  const lines = script
    .replace(/\\\r?\n\s*/g, " ")
    .split(/\r?\n/)
    .map((line) => line.trim());
  const said = lines.filter(
    (line) => line !== "" && !line.startsWith("#") && !/^set [-+]\w+( pipefail)?$/.test(line),
  );
  if (said.some((line) => blocks.test(line)) || said.some((line) => /(\||&&|\\)$/.test(line)))
    return [wholeScript(said.join("\n"), folder, shell)];
  const found: ScriptCommand[] = [];
  let here = folder;
  for (const line of said) {
    const commands = readCommands(line);
    if (commands === undefined) {
      found.push(shellLine(line, here, shell));
      continue;
    }
    for (const { env, argv: all } of commands) {
      if (all[0] === "cd") {
        here = below(here, all[1] ?? "");
        continue;
      }
      const argv = bare(all);
      const { kind, runner = "exit-code", note } = toolRead(argv);
      const assigned = Object.entries(env).map(([key, value]) => `${key}=${quoted(value)}`);
      const text = [...assigned, ...argv.map(quoted)].join(" ");
      found.push({ kind, text, folder: here, runner, ...(note === undefined ? {} : { note }) });
    }
  }
  return found;
}
