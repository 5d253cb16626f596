// Dependencies as of a row's date, where the language's tools can be told one; where they cannot, a note says so.
import type { Language } from "../../domain/instance.ts";
import type { Candidate } from "./candidates.ts";

/** The first pip that leaves out what was uploaded later (`--uploaded-prior-to`); the image's own does not know it. */
const datingPip = "/deps/venv/bin/python3 -m pip install 'pip>=26.0'";

const resolves = /\b(pip3?|uv|poetry|pdm)\b.*\b(install|sync)\b/;

/** pip and uv read it from the environment, build requirements included; Poetry and PDM go by their lock files. */
function datedCommand(command: string, at: string): string {
  return resolves.test(command)
    ? `export PIP_UPLOADED_PRIOR_TO=${at} && export UV_EXCLUDE_NEWER=${at} && ${command}`
    : command;
}

const undatable: Readonly<Record<Exclude<Language, "python">, string>> = {
  go: "modules as go.mod and go.sum pin them: no date is needed",
  rust: "crates as Cargo.lock pins them; without one the newest that fit, for Cargo takes no date",
  cpp: "the image's own packages, whatever the row's date",
};

/**
 * The candidate as of `at`, and after it, for registries that tell no upload times, as it is.
 * @param at ISO 8601; ignored where it is no time
 */
export function dated(candidate: Candidate, language: Language, at: string): Candidate[] {
  if (language !== "python") return [{ ...candidate, notes: [...candidate.notes, undatable[language]] }];
  const { plan, name, notes } = candidate;
  const newest = {
    ...candidate,
    notes: [...notes, "the newest releases are taken, not those of the row's date"],
  };
  const time = Date.parse(at);
  if (Number.isNaN(time) || !plan.prepare.some((command) => resolves.test(command))) return [newest];
  const day = new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
  const [venv, ...rest] = plan.prepare.map((command) => datedCommand(command, day));
  if (venv === undefined) return [newest];
  const prepare = [venv, datingPip, ...rest];
  const note = `releases uploaded after ${day} are left out`;
  return [{ name: `${name}, as of ${day}`, plan: { ...plan, prepare }, notes: [...notes, note] }, newest];
}
