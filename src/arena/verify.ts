// Whether a run's evidence is what its rows say: files by their hashes, verdicts judged again, counts counted again.
import { isDeepStrictEqual } from "node:util";
import type { Difference } from "../domain/difference.ts";
import { isFault } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import { unsafePath } from "../domain/paths.ts";
import { type RoundRecord, verdictOf } from "../domain/record.ts";
import type {
  JudgementRow,
  Role,
  RoleUsage,
  RoundRow,
  RunFile,
  RunStore,
  StoredCall,
} from "../domain/run.ts";
import { parseRoundEvidence } from "../grading/index.ts";
import { tiedFolder } from "./evidence.ts";
import { judgementFolder } from "./judge-prediction.ts";
import { measuredIn } from "./measured.ts";
import { type RejudgeDeps, rejudgeJudgement, rejudgeRound } from "./rejudge.ts";
import { usageOf } from "./usage.ts";

export interface VerifyDeps extends RejudgeDeps {
  /** The run as its ledger has it. */
  readonly run: Pick<RunStore, "rounds" | "judgements" | "files" | "calls">;
  /** Absent where the set cannot be had: nothing is judged again then. */
  readonly instance?: (instanceId: string) => Instance | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (sentence: string) => void;
}

export interface EvidenceAudit {
  /** Files of the run folder whose hash was compared, alone or with their folder. */
  readonly files: number;
  readonly rejudged: number;
  readonly differences: readonly Difference[];
  readonly unchecked: readonly string[];
}

/** Names of the run folder that need no cover: the ledger's own, and what is in the making. */
const needless = /^arena\.db(-wal|-shm|\.head\.json)?$|\.part$/;

interface Tied {
  readonly folder: string;
  readonly instanceId: string;
  readonly evidenceHash: string;
  readonly record: RoundRecord;
  readonly again: (instance: Instance) => Promise<RoundRecord>;
  readonly row?: RoundRow;
}

class EvidenceCheck {
  readonly #deps: VerifyDeps;
  readonly differences: Difference[] = [];
  readonly unchecked: string[] = [];
  /** Files, and folders with a slash at their end. */
  readonly #covered = new Set<string>();
  /** Instances that nobody here knows. */
  readonly #strangers = new Set<string>();
  /** Sides of rounds that used something, without a call on record. */
  #uncounted = 0;
  rejudged = 0;

  constructor(deps: VerifyDeps) {
    this.#deps = deps;
  }

  #tell(where: string, expected: string, found: string): void {
    this.differences.push({ where, expected, found });
  }

  /** What cannot be read or is not there differs, too; anything else that fails is a bug. */
  async #try<T>(where: string, expected: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#tell(where, expected, error.message);
      return undefined;
    }
  }

  /** A run may come from anybody: its names lead nowhere out of its folder. */
  #isInside(path: string): boolean {
    const unsafe = unsafePath(path);
    if (unsafe !== undefined)
      this.#tell("arena.db", "names of files inside the run folder", `${unsafe}: ${path}`);
    return unsafe === undefined;
  }

  async file({ path, sha256, earlier, isWritten }: RunFile): Promise<void> {
    if (!this.#isInside(path)) return;
    this.#covered.add(path);
    const expected = `SHA-256 ${sha256}`;
    const found = await this.#try(
      path,
      expected,
      async () => (await this.#deps.evidence.fileHash(path)) ?? "no file",
    );
    if (found === undefined || found === sha256) return;
    const before = earlier ?? "no file";
    if (!isWritten && found === before)
      this.unchecked.push(
        `${path}: it was about to be written when its session was killed, and is as it was before`,
      );
    else this.#tell(path, expected, found);
  }

  async tied(one: Tied): Promise<void> {
    const { folder, evidenceHash } = one;
    if (!this.#isInside(folder)) return;
    this.#covered.add(`${folder}/`);
    const found = await this.#try(folder, `files with SHA-256 ${evidenceHash} in all`, () =>
      this.#deps.evidence.hashOf(folder),
    );
    if (found === undefined) return;
    if (found !== evidenceHash) {
      this.#tell(folder, `files with SHA-256 ${evidenceHash} in all`, found);
      return;
    }
    if (one.row !== undefined) await this.#measures(folder, one.row);
    await this.#again(one);
  }

  async #measures(folder: string, row: RoundRow): Promise<void> {
    const expected = "evidence that can be counted again";
    const stored = await this.#try(folder, expected, () =>
      this.#deps.evidence.readTranscript(`${folder}/evidence.json.gz`),
    );
    if (stored === undefined) return;
    for (const [name, value] of Object.entries(measuredIn(parseRoundEvidence(stored)))) {
      const found = new Map<string, unknown>(Object.entries(row)).get(name);
      if (!isDeepStrictEqual(value, found))
        this.#tell(
          `arena.db, ${folder}`,
          `${name} ${JSON.stringify(value)}, as its evidence has it`,
          JSON.stringify(found),
        );
    }
  }

  async #again({ folder, instanceId, record, again }: Tied): Promise<void> {
    const instance = this.#deps.instance?.(instanceId);
    if (instance === undefined) {
      this.#strangers.add(instanceId);
      return;
    }
    const now = await this.#try(folder, "evidence to judge again", () => again(instance));
    if (now === undefined) return;
    this.rejudged += 1;
    if (JSON.stringify(now) === JSON.stringify(record)) return;
    const { settlement, ...open } = now;
    if (record.settlement === undefined && JSON.stringify(open) === JSON.stringify(record)) {
      this.unchecked.push(
        `${folder}: its jury has settled the contested kill, its session was killed before that was recorded`,
      );
      return;
    }
    this.#tell(`arena.db, ${folder}`, `what the evidence gives: ${told(now)}`, told(record));
  }

  /** What a side used is the sum of its calls, where there are any on record. */
  usage(row: RoundRow, calls: ReadonlyMap<string, readonly StoredCall[]>): void {
    if (row.record.void !== undefined) return;
    const sides: readonly (readonly [Role, RoleUsage])[] = [
      ["submitter", row.submitterUsage],
      ["reviewer", row.reviewerUsage],
    ];
    for (const [role, used] of sides) {
      const own = calls.get(callName(row.battleId, row.round, role)) ?? [];
      if (own.length === 0) this.#uncounted += used.inputTokens + used.outputTokens > 0 ? 1 : 0;
      else if (!isDeepStrictEqual(usageOf(own.flatMap(({ finish }) => finish ?? [])), used))
        this.#tell(
          `arena.db, round ${row.round} of ${row.battleId}`,
          `the sum of the ${role}'s calls`,
          JSON.stringify(used),
        );
    }
  }

  async uncovered(): Promise<number> {
    const names = await this.#deps.evidence.names();
    const isCovered = (name: string): boolean =>
      this.#covered.has(name) || this.#covered.has(tiedFolder.exec(name)?.[0] ?? "");
    const loose = names.filter((name) => !needless.test(name) && !isCovered(name));
    if (loose.length > 0) {
      const some = loose.slice(0, 5).join(", ");
      this.unchecked.push(
        `${loose.length} files that no number is derived from, or that a killed session left: ${some}${loose.length > 5 ? ", …" : ""}`,
      );
    }
    if (this.#strangers.size > 0)
      this.unchecked.push(
        `verdicts on ${this.#strangers.size} instances, which the set that is there does not hold: not judged again`,
      );
    if (this.#uncounted > 0)
      this.unchecked.push(`what ${this.#uncounted} sides of rounds used: no calls of theirs are on record`);
    return names.filter(isCovered).length;
  }
}

const told = (record: RoundRecord): string =>
  `${verdictOf(record)}, ${record.label}, ${JSON.stringify(record)}`;
const callName = (battleId: string, round: number, role: Role): string =>
  JSON.stringify([battleId, round, role]);

/** Received answers of a side of a round, in the order they were asked for. */
function receivedBySide(calls: readonly StoredCall[]): Map<string, StoredCall[]> {
  const sides = new Map<string, StoredCall[]>();
  for (const call of calls) {
    if (call.finish === undefined || call.finish.status === "fault") continue;
    const name = callName(call.battleId, call.round, call.role);
    sides.set(
      name,
      [...(sides.get(name) ?? []), call].sort((a, b) => a.attempt - b.attempt),
    );
  }
  return sides;
}

const tiedRound = (row: RoundRow, deps: VerifyDeps): Tied => ({
  ...row,
  row,
  folder: `battles/${row.battleId}/round-${row.round}`,
  again: (instance) => rejudgeRound(row, instance, deps),
});

const tiedJudgement = (row: JudgementRow, deps: VerifyDeps): Tied => ({
  ...row,
  folder: judgementFolder(row),
  again: (instance) => rejudgeJudgement(row, instance, deps),
});

/** Everything that the rows of a run say of its evidence. Nothing is run and nothing written. */
export async function verifyEvidence(deps: VerifyDeps): Promise<EvidenceAudit> {
  const check = new EvidenceCheck(deps);
  const rounds = deps.run.rounds();
  const calls = receivedBySide(deps.run.calls());
  for (const file of deps.run.files()) await check.file(file);
  for (const row of rounds) check.usage(row, calls);
  const all = [
    ...rounds.map((row) => tiedRound(row, deps)),
    ...deps.run.judgements().map((row) => tiedJudgement(row, deps)),
  ];
  for (const [index, one] of all.entries()) {
    deps.signal.throwIfAborted();
    deps.onProgress(`${index + 1} of ${all.length} verdicts judged again`);
    await check.tied(one);
  }
  const files = await check.uncovered();
  return { files, rejudged: check.rejudged, differences: check.differences, unchecked: check.unchecked };
}
