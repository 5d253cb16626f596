// Decides, before anything is built, which text every trusted C++ test file has in each of the two phases.
import type { Random } from "../../../domain/random.ts";
import { canaryName } from "../../canary-names.ts";
import { applyChanges, type Change } from "../compiled/mask.ts";
import { drawPhase, otherPhase, type Phase, phases } from "../compiled/phases.ts";
import { type Manner, sabotageCase, sabotageProgram } from "./sabotage.ts";
import { type CppFile, caseName, type Framework, scanCpp } from "./scan.ts";

export interface PlannedCase {
  readonly file: string;
  /** When it is the twin; absent when it has none. */
  readonly twinPhase?: Phase;
  readonly isCanary: boolean;
}

export interface PlannedFile {
  readonly framework: Framework;
  readonly hasMain: boolean;
  /** For a program without a framework: when the whole program is the twin. */
  readonly twinPhase?: Phase;
  readonly mentionsSkip: boolean;
  /** Cases of the file by the name the framework gives them. */
  readonly cases: ReadonlyMap<string, PlannedCase>;
}

export interface CppPlan {
  readonly originals: ReadonlyMap<string, string>;
  readonly texts: Readonly<Record<Phase, ReadonlyMap<string, string>>>;
  readonly files: ReadonlyMap<string, PlannedFile>;
}

export interface CppSource {
  readonly text: string;
  /** True when the file is compiled with NDEBUG. */
  readonly ignoresAssert: boolean;
  /** The test framework that one of the file's headers includes. */
  readonly framework?: Framework;
  /** True for a file beside cases of a framework, such as their `main`: a twin of it would fail all of them. */
  readonly sharesMain: boolean;
}

export interface CppDraws {
  /** Only add statements: changed assertions did not compile. */
  readonly gentle: boolean;
  /** Phases and canaries. */
  readonly random: Random;
  /** What turns a test into its twin. */
  readonly twins: Random;
}

interface Drawn {
  readonly planned: PlannedFile;
  readonly texts: Readonly<Record<Phase, string>>;
}

const isC = (path: string): boolean => path.endsWith(".c");

/** How the twin of one file's test is drawn: alike in every run. */
function mannerOf({ ignoresAssert }: CppSource, { gentle, twins }: CppDraws, of: string): Manner {
  return { gentle, ignoresAssert, random: twins.fork(of) };
}

interface Drawing {
  readonly path: string;
  readonly file: CppFile;
  readonly source: CppSource;
  readonly draws: CppDraws;
}

function drawProgram({ path, file, source, draws }: Drawing): Drawn {
  const hasMain = file.bodies.some(({ name }) => name === "main");
  const manner = mannerOf(source, draws, path);
  const change =
    isC(path) || source.sharesMain
      ? undefined
      : sabotageProgram(file, manner, canaryName(manner.random, "snake"));
  const twinPhase = drawPhase(draws.random);
  const text = (phase: Phase): string =>
    change !== undefined && phase === twinPhase ? applyChanges(file.source, [change]) : file.source;
  const planned = { framework: file.framework, hasMain, mentionsSkip: false, cases: new Map() };
  return {
    planned: change === undefined ? planned : { ...planned, twinPhase },
    texts: { first: text("first"), second: text("second") },
  };
}

interface CppCanary {
  readonly name: string;
  readonly failsIn: Phase;
  readonly text: (fails: boolean) => string;
}

function spoken(snake: string): string {
  return snake.replaceAll("_", " ");
}

function drawCanary(framework: Framework, failsIn: Phase, random: Random): CppCanary {
  const number = 2 + random.integer(80);
  const values = (fails: boolean): string => `${number} + 1, ${fails ? number : number + 1}`;
  const equals = (fails: boolean): string => values(fails).replace(",", " ==");
  if (framework === "gtest") {
    const [suite, name] = [canaryName(random, "pascal"), canaryName(random, "pascal")];
    const bodies = [
      (fails: boolean) => `EXPECT_EQ(${values(fails)});`,
      (fails: boolean) => `ASSERT_EQ(${values(fails)});`,
      (fails: boolean) => `EXPECT_TRUE(${equals(fails)});`,
      (fails: boolean) => `if (!(${equals(fails)})) FAIL() << "wrong count";`,
      (fails: boolean) => `if (!(${equals(fails)})) ADD_FAILURE();`,
      (fails: boolean) => `EXPECT_STREQ("${number}", "${number}${fails ? "0" : ""}");`,
    ];
    const body = bodies[random.integer(bodies.length)] ?? bodies[0];
    return {
      name: `${suite}.${name}`,
      failsIn,
      text: (fails) => `TEST(${suite}, ${name}) { ${body?.(fails)} }`,
    };
  }
  const name = spoken(canaryName(random, "snake"));
  const macro = random.integer(2) === 0 ? "CHECK" : "REQUIRE";
  return { name, failsIn, text: (fails) => `TEST_CASE("${name}") { ${macro}(${equals(fails)}); }` };
}

function drawCases({ path, file, source, draws }: Drawing): Drawn {
  const { random } = draws;
  const cases = new Map<string, PlannedCase>();
  const changes: { readonly phase: Phase; readonly change: Change }[] = [];
  for (const body of file.bodies) {
    const name = caseName(file, body);
    if (name === undefined || cases.has(name)) continue;
    const change = sabotageCase(file, body, mannerOf(source, draws, `${path} ${name}`));
    const phase = drawPhase(random);
    if (change !== undefined) changes.push({ phase, change });
    cases.set(name, { file: path, isCanary: false, ...(change === undefined ? {} : { twinPhase: phase }) });
  }
  const first = drawPhase(random);
  const canaries = [first, otherPhase(first)].map((phase) => drawCanary(file.framework, phase, random));
  for (const { name, failsIn } of canaries)
    cases.set(name, { file: path, isCanary: true, twinPhase: failsIn });
  const text = (phase: Phase): string => {
    const due = changes.filter((each) => each.phase === phase).map(({ change }) => change);
    const ours = canaries.map((canary) => canary.text(canary.failsIn === phase)).join("\n");
    return `${applyChanges(file.source, due).trimEnd()}\n\n${ours}\n`;
  };
  const { framework } = file;
  const mentionsSkip = /\bSKIP\b|GTEST_SKIP/.test(file.masked);
  return {
    planned: { framework, hasMain: false, mentionsSkip, cases },
    texts: { first: text("first"), second: text("second") },
  };
}

/** Plans one run over trusted test files; nothing is read or written here. */
export function planCpp(sources: ReadonlyMap<string, CppSource>, draws: CppDraws): CppPlan {
  const files = new Map<string, PlannedFile>();
  const texts = { first: new Map<string, string>(), second: new Map<string, string>() };
  const originals = new Map<string, string>();
  for (const [path, source] of sources) {
    const { text } = source;
    const file = scanCpp(text, source.framework);
    const hasCases = file.bodies.some((body) => caseName(file, body) !== undefined);
    const drawing = { path, file, source, draws };
    const drawn = hasCases ? drawCases(drawing) : drawProgram(drawing);
    files.set(path, drawn.planned);
    if (drawn.texts.first === drawn.texts.second) continue;
    originals.set(path, text);
    for (const phase of phases) texts[phase].set(path, drawn.texts[phase]);
  }
  return { originals, texts, files };
}
