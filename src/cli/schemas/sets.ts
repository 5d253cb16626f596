// The documents of commands about the machine, issue sets and repositories.
import { z } from "zod";
import { runnerNames } from "../../domain/instance.ts";
import { retrievalModes } from "../../domain/run.ts";
import { count, label, language, panelResult, reviewReasons, schemaVersion } from "./pieces.ts";

export const doctorDocument = z.object({
  schemaVersion,
  findings: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      found: z.string(),
      wanted: z.string(),
      mend: z.string().exactOptional().describe("the command that mends it"),
    }),
  ),
});

const oracle = z.enum(["tests", "jobs", "none"]);

export const issuesListDocument = z.object({
  schemaVersion,
  set: z.string(),
  version: z.string(),
  sha256: z.string(),
  instances: z.array(
    z.object({
      instance_id: z.string(),
      language,
      repo: z.string(),
      oracle,
      panel: count,
      title: z.string(),
    }),
  ),
});

const setName = z.object({ name: z.string(), version: z.string(), sha256: z.string() });

export const issuesDiffDocument = z.object({
  schemaVersion,
  before: setName,
  after: setName,
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(
    z.object({
      instanceId: z.string(),
      fields: z.array(z.object({ field: z.string(), change: z.string().describe("in words") })),
    }),
  ),
  same: count,
});

export const issuesExportDocument = z.object({
  schemaVersion,
  format: z.enum(["swe-bench", "multi-swe-bench"]),
  rows: count,
  refused: z.array(z.object({ instanceId: z.string(), refused: z.string() })),
  out: z.string(),
});

const panelLabel = z.enum(["resolved", "unresolved"]);
const plan = z.object({
  image: z.string(),
  prepare: z.array(z.string()),
  jobs: z.array(
    z.object({
      name: z.string(),
      run: z.string(),
      runner: z.enum(runnerNames),
      timeoutSeconds: z.number(),
      env: z.record(z.string(), z.string()),
      tags: z.array(z.string()),
    }),
  ),
  source: z.enum(["written", "workflow", "inferred"]),
});

export const issuesShowDocument = z.object({
  schemaVersion,
  instanceId: z.string(),
  repo: z.string(),
  baseCommit: z.string().exactOptional(),
  language,
  problemStatement: z.string(),
  hintsText: z.string(),
  createdAt: z.string(),
  failToPass: z.array(z.string()),
  passToPass: z.array(z.string()),
  ci: plan,
  oracle,
  provenance: z.record(z.string(), z.unknown()),
  goldPatch: z.string().exactOptional().describe("with --reveal"),
  testPatch: z.string().exactOptional().describe("with --reveal"),
  panel: z
    .array(z.object({ id: z.string(), label: panelLabel, patch: z.string() }))
    .exactOptional()
    .describe("with --reveal"),
});

const outcome = z.enum(["pass", "fail", "fault"]);

export const issuesCheckDocument = z.object({
  schemaVersion,
  set: z.string(),
  instances: z.array(
    z.object({
      instance_id: z.string(),
      oracle,
      gold: outcome,
      empty: outcome,
      flaky: z.array(z.string()),
      deaf: z.array(z.string()),
      seconds: z.number(),
      fail_to_pass: z.array(z.string()),
      pass_to_pass: z.array(z.string()),
      panel: z.array(
        z.object({
          id: z.string(),
          declared: panelLabel,
          label,
          valid: z.boolean(),
          reasons: z.array(z.string()),
          lost: z.string().exactOptional(),
        }),
      ),
      reviewers: z.array(
        z.object({
          reviewer: z.string(),
          status: z.enum(["none", "invalid", "valid"]),
          reasons: reviewReasons,
          panel: z.array(panelResult),
        }),
      ),
      problems: z.array(z.string()),
    }),
  ),
});

/** What a set says of itself. */
export const setPart = z.object({
  schemaVersion,
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  instances: count,
  licence: z.string(),
  howMade: z.string(),
});

export const issuesImportDocument = z.object({
  schemaVersion,
  set: setPart,
  report: z.array(
    z.object({
      row: count,
      id: z.string(),
      repaired: z.array(z.string()),
      unrepaired: z.array(z.string()),
      refused: z.string().exactOptional(),
    }),
  ),
  out: z.string(),
});

const indexStats = {
  files: count,
  indexed: count,
  languages: z.record(z.string(), count),
  read: count,
  reused: count,
  bytesRead: count,
  fallbacks: z.array(z.object({ path: z.string(), reason: z.string() })),
  missing: z.array(z.string()),
  cacheDamage: z.array(z.string()),
  cacheStopped: z.string().exactOptional(),
  grammars: z.record(z.string(), z.string()),
};

export const indexDocument = z.object({
  schemaVersion,
  commit: z.string(),
  seconds: z.number(),
  cache: z.object({ folder: z.string(), bytes: count }),
  ...indexStats,
});

const lines = { path: z.string(), firstLine: count, lastLine: count };

export const retrieveDocument = z.object({
  schemaVersion,
  commit: z.string(),
  mode: z.enum(retrievalModes),
  budget: count,
  files: z.array(
    z.object({
      path: z.string(),
      score: z.number(),
      traits: z.array(z.string()),
      why: z.array(z.object({ signal: z.string(), points: z.number(), found: z.string().exactOptional() })),
    }),
  ),
  snippets: z.array(
    z.object({ ...lines, form: z.enum(["whole", "signature"]), text: z.string(), tokens: count }),
  ),
  tokens: count,
  tokenizer: z.object({ name: z.string(), isApproximate: z.boolean() }),
  leftOut: z.array(z.object(lines)),
  stats: z.object(indexStats),
  notes: z.array(z.string()),
  reranked: z.looseObject({ passages: count }).exactOptional(),
});

const evalGroup = z.looseObject({
  n: count,
  "any@1": z.number().nullable(),
  "all@20": z.number().nullable(),
  mrr: z.number().nullable(),
});

export const retrieveEvalDocument = z.looseObject({
  schemaVersion,
  overall: evalGroup,
  languages: z.record(z.string(), evalGroup),
  rows: z.array(z.looseObject({})),
  leftOut: z.array(z.looseObject({})),
  problems: z.array(z.looseObject({})),
});
