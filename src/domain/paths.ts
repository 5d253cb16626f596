// Which paths are tests, which decide how tests are found or run, and which no contestant may name at all. The written
// policy is docs/path-policy.md; a test holds the two together.
import type { Language } from "./instance.ts";

/** What every file system takes for one name; git and our own code take more. */
const maxNameBytes = 255;
/** Names that git takes for its own folder on some system, and therefore writes nowhere. */
const gitsOwn = /^(\.git|git~1)[ .]*(:.*)?$/i;

/** Why a path named by a contestant is refused, or undefined when it is confined to the repository. */
export function unsafePath(path: string): string | undefined {
  if (path === "") return "an empty path";
  if (path.length > 512) return "a path of more than 512 characters";
  if (path.includes("\0") || path.includes("\\")) return "a path with a NUL or a backslash";
  if (/\p{Cc}/u.test(path)) return "a path with control characters";
  // Half a surrogate pair has no bytes of its own, and bytes that are no UTF-8 are read as U+FFFD.
  if (/[\p{Cs}\uFFFD]/u.test(path)) return "a path that is not UTF-8";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "an absolute path";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return "a path with empty, . or .. parts";
  if (parts.some((part) => gitsOwn.test(part))) return "a path inside .git";
  if (parts.some((part) => Buffer.byteLength(part) > maxNameBytes))
    return `a path with a name of more than ${maxNameBytes} bytes`;
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

/** Whether a file's own name says that it is a test. */
export function isTestName(path: string, language: Language): boolean {
  return testNames[language].test(path.slice(path.lastIndexOf("/") + 1));
}

/** Whether a path is a test by the language's own convention: whole path words, never substrings. */
export function isTestPath(path: string, language: Language): boolean {
  const folders = path.split("/").slice(0, -1);
  return folders.some((part) => testFolders[language].has(part.toLowerCase())) || isTestName(path, language);
}

/**
 * `runner`: says which tests are found, how they are run or what counts as clean; nobody may change it. `build`: says
 * how the product is built; a contestant may change it only where the gold patch has to.
 */
export type Protection = "runner" | "build";

const runnerAnywhere: readonly RegExp[] = [
  /(^|\/)\.github\/(workflows|actions)\//,
  /(^|\/)\.git(modules|attributes)$/,
  /(^|\/)\.pre-commit-config\.ya?ml$/,
];

const buildAnywhere: readonly RegExp[] = [
  /(^|\/)(Makefile|GNUmakefile|makefile)$/,
  /\.mk$/,
  /(^|\/)\.?[Jj]ustfile$/,
  /(^|\/)Taskfile\.ya?ml$/,
  /(^|\/)Dockerfile$/,
];

const runnerFor: Readonly<Record<Language, readonly RegExp[]>> = {
  cpp: [
    /(^|\/)CTest[A-Za-z]*\.(txt|cmake)$/,
    /(^|\/)CMake(User)?Presets\.json$/,
    /(^|\/)\.clang-(format|tidy)$/,
    // The compiler takes a precompiled header or module in the place of the header it is named after.
    /\.(gch|pch|pcm|gcm)$/,
    /(^|\/)gcm\.cache\//,
  ],
  python: [
    /(^|\/)conftest\.py$/,
    /(^|\/)\.?pytest\.(ini|toml)$/,
    /(^|\/)(tox\.ini|noxfile\.py|\.coveragerc)$/,
    /(^|\/)(\.flake8|\.?ruff\.toml|\.?pylintrc|\.?mypy\.ini|\.isort\.cfg)$/,
    /(^|\/)(sitecustomize|usercustomize)\.py$/,
    /\.(pth|pyc|pyo|egg-link)$/,
    /(^|\/)__pycache__\//,
    // Metadata on the import path registers pytest plugins, installed or not.
    /\.(dist|egg)-info(\/|$)/,
  ],
  rust: [
    /(^|\/)\.cargo\//,
    /(^|\/)rust-toolchain(\.toml)?$/,
    /(^|\/)\.config\/nextest\.toml$/,
    /(^|\/)\.?(rustfmt|clippy)\.toml$/,
    /(^|\/)target\//,
  ],
  go: [/(^|\/)go\.work(\.sum)?$/, /(^|\/)\.golangci\.(ya?ml|toml|json)$/, /(^|\/)staticcheck\.conf$/],
};

const buildFor: Readonly<Record<Language, readonly RegExp[]>> = {
  cpp: [
    /\.cmake(\.in)?$/,
    /(^|\/)(build|_build|cmake-build-[^/]*)\//,
    /(^|\/)(meson\.build|meson_options\.txt|meson\.options|SConstruct|xmake\.lua)$/,
    /(^|\/)(BUILD|WORKSPACE|MODULE)(\.bazel)?$/,
    /(^|\/)(configure|configure\.ac|Makefile\.(am|in))$/,
    /\.(o|a|so|dylib|lib|dll)$/,
  ],
  python: [/(^|\/)setup\.py$/, /\.(so|pyd)$/],
  rust: [/(^|\/)build\.rs$/, /\.(o|a|so|rlib|rmeta)$/],
  go: [/(^|\/)vendor\//, /\.(s|S|syso|c|h|cc|cpp|cxx|hh|hpp|m|f|F|for|f90|swig|swigcxx|a|o|so)$/],
};

/** Why a path is out of a contestant's reach, or undefined when policy leaves it to them. */
export function protectionOf(path: string, language: Language): Protection | undefined {
  const among = (patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(path));
  if (among(runnerAnywhere) || among(runnerFor[language])) return "runner";
  return among(buildAnywhere) || among(buildFor[language]) ? "build" : undefined;
}

/** Whether a path changes how tests are found or run: a submission that touches it is invalid (docs/path-policy.md). */
export function isProtectedPath(path: string, language: Language): boolean {
  return protectionOf(path, language) !== undefined;
}
