// Lays both phases of a Python job side by side: canaries first, then every test against its twin.
import type { Check, CheckStatus, Incident } from "../../../domain/report.ts";
import { otherPhase, type Phase } from "../compiled/phases.ts";
import type { Place } from "./places.ts";
import { functionKey, type PlannedFile, type PythonPlan } from "./plan.ts";
import type { PhaseResults } from "./records.ts";

export interface Vouched {
  readonly checks: readonly Check[];
  readonly incidents: readonly Incident[];
  readonly forged?: string;
  /** Checks that pass and whose twin does not fail. */
  readonly deaf: readonly string[];
  /** False when some test passed that neither a twin nor a canary vouches for. */
  readonly canaried: boolean;
}

export interface Question {
  readonly job: string;
  readonly plan: PythonPlan;
  readonly phases: readonly PhaseResults[];
  readonly placeOf: (id: string) => Place;
  /** The command chooses among tests: canaries may have stayed out. */
  readonly selects: boolean;
}

interface Entry {
  readonly id: string;
  readonly place: Place;
}

type Finding = { readonly kind: "good" | "lost" } | { readonly kind: "forged"; readonly why: string };

interface Judged {
  readonly status: CheckStatus;
  readonly weak?: true;
  readonly deaf?: true;
}

const failedOrError = (status: CheckStatus | undefined): boolean => status === "failed" || status === "error";

class Court {
  readonly #question: Question;
  readonly #entries: readonly Entry[];
  readonly #byFunction = new Map<string, Entry[]>();
  readonly #findings = new Map<string, Finding>();

  constructor(question: Question) {
    this.#question = question;
    const ids = new Set(question.phases.flatMap(({ tests }) => [...tests.keys()]));
    this.#entries = [...ids].map((id) => ({ id, place: question.placeOf(id) }));
    for (const entry of this.#entries) {
      const key = this.#functionOf(entry.place);
      this.#byFunction.set(key, [...(this.#byFunction.get(key) ?? []), entry]);
    }
    for (const file of question.plan.files.values()) this.#findings.set(file.path, this.#judgeFile(file));
  }

  #functionOf({ file, key }: Place): string {
    return `${file?.path ?? ""}::${key}`;
  }

  #results(phase: Phase): PhaseResults | undefined {
    return this.#question.phases.find((results) => results.phase === phase);
  }

  #isCanary({ file, key }: Place): boolean {
    return file?.canaries.some(({ owner, name }) => functionKey(owner, name) === key) ?? false;
  }

  /** The file's canaries in one phase; `lost` when they say nothing, as after a crash or a module-wide skip. */
  #judgeCanaries(file: PlannedFile, results: PhaseResults): Finding {
    const others = this.#entries.filter(({ place }) => place.file === file && !this.#isCanary(place));
    const reported = others.filter(({ id, place }) => results.tests.has(id) && file.twinned.has(place.key));
    if (reported.length === 0) return { kind: "lost" };
    const somePassed = reported.some(({ id }) => results.tests.get(id) === "passed");
    let lost = false;
    for (const canary of file.canaries) {
      const key = functionKey(canary.owner, canary.name);
      const entry = this.#byFunction.get(`${file.path}::${key}`)?.[0];
      const status = entry === undefined ? undefined : results.tests.get(entry.id);
      const told = `canary ${key} of ${file.path}`;
      const mustFail = canary.failsIn === results.phase;
      if (mustFail && status === "passed")
        return { kind: "forged", why: `${told} must fail and is reported passed` };
      if (!mustFail && status === "failed" && somePassed) {
        return { kind: "forged", why: `${told} must pass and is reported failed, beside tests that pass` };
      }
      if (status === undefined && results.complete && !this.#question.selects && somePassed) {
        return { kind: "forged", why: `${told} is not reported, other tests of that file are` };
      }
      if (mustFail ? !failedOrError(status) : status !== "passed") lost = true;
    }
    return { kind: lost ? "lost" : "good" };
  }

  #judgeFile(file: PlannedFile): Finding {
    const findings = this.#question.phases.map((results) => this.#judgeCanaries(file, results));
    const forged = findings.find(({ kind }) => kind === "forged");
    if (forged !== undefined) return forged;
    return { kind: findings.length === 2 && findings.every(({ kind }) => kind === "good") ? "good" : "lost" };
  }

  /** Canaries of the test's own file, or of any file when it belongs to none of ours. */
  #hasCanaries({ file }: Place): boolean {
    if (file !== undefined) return this.#findings.get(file.path)?.kind === "good";
    return [...this.#findings.values()].some(({ kind }) => kind === "good");
  }

  /** Ids of one function that a phase reported, in the order they ran. */
  #idsOf(of: string, results: PhaseResults | undefined): string[] {
    const ids = new Set((this.#byFunction.get(of) ?? []).map(({ id }) => id));
    return [...(results?.tests.keys() ?? [])].filter((id) => ids.has(id));
  }

  /** The id under which a test ran as its twin: a changed expected value may stand in the id of a parametrized test. */
  #twinId(
    { id, place }: Entry,
    real: PhaseResults | undefined,
    twin: PhaseResults | undefined,
  ): string | undefined {
    const of = this.#functionOf(place);
    const before = this.#idsOf(of, real);
    const after = this.#idsOf(of, twin);
    if (before.every((each) => after.includes(each))) return id;
    return before.length === after.length ? after[before.indexOf(id)] : undefined;
  }

  #twinVerdict(
    entry: Entry,
    real: PhaseResults | undefined,
    twin: PhaseResults | undefined,
  ): "vouched" | "unknown" | "denied" {
    const id = this.#twinId(entry, real, twin);
    const status = id === undefined ? undefined : twin?.tests.get(id);
    if (status === undefined) return "unknown";
    return failedOrError(status) ? "vouched" : "denied";
  }

  /** Rows of a parametrized test, each with a phase of its own; they are told apart by their order. */
  #judgeRow(entry: Entry, rows: readonly Phase[]): Judged | undefined {
    const of = this.#functionOf(entry.place);
    const [first, second] = [this.#results("first"), this.#results("second")];
    const ids = { first: this.#idsOf(of, first), second: this.#idsOf(of, second) };
    if (ids.first.length !== rows.length || ids.second.length !== rows.length) {
      // Where rows are missing nobody can say which of the others are twins.
      const status = first?.tests.get(entry.id) ?? second?.tests.get(entry.id) ?? "error";
      return { status: status === "passed" ? "error" : status };
    }
    const row = rows.findIndex((twin, index) => ids[otherPhase(twin)][index] === entry.id);
    const twinPhase = rows[row];
    if (twinPhase === undefined) return undefined;
    const status = this.#results(otherPhase(twinPhase))?.tests.get(entry.id) ?? "error";
    if (status !== "passed") return { status };
    const twin = this.#results(twinPhase)?.tests.get(ids[twinPhase][row] ?? "");
    return failedOrError(twin) ? { status } : { ...this.#judgeTwinless(entry, status), deaf: true };
  }

  /** Status of a test; undefined for one that was seen only as a twin. */
  #judgeTest(entry: Entry): Judged | undefined {
    const rows = entry.place.file?.rowPhases.get(entry.place.key);
    if (rows !== undefined) return this.#judgeRow(entry, rows);
    const { plan } = this.#question;
    const twinPhase = plan.twinPhase.get(entry.place.name) ?? "second";
    const real = this.#results(otherPhase(twinPhase));
    const status = real?.tests.get(entry.id);
    if (status === undefined) return undefined;
    if (status !== "passed") return { status };
    if (entry.place.file?.twinned.get(entry.place.key) === true) {
      const verdict = this.#twinVerdict(entry, real, this.#results(twinPhase));
      if (verdict === "denied") return { ...this.#judgeTwinless(entry, status), deaf: true };
      // Nothing vouches for a pass whose twin never ran: a crash must not be worth more than a failure.
      return { status: verdict === "vouched" ? "passed" : "error" };
    }
    return this.#judgeTwinless(entry, status);
  }

  #judgeTwinless(entry: Entry, status: CheckStatus): { status: CheckStatus; weak?: true } {
    if (this.#hasCanaries(entry.place)) return { status };
    return this.#question.plan.files.size === 0 ? { status, weak: true } : this.#judgeBare(status);
  }

  /** A passing test without twin and canary: believed, weakly, only where both processes ran to their end. */
  #judgeBare(status: CheckStatus): { status: CheckStatus; weak?: true } {
    return this.#question.phases.every(({ complete }) => complete)
      ? { status, weak: true }
      : { status: "error" };
  }

  /** A run in which something must have failed may not end as if nothing had. */
  #impossibleSuccess(): string | undefined {
    const planned = (results: PhaseResults): boolean =>
      this.#entries.some(
        ({ id, place }) => results.tests.has(id) && place.file?.twinned.has(place.key) === true,
      );
    const silent = this.#question.phases.find(
      (results) => results.succeeded && planned(results) && !this.#question.selects,
    );
    return silent === undefined
      ? undefined
      : "the process ended in success although tests that must fail were run";
  }

  judge(): Vouched {
    const { phases, job } = this.#question;
    const forgeries = [...this.#findings.values()].flatMap((finding) =>
      finding.kind === "forged" ? [finding.why] : [],
    );
    const checks: Check[] = [];
    const deaf: string[] = [];
    let canaried = true;
    for (const entry of this.#entries) {
      if (this.#isCanary(entry.place)) continue;
      const verdict = this.#judgeTest(entry);
      if (verdict === undefined) continue;
      canaried &&= verdict.weak !== true;
      const file = entry.place.file?.path;
      const id = `${job}::${entry.id}`;
      checks.push({ id, status: verdict.status, ...(file === undefined ? {} : { file }) });
      if (verdict.deaf === true) deaf.push(id);
    }
    const forged =
      phases.find((results) => results.forged !== undefined)?.forged ??
      forgeries[0] ??
      this.#impossibleSuccess();
    const incidents = phases.flatMap((results) => results.incidents);
    return { checks, incidents, deaf, canaried, ...(forged === undefined ? {} : { forged }) };
  }
}

/**
 * Judges both phases. A test counts as passed only if it passes as it is and fails as its twin, or is named as deaf; one
 * without a twin needs the canaries of its file. Statuses other than passed are taken as they are: nobody gains by forging them.
 */
export function vouch(question: Question): Vouched {
  return new Court(question).judge();
}
