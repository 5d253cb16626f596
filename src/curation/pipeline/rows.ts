// What travels through curation: one row a change that fixed an issue, to which every stage adds its own part.
import { z } from "zod";
import { instanceSchema, languages, planSchema } from "../../domain/instance.ts";

const commit = z.string().regex(/^[0-9a-f]{40}$/, "40 lower-case hex digits");
/** As GitHub writes it: UTC, to the second. */
const time = z.iso.datetime({ offset: true });
const count = z.int().nonnegative();

/** Where a row comes from: it can be looked at again there. */
export const originSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("pull-request"),
    host: z.string(),
    number: z.int().positive(),
    url: z.string(),
  }),
  z.strictObject({ kind: z.literal("commits"), fix: commit }),
  z.strictObject({
    kind: z.literal("row"),
    format: z.string(),
    row: z.int().positive(),
    /** What the importer kept of the row besides: where it comes from, what its host's checks were called. */
    provenance: z.record(z.string(), z.unknown()),
  }),
]);

export const commentSchema = z.strictObject({ author: z.string(), createdAt: time, body: z.string() });

export const linkedIssueSchema = z.strictObject({
  repo: z.string(),
  /** 0 where the text comes from no tracker: a commit message, a file. */
  number: count,
  title: z.string(),
  body: z.string(),
  createdAt: time,
  /** `reference`: the host's own relation; `text`: a keyword in the change's texts; `given`: somebody named it. */
  linkedBy: z.enum(["reference", "text", "given"]),
  /** Only those from before the change's first commit: later ones may speak of the fix. */
  comments: z.array(commentSchema),
});

/** How one check of the change ended at its host; conclusions are the host's words. */
export const upstreamCheckSchema = z.strictObject({
  name: z.string(),
  workflow: z.string().exactOptional(),
  conclusion: z.string(),
  /** Where it ran: the change's own head, or what became of it in the target. Absent where nobody says. */
  commit: z.enum(["head", "merge"]).exactOptional(),
});

/** What `mine` found. */
export const minedPart = z.strictObject({
  title: z.string(),
  body: z.string(),
  /** The target branch as the host names it: not necessarily where the change began. Absent: the fix's first parent. */
  targetTip: commit.exactOptional(),
  head: commit,
  merge: commit.exactOptional(),
  /** Oldest first. */
  commits: z.array(commit),
  firstCommitAt: time,
  mergedAt: time,
  issues: z.array(linkedIssueSchema).min(1),
  checks: z.array(upstreamCheckSchema),
  /** SPDX id; absent where nobody says. */
  licence: z.string().exactOptional(),
});

const line = instanceSchema.shape;

/** What `split` made of it: the instance's own texts, as they will be frozen. */
export const splitPart = z.strictObject({
  baseCommit: commit,
  language: z.enum(languages),
  goldPatch: z.string().min(1),
  testPatch: z.string(),
  problemStatement: line.problem_statement,
  hintsText: z.string(),
  createdAt: time,
  /** What was moved, left or doubtful, for a person. */
  notes: z.array(z.string()),
});

/** What `environment` found to work, or was told. */
export const environmentPart = z.strictObject({
  ci: planSchema,
  /** Of the candidates tried, in order, how many came before the one kept. */
  refused: count,
  /** Checks that passed on the base tree. */
  passing: count,
  /** Of the repository's own workflows: what could not be compiled, never taken for passed. */
  unsupported: z.array(z.string()),
  notes: z.array(z.string()),
});

/** Of one test, over the repeats of the state in which it changes most. */
export const flakeSchema = z.strictObject({
  passes: count,
  fails: count,
  /** 95 % upper bound of the chance that the next run differs, by Beta(1, 1). */
  upper: z.number().min(0).max(1),
});

/** What `validate` saw. */
export const validationPart = z.strictObject({
  oracle: z.enum(["tests", "jobs", "none"]),
  repeats: z.int().positive(),
  failToPass: z.array(z.string()),
  passToPass: z.array(z.string()),
  /** Left out of every judgement. */
  flaky: z.record(z.string(), flakeSchema),
  /** Of the tests that are relied on, the worst. */
  worstFlake: z.number().min(0).max(1),
  /** What the repeats were to differ in and could not, and why. */
  notVaried: z.array(z.string()),
  panel: line.panel,
  /** Of the patches tried for the panel, those that are no members, by reason. */
  panelLeftOut: z.record(z.string(), z.int().positive()).exactOptional(),
});

export const auditFlags = [
  "answer-in-text",
  "names-gold-file",
  "answer-in-tree",
  "answer-in-package",
  "near-duplicate",
  "injection",
  "secret",
] as const;

/** What `audit` found; what drops a row stands among its rejections. */
export const auditPart = z.strictObject({
  flags: z.array(z.strictObject({ code: z.enum(auditFlags), where: z.string(), detail: z.string() })),
  /** What lies in the container and was not looked into. */
  notRead: z.array(z.string()).exactOptional(),
  /** For a comparison with a model's cut-off at report time. */
  issueAt: time,
  fixAt: time.exactOptional(),
});

const score = {
  clarity: z.int().min(0).max(3),
  difficulty: z.number().min(0).max(1),
};

export const judgementPart = z.strictObject({
  clarity: score.clarity,
  clarityWhy: z.string(),
  /** Absent where nobody can tell what is to be done, let alone how hard it is. */
  difficulty: score.difficulty.exactOptional(),
  difficultyWhy: z.string().exactOptional(),
  /** The model, or the heuristic that made asking one needless. */
  by: z.string(),
});

export const annotationPart = z.strictObject({
  ...score,
  /** Who said so; at least two. */
  annotators: z.array(z.string()).min(2),
  overrides: z.boolean(),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits");

/** A file of the repository at the base commit that goes with the set, and the lines in it that name who holds rights. */
const carriedFile = z.strictObject({ path: z.string(), sha256, copyright: z.array(z.string()) });

/** What `freeze` found: what has to be said of the repository, and on which side of a cut-off the row is. */
export const releasePart = z.strictObject({
  licences: z.array(
    carriedFile.extend({
      /** Whose text it is; several that share it, where the file does not say which. Empty: nobody's that SPDX lists. */
      spdx: z.array(z.string()),
      nearest: z.strictObject({ spdx: z.string(), likeness: z.number().min(0).max(1) }).exactOptional(),
    }),
  ),
  notices: z.array(carriedFile),
  /** What is called a licence and could not be read, and why. */
  notRead: z.array(z.string()),
  /** Names, as the change's commits say them; empty where the row tells of no commit. */
  authors: z.array(z.string()),
  dated: z
    .strictObject({
      by: z.enum(["issue", "merge"]),
      at: time,
      label: z.enum(["before-cut-off", "after-cut-off", "within"]),
      cutOff: time.exactOptional(),
    })
    .exactOptional(),
});
export type Release = z.infer<typeof releasePart>;

/** How a job of the repository's own workflows came out here, beside what its host says. */
export const workflowJob = z.strictObject({
  workflow: z.string().exactOptional(),
  /** As the host shows it. */
  name: z.string(),
  /** On the tree with fix and tests; `not-run`: it was not compiled, not tried or could not be prepared. */
  here: z.enum(["success", "failure", "not-run"]),
  /** The host's word; `unrecorded`: it ran there, and nobody kept how it ended. Absent: nobody says that it ran. */
  upstream: z.string().exactOptional(),
  /** Why it failed or was not run. */
  detail: z.string(),
});

export const workflowsPart = z.strictObject({ jobs: z.array(workflowJob) });

const head = z.strictObject({
  schemaVersion: z.literal(1),
  /** The instance's id to be. */
  id: line.instance_id,
  repo: z.string().min(1),
  origin: originSchema,
  mined: minedPart.exactOptional(),
});

export const minedRow = head.required({ mined: true });
export const splitRow = head.extend({ split: splitPart });
/** Of the `workflows` stage, which stands beside the others: nothing goes through it. */
export const workflowsRow = splitRow.extend({ workflows: workflowsPart });
export const environmentRow = splitRow.extend({ environment: environmentPart });
export const validatedRow = environmentRow.extend({ validation: validationPart });
export const auditedRow = validatedRow.extend({ audit: auditPart });
export const judgedRow = auditedRow.extend({ judgement: judgementPart.exactOptional() });
export const annotatedRow = judgedRow.extend({ annotation: annotationPart.exactOptional() });
/** What audit, judge and annotators found is told where they were asked. */
export const freezableRow = annotatedRow.extend({ audit: auditPart.exactOptional() });
export const frozenRow = freezableRow.extend({ release: releasePart });

/** A row with whatever parts it has so far. */
export type Row = z.infer<typeof head>;
export type MinedRow = z.infer<typeof minedRow>;
export type SplitRow = z.infer<typeof splitRow>;
export type WorkflowJob = z.infer<typeof workflowJob>;
export type WorkflowsRow = z.infer<typeof workflowsRow>;
export type EnvironmentRow = z.infer<typeof environmentRow>;
export type ValidatedRow = z.infer<typeof validatedRow>;
export type AuditedRow = z.infer<typeof auditedRow>;
export type JudgedRow = z.infer<typeof judgedRow>;
export type AnnotatedRow = z.infer<typeof annotatedRow>;
export type FreezableRow = z.infer<typeof freezableRow>;
export type FrozenRow = z.infer<typeof frozenRow>;

/** In the order in which they follow each other. */
export const stageNames = [
  "mine",
  "split",
  "environment",
  "validate",
  "audit",
  "judge",
  "annotate",
  "freeze",
] as const;
/** `workflows` is no part of the funnel. */
export type StageName = (typeof stageNames)[number] | "workflows";
