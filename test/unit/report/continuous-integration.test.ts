// What continuous integration reads of a board: thresholds, JUnit XML, and SARIF against its published schema.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv-draft-04";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import {
  checkThresholds,
  makeBoard,
  parseThreshold,
  renderJunit,
  sarifLog,
  thresholdText,
} from "../../../src/report/index.ts";
import { root } from "../../support/source.ts";
import { tournament } from "./fixture.ts";
import { record, round } from "./rows.ts";

const source = tournament(12);
const board = makeBoard([source], { resamples: 50 });
const under = (text: string) => checkThresholds(board, [parseThreshold(text, "not-be-under")]);

describe("thresholds", () => {
  it("are of one contestant or of all, of a figure or an end of its interval", () => {
    expect(under("gold:winRate=0.5")).toMatchObject([{ contestant: "gold", isMet: true }]);
    expect(under("gold:winRate.low=0.99")).toMatchObject([{ isMet: false }]);
    expect(under("winRate=0.5").map(({ contestant, isMet }) => `${contestant} ${isMet}`)).toContain(
      "empty false",
    );
    const over = checkThresholds(board, [parseThreshold("empty:voidShare=0.01", "not-be-over")]);
    expect(over).toMatchObject([{ isMet: false }]);
    expect(over.map(thresholdText)).toEqual([
      expect.stringMatching(/^empty: voidShare is 0\.\d+, over 0\.01$/),
    ]);
  });

  it("know strengths in the board's reading, and names with colons", () => {
    expect(under("gold:overallElo=1600")).toMatchObject([{ isMet: true }]);
    expect(parseThreshold("replay:x.jsonl:winRate=1", "not-be-under")).toMatchObject({
      ...{ contestant: "replay:x.jsonl", metric: "winRate", end: "value", value: 1 },
    });
  });

  it("are not met by a figure that is not known: missing is not enough", () => {
    const [result] = under("empty:falseRejection=0");
    expect(result).toMatchObject({ isMet: false });
    expect(result).not.toHaveProperty("found");
    expect(result === undefined ? "" : thresholdText(result)).toBe("empty: falseRejection is not known");
  });

  it.each(["winRate", "gold:=1", "winRate=high", "winRate>=0.5"])("refuse %j", (text) => {
    expect(() => parseThreshold(text, "not-be-under")).toThrow("expected [<contestant>:]<metric>");
  });

  it("refuse metrics and contestants that the board does not know", () => {
    expect(() => under("gold:winrate=0.5")).toThrow('found "winrate"');
    expect(() => under("golden:winRate=0.5")).toThrow("expected as contestant one of gold,");
  });
});

const hostile = '\u0000]]><evil a="1">&\ud800\u202e';
const reasons = [{ code: "regression" as const, detail: hostile }];
const odd = round({
  ...{ submitter: `gold${hostile}`, instanceId: "one__issue-1", battleId: "odd" },
  record: record({}, { submission: { status: "invalid", reasons } }),
});
const withOdd = { ...source, rounds: [...source.rounds, odd] };
const oddBoard = makeBoard([withOdd], { resamples: 50 });

describe("JUnit", () => {
  const xml = renderJunit(oddBoard, withOdd.rounds, under("empty:winRate=0.5"));
  const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === "testcase" });
  const suites: unknown = parser.parse(xml).testsuites.testsuite;

  it("is well-formed whatever names and reasons hold", () => {
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(xml).not.toMatch(/<evil|[^\P{C}\n]/u);
  });

  it("has a suite of thresholds and one a submitter, void rounds skipped", () => {
    expect(suites).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ "@_name": "thresholds", "@_tests": "1", "@_failures": "1" }),
        expect.objectContaining({ "@_name": "empty", "@_tests": "48" }),
      ]),
    );
    const voids = source.rounds.filter((row) => row.record.void !== undefined).length;
    expect(xml.match(/<skipped message="void: engine-lost"/g)).toHaveLength(voids);
  });
});

describe("SARIF", () => {
  const log = sarifLog(oddBoard, withOdd.rounds, under("empty:winRate=0.5"));
  const schema = JSON.parse(readFileSync(join(root, "test/fixtures/sarif-2.1.0.schema.json"), "utf8"));
  const validate = new Ajv.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
    schema,
  );

  it("is valid by the schema of SARIF 2.1.0, and the schema does refuse", () => {
    expect(validate(JSON.parse(JSON.stringify(log))) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...log, version: "3" })).toBe(false);
  });

  it("holds a finding for each defect, and void rounds as trouble of the tool", () => {
    const [run] = log.runs;
    const rules = new Set(run?.results?.map(({ ruleId }) => ruleId));
    expect(rules).toEqual(
      new Set([
        ...["below-threshold", "patch-broken", "patch-contested", "patch-invalid"],
        ...["patch-unresolved", "test-invalid"],
      ]),
    );
    const declared = run?.tool.driver.rules?.map(({ id }) => id) ?? [];
    expect([...rules].filter((rule) => rule !== undefined && !declared.includes(rule))).toEqual([]);
    const voids = source.rounds.filter((row) => row.record.void !== undefined).length;
    expect(run?.invocations?.[0]?.toolExecutionNotifications).toHaveLength(voids);
    expect(JSON.stringify(log)).not.toMatch(/[^\P{C}\n]/u);
  });
});
