// Which paths are tests, which decide how tests are found or run, and which no contestant may name at all.
import type { Language } from "./instance.ts";

/** Why a path named by a contestant is refused, or undefined when it is confined to the repository. */
export function unsafePath(path: string): string | undefined {
  if (path === "") return "an empty path";
  if (path.length > 512) return "a path of more than 512 characters";
  if (path.includes("\0") || path.includes("\\")) return "a path with a NUL or a backslash";
  if (/\p{Cc}/u.test(path)) return "a path with control characters";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "an absolute path";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return "a path with empty, . or .. parts";
  if (parts.some((part) => part.toLowerCase() === ".git")) return "a path inside .git";
  return undefined;
}

const testFolders: Readonly<Record<Language, ReadonlySet<string>>> = {
  cpp: new Set(["test", "tests", "unittest", "unittests", "unit_tests"]),
  python: new Set(["test", "tests"]),
  rust: new Set(["tests"]),
  go: new Set(["testdata"]),
};

const testNames: Readonly<Record<Language, RegExp>> = {
  cpp: /^(test_.*|.*[._-](test|tests|unittest|spec))\.(c|cc|cpp|cxx|h|hpp)$/i,
  python: /^(test_.*|.*_test)\.py$/,
  rust: /^$/,
  go: /_test\.go$/,
};

/** Whether a path is a test by the language's own convention: whole path words, never substrings. */
export function isTestPath(path: string, language: Language): boolean {
  const parts = path.split("/");
  const name = parts.at(-1) ?? "";
  return (
    parts.slice(0, -1).some((part) => testFolders[language].has(part.toLowerCase())) ||
    testNames[language].test(name)
  );
}

const protectedAnywhere: readonly RegExp[] = [
  /(^|\/)\.github\/(workflows|actions)\//,
  /(^|\/)\.git(modules|attributes)$/,
  /(^|\/)(Makefile|GNUmakefile|makefile)$/,
  /(^|\/)Dockerfile$/,
];

const protectedFor: Readonly<Record<Language, readonly RegExp[]>> = {
  cpp: [
    /\.cmake$/,
    /(^|\/)CMakePresets\.json$/,
    /(^|\/)CMakeUserPresets\.json$/,
    /(^|\/)CTest[A-Za-z]*\.(txt|cmake)$/,
    /(^|\/)build\//,
    /(^|\/)meson\.build$/,
  ],
  python: [
    /(^|\/)conftest\.py$/,
    /(^|\/)\.?pytest\.(ini|toml)$/,
    /(^|\/)(tox\.ini|setup\.cfg|setup\.py|noxfile\.py|\.coveragerc)$/,
    /(^|\/)(sitecustomize|usercustomize)\.py$/,
    /\.(pth|pyc|pyo|so|egg-link)$/,
    /(^|\/)__pycache__\//,
    // A top-level module of one of these names would be imported instead of the runner's own.
    /^(src\/)?(pytest|_pytest|pluggy|unittest|iniconfig|py|xdist)(\.py$|\/)/,
  ],
  rust: [
    /(^|\/)\.cargo\//,
    /(^|\/)build\.rs$/,
    /(^|\/)rust-toolchain(\.toml)?$/,
    /(^|\/)\.config\/nextest\.toml$/,
    /(^|\/)target\//,
  ],
  go: [/(^|\/)go\.work(\.sum)?$/, /(^|\/)vendor\//, /\.(s|syso|c|h|cc|cpp|cxx|m)$/],
};

/** Whether a path changes how tests are found or run: a submission that touches it is invalid (docs/threat-model.md). */
export function isProtectedPath(path: string, language: Language): boolean {
  return [...protectedAnywhere, ...protectedFor[language]].some((pattern) => pattern.test(path));
}

/** Changed manifest lines that would change how tests are built, found or run. */
const manifestRules: readonly {
  readonly name: RegExp;
  readonly language: Language;
  readonly forbidden: RegExp;
}[] = [
  {
    name: /(^|\/)Cargo\.toml$/,
    language: "rust",
    forbidden:
      /^\s*(build|harness|test|doctest|bench|autotests|autobins|links|proc-macro|proc_macro|panic|debug-assertions|rustflags|runner)\s*=|^\s*\[+(profile|patch|replace|target|lib|test|bench|bin|build-dependencies|unstable)\b/,
  },
  {
    name: /(^|\/)go\.mod$/,
    language: "go",
    forbidden: /^\s*(replace|toolchain|go|exclude|tool|godebug)\b|=>/,
  },
  {
    name: /(^|\/)pyproject\.toml$/,
    language: "python",
    forbidden:
      /pytest|unittest|build-backend|backend-path|requires\s*=|^\s*\[(tool|build-system|project\.entry-points)/,
  },
  {
    // A library gains source files; anything with a call, a variable or a generator expression is a build change.
    name: /(^|\/)CMakeLists\.txt$/,
    language: "cpp",
    forbidden: /^(?!\s*("?[\w./+-]+\.(c|cc|cpp|cxx|h|hh|hpp|hxx|ipp)"?\s*)*\)?\s*$)/,
  },
];

/** Changed lines (added or removed, without their sign) of a build manifest that policy forbids; empty when allowed. */
export function forbiddenManifestLines(
  path: string,
  language: Language,
  changed: readonly string[],
): string[] {
  const rule = manifestRules.find((each) => each.language === language && each.name.test(path));
  return rule === undefined ? [] : changed.filter((line) => rule.forbidden.test(line));
}
