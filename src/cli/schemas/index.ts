// Every JSON document that the command line prints, by the name of its schema file in docs/schemas.
import { z } from "zod";
import { a1BenchDocument, a1CalibrateDocument, a1ServeDocument, a1SimulateDocument } from "./a1.ts";
import { boardDocument, comparisonDocument } from "./board.ts";
import {
  addDocument,
  allDocument,
  annotateDealDocument,
  annotateFormDocument,
  annotateMergeDocument,
  freezeDocument,
  stageDocument,
  workflowsDocument,
} from "./curation.ts";
import {
  ctlDocument,
  gradeDocument,
  judgeDocument,
  keysDocument,
  planDocument,
  playDocument,
  rejudgeDocument,
  replayDocument,
  showBattleDocument,
  showDocument,
  siteDocument,
  verifyDocument,
} from "./runs.ts";
import {
  doctorDocument,
  indexDocument,
  issuesCheckDocument,
  issuesDiffDocument,
  issuesExportDocument,
  issuesImportDocument,
  issuesListDocument,
  issuesShowDocument,
  retrieveDocument,
  retrieveEvalDocument,
} from "./sets.ts";

interface PrintedDocument {
  /** The command that prints it, `--json` left out. */
  readonly command: string;
  readonly schema: z.ZodType;
}

export const documents: Readonly<Record<string, PrintedDocument>> = {
  "a1-bench": { command: "arena a1 bench <pair>", schema: a1BenchDocument },
  "a1-calibrate": { command: "arena a1 calibrate <pair>", schema: a1CalibrateDocument },
  "a1-serve": { command: "arena a1 serve <pair>", schema: a1ServeDocument },
  "a1-simulate": { command: "arena a1 simulate", schema: a1SimulateDocument },
  board: { command: "arena board <runs...>", schema: boardDocument },
  "board-compare": { command: "arena board <run> <run> --compare", schema: comparisonDocument },
  "board-site": { command: "arena board <runs...> --html <folder>", schema: siteDocument },
  "board-verify": { command: "arena board <runs...> --verify", schema: verifyDocument },
  ctl: { command: "arena ctl <run>", schema: ctlDocument },
  "curate-add": { command: "arena curate add <folder>", schema: addDocument },
  "curate-all": { command: "arena curate all <folder>", schema: allDocument },
  "curate-annotate-deal": { command: "arena curate annotate deal <folder>", schema: annotateDealDocument },
  "curate-annotate-form": { command: "arena curate annotate form <folder>", schema: annotateFormDocument },
  "curate-annotate-merge": { command: "arena curate annotate merge <folder>", schema: annotateMergeDocument },
  "curate-freeze": { command: "arena curate freeze <folder>", schema: freezeDocument },
  "curate-workflows": { command: "arena curate workflows <folder>", schema: workflowsDocument },
  "curate-stage": {
    command:
      "arena curate mine <folder>, arena curate split <folder>, arena curate environment <folder>, arena curate validate <folder>, arena curate audit <folder>, arena curate judge <folder>",
    schema: stageDocument,
  },
  doctor: { command: "arena doctor", schema: doctorDocument },
  grade: { command: "arena grade <set>", schema: gradeDocument },
  index: { command: "arena index <repository>", schema: indexDocument },
  "issues-check": { command: "arena issues check <set>", schema: issuesCheckDocument },
  "issues-diff": { command: "arena issues diff <before> <after>", schema: issuesDiffDocument },
  "issues-export": { command: "arena issues export <set>", schema: issuesExportDocument },
  "issues-import": { command: "arena issues import <source>", schema: issuesImportDocument },
  "issues-list": { command: "arena issues list <set>", schema: issuesListDocument },
  "issues-show": { command: "arena issues show <set> <instance>", schema: issuesShowDocument },
  judge: { command: "arena judge <set>", schema: judgeDocument },
  keys: { command: "arena keys", schema: keysDocument },
  play: { command: "arena play <set>", schema: playDocument },
  "play-plan": { command: "arena play <set> --dry-run, arena grade <set> --dry-run", schema: planDocument },
  rejudge: { command: "arena rejudge <run>", schema: rejudgeDocument },
  replay: { command: "arena replay <run>", schema: replayDocument },
  retrieve: { command: "arena retrieve", schema: retrieveDocument },
  "retrieve-eval": { command: "arena retrieve eval", schema: retrieveEvalDocument },
  show: { command: "arena show <run>", schema: showDocument },
  "show-battle": { command: "arena show <run> <battle>", schema: showBattleDocument },
};

/**
 * JSON Schema (draft 2020-12) of a printed document. Published ones let unknown fields pass, since fields are added;
 * `closed` ones refuse them, so that a test sees what is printed and not yet described.
 * @throws RangeError for a name that no document has
 */
export function jsonSchemaOf(name: string, kind: "published" | "closed"): object {
  const document = documents[name];
  if (document === undefined)
    throw new RangeError(`expected one of ${Object.keys(documents).join(", ")}; found "${name}"`);
  const io = kind === "published" ? "input" : "output";
  const { $schema, ...schema } = z.toJSONSchema(document.schema, { io, reused: "ref" });
  const title = `Swing Arena: ${document.command}`;
  return { $schema, $id: `urn:swing-arena:schema:${name}:1`, title, ...schema };
}
