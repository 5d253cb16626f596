// A stored run opened by somebody who doubts it: its ledger, its evidence, and what its numbers are derived from.
import { existsSync } from "node:fs";
import { Evidence, type EvidenceAudit, type Manifest, readManifest, verifyEvidence } from "../arena/index.ts";
import { readSet } from "../curation/index.ts";
import type { Difference } from "../domain/difference.ts";
import { UsageError } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import type { RunSettings } from "../domain/run.ts";
import { runnerFor } from "../grading/index.ts";
import type { BoardSource } from "../report/index.ts";
import {
  type AuditOptions,
  auditRun,
  type LedgerAudit,
  openSigner,
  type RunReader,
} from "../storage/index.ts";
import { databaseOf, ledgerKeyFile, type WireContext } from "./environment.ts";
import { sourceOf } from "./stored.ts";

export interface AuditedRun {
  readonly run: string;
  readonly ledger: Omit<LedgerAudit, "fromLedger">;
  /** Absent for a run without a ledger. */
  readonly evidence?: EvidenceAudit;
  /** What a board is made of, by the ledger alone; absent where nothing was planned, or nothing can be read. */
  readonly source?: BoardSource;
  readonly differences: readonly Difference[];
  readonly unchecked: readonly string[];
}

/** The public key that ledgers are signed with here, and the file that holds its other half. @throws StoreFault */
export function ledgerKey(): { readonly key: string; readonly file: string } {
  const file = ledgerKeyFile();
  return { key: openSigner(file).key, file };
}

class Findings {
  readonly differences: Difference[] = [];
  readonly unchecked: string[] = [];

  async manifest(run: string): Promise<Manifest | undefined> {
    try {
      return await readManifest(run);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.differences.push({ where: "manifest.json", expected: "the run's manifest", found: error.message });
      return undefined;
    }
  }

  /** Verdicts are judged again only by the very set that they were judged by. */
  async instances(
    { options, settings: written }: Manifest,
    planned: RunSettings | undefined,
  ): Promise<ReadonlyMap<string, Instance> | undefined> {
    const settings = planned ?? written;
    try {
      const { set, instances } = await readSet(options.set);
      if (settings === undefined || set.sha256 === settings.setHash)
        return new Map(instances.map((instance) => [instance.instanceId, instance]));
      this.unchecked.push(
        `verdicts were not judged again: ${options.set} is another set now (${set.sha256}, not ${settings.setHash})`,
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.unchecked.push(`verdicts were not judged again: ${error.message}`);
    }
    return undefined;
  }
}

/**
 * Looks at a run with suspicion; nothing is written. What differs is told, not thrown.
 * @throws UsageError where there is no run
 */
export async function auditStored(
  run: string,
  options: AuditOptions,
  { out, signal }: WireContext,
): Promise<AuditedRun> {
  const path = databaseOf(run);
  if (!existsSync(path)) throw new UsageError(`${run} is no run folder: expected arena.db in it`);
  const { fromLedger, ...ledger } = auditRun(path, options);
  if (fromLedger === undefined) return { run, ledger, ...pick(ledger) };
  try {
    return await audited(run, { ledger, reader: fromLedger }, { out, signal });
  } finally {
    fromLedger.close();
  }
}

const pick = ({
  differences,
  unchecked,
}: Pick<Findings, "differences" | "unchecked"> | AuditedRun["ledger"]) => ({
  differences,
  unchecked,
});

async function audited(
  run: string,
  { ledger, reader }: { readonly ledger: AuditedRun["ledger"]; readonly reader: RunReader },
  { out, signal }: WireContext,
): Promise<AuditedRun> {
  const findings = new Findings();
  const manifest = await findings.manifest(run);
  const { settings } = reader;
  const instances = manifest === undefined ? undefined : await findings.instances(manifest, settings);
  const evidence = await verifyEvidence({
    ...{ run: reader, evidence: new Evidence(run), signal, onProgress: out.progress },
    runnerFor: (job) => runnerFor(job.runner),
    ...(instances === undefined ? {} : { instance: (id: string) => instances.get(id) }),
  });
  const all = [ledger, findings, evidence];
  const isPlanned = settings !== undefined && manifest !== undefined;
  return {
    ...{ run, ledger, evidence },
    differences: all.flatMap(({ differences }) => differences),
    unchecked: all.flatMap(({ unchecked }) => unchecked),
    ...(isPlanned ? { source: await sourceOf(run, manifest, reader) } : {}),
  };
}
