// Reads the trusted test files that programs are made of, and what must be known of each before its twin is made.
import { posix } from "node:path";
import { type RunnerContext, read, workDirectory } from "../../program.ts";
import type { Steps } from "../compiled/bench.ts";
import type { CmakeTarget } from "./cmake.ts";
import type { CppSource } from "./plan.ts";
import { caseName, type Framework, includedFramework, scanCpp } from "./scan.ts";

const mostBytes = 4_000_000;
/** Headers followed in search of a framework, of one file. */
const mostHeaders = 30;

const relative = (path: string): string => path.slice(workDirectory.length + 1);

/** The trusted file an `#include` means: beside the one that says it, else the only one of that name. */
function meant(name: string, from: string, trusted: readonly string[]): string | undefined {
  const beside = posix.join(posix.dirname(from), name);
  if (trusted.includes(beside)) return beside;
  const named = trusted.filter((path) => path.endsWith(`/${name}`));
  return named.length === 1 ? named[0] : undefined;
}

/** The framework that a file takes from headers of the tests, such as a `test-helpers.h` that includes gtest. */
function* inheritedFramework(
  path: string,
  text: string,
  trusted: readonly string[],
): Steps<Framework | undefined> {
  const seen = new Set([path]);
  const due = [{ path, text }];
  for (let next = due.shift(); next !== undefined; next = due.shift()) {
    const framework = includedFramework(next.text);
    if (framework !== undefined) return framework;
    for (const [, name = ""] of next.text.matchAll(/^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]/gm)) {
      const header = meant(name, next.path, trusted);
      if (header === undefined || seen.has(header) || seen.size > mostHeaders) continue;
      seen.add(header);
      const content = yield* read(`${workDirectory}/${header}`, mostBytes);
      if (content !== undefined) due.push({ path: header, text: content });
    }
  }
  return undefined;
}

type Read = Omit<CppSource, "sharesMain">;

function* readSource(
  path: string,
  owners: readonly CmakeTarget[],
  trusted: readonly string[],
): Steps<Read | undefined> {
  const text = yield* read(`${workDirectory}/${path}`, mostBytes);
  if (text === undefined) return undefined;
  const framework = yield* inheritedFramework(path, text, trusted);
  const ignoresAssert = owners.some((owner) => owner.ignoresAssert);
  return { text, ignoresAssert, ...(framework === undefined ? {} : { framework }) };
}

function hasCases({ text, framework }: Read): boolean {
  const file = scanCpp(text, framework);
  return file.bodies.some((body) => caseName(file, body) !== undefined);
}

/** Every trusted test file among the targets' own sources, by repository path. */
export function* readSources(
  { trustedTestFiles }: RunnerContext,
  targets: readonly CmakeTarget[],
): Steps<Map<string, CppSource>> {
  const found = new Map<string, Read>();
  for (const path of trustedTestFiles) {
    const owners = targets.filter(({ sources }) => sources.some((source) => relative(source) === path));
    if (owners.length === 0 || !/\.(?:c|cc|cpp|cxx|c\+\+)$/i.test(path)) continue;
    const source = yield* readSource(path, owners, trustedTestFiles);
    if (source !== undefined) found.set(path, source);
  }
  const withCases = new Set([...found].filter(([, source]) => hasCases(source)).map(([path]) => path));
  const programsOfCases = targets.filter(({ sources }) =>
    sources.some((source) => withCases.has(relative(source))),
  );
  const shared = new Set(programsOfCases.flatMap(({ sources, linked }) => [...sources, ...linked]));
  return new Map(
    [...found].map(([path, source]) => {
      const sharesMain = !withCases.has(path) && shared.has(`${workDirectory}/${path}`);
      return [path, { ...source, sharesMain }] as const;
    }),
  );
}
