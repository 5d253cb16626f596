// One leg of one workflow job as jobs of a plan: what fetches goes before, each test command is read by its runner.
import type { Job, Language } from "../../../domain/instance.ts";
import { workDirectory } from "../../../grading/index.ts";
import { quoted, type ScriptCommand } from "./commands.ts";

/** A command with the environment of its step. */
export interface StepCommand extends ScriptCommand {
  readonly step: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface PlannedJob {
  readonly prepare: readonly string[];
  readonly jobs: readonly Job[];
}

const venv = "/deps/venv";
const path = `${venv}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** What a language needs around a workflow's own commands: judged runs have no network, and no rights in the image. */
const surroundings: Readonly<
  Record<Language, { readonly prepare: readonly string[]; readonly env: Job["env"] }>
> = {
  python: {
    prepare: [`python3 -m venv --system-site-packages ${venv}`],
    env: { PATH: path, VIRTUAL_ENV: venv, UV_PROJECT_ENVIRONMENT: venv },
  },
  go: { prepare: [], env: {} },
  rust: { prepare: [], env: { CARGO_NET_OFFLINE: "true" } },
  cpp: { prepare: [], env: {} },
};

const assignments = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([key, value]) => `${key}=${quoted(value)} `)
    .join("");

/** From one folder of the repository to another. */
function change(from: string, to: string): string[] {
  if (from === to) return [];
  const up = from === "" ? "" : "../".repeat(from.split("/").length);
  return [`cd ${quoted(`${up}${to}` || ".")}`];
}

function chained(commands: readonly StepCommand[]): string {
  const words: string[] = [];
  let here = "";
  for (const command of commands) {
    words.push(...change(here, command.folder), `${assignments(command.env)}${command.text}`);
    here = command.folder;
  }
  return words.join(" && ");
}

function prepared(language: Language, command: StepCommand, env: Job["env"]): string {
  const all = language === "python" ? { ...env, ...surroundings.python.env } : env;
  const exports = Object.entries(all).map(([key, value]) => `export ${key}=${quoted(value)}`);
  // A virtual environment is nobody's home.
  const text = language === "python" ? command.text.replace(/ --user\b/g, "") : command.text;
  return [...exports, ...change("", command.folder), `${assignments(command.env)}${text}`].join(" && ");
}

/** Downloads that a job leaves to its first build (by its own words, or by `make`), which has no network here. */
function implied(language: Language, commands: readonly StepCommand[], files: ReadonlySet<string>): string[] {
  if (language === "go") {
    const folders = [...new Set(["", ...commands.map(({ folder }) => folder)])];
    const modules = folders.filter((folder) => files.has(folder === "" ? "go.mod" : `${folder}/go.mod`));
    return modules.map((folder) => [...change("", folder), "go mod download"].join(" && "));
  }
  if (language !== "rust" || !files.has("Cargo.toml")) return [];
  return files.has("Cargo.lock")
    ? ["cargo fetch --locked"]
    : ["CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback cargo fetch"];
}

export interface JobFrame {
  /** As the host shows it. */
  readonly name: string;
  readonly language: Language;
  /** Of the workflow and the job. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Paths of the base tree. */
  readonly files: ReadonlySet<string>;
}

/**
 * The first part bears the host's own name; each further test command, lint and remainder is `<name> / <step>`.
 * The host's job succeeded where all of them do.
 */
export function plannedJob(frame: JobFrame, commands: readonly StepCommand[]): PlannedJob {
  const { name, language, files, timeoutSeconds } = frame;
  const around = surroundings[language];
  const fetches = commands.filter(({ kind }) => kind === "fetch");
  const env = { CI: "true", GITHUB_WORKSPACE: workDirectory, ...around.env, ...frame.env };
  const jobs: Job[] = [];
  const add = (step: string, parts: readonly StepCommand[], last: StepCommand): void => {
    const wanted = jobs.length === 0 ? name : `${name} / ${step}`;
    const taken = jobs.filter((job) => job.name === wanted || job.name.startsWith(`${wanted} #`)).length;
    const tags = last.kind === "lint" ? ["lint"] : [];
    const own = taken === 0 ? wanted : `${wanted} #${taken + 1}`;
    jobs.push({ name: own, run: chained(parts), runner: last.runner, timeoutSeconds, env, tags });
  };
  const before: StepCommand[] = [];
  let left = 0;
  for (const command of commands) {
    if (command.kind === "fetch" || command.kind === "nothing") continue;
    if (command.kind === "build") {
      before.push(command);
      left += 1;
      continue;
    }
    add(command.step, [...before, command], command);
    left = 0;
  }
  const last = before.at(-1);
  if (left > 0 && last !== undefined) add(last.step, before, last);
  const prepare = [
    ...around.prepare,
    ...implied(language, commands, files),
    ...fetches.map((command) => prepared(language, command, frame.env)),
  ];
  return { prepare: [...new Set(prepare)], jobs };
}
