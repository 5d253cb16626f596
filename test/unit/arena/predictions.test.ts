// Prediction files as SWE-bench tools and people write them: every shape gives the same predictions.
import { describe, expect, it } from "vitest";
import { parsePredictions } from "../../../src/arena/predictions.ts";

const diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";
const one = { instance_id: "toy-1", model_name_or_path: "ann", model_patch: diff };
const two = { instance_id: "toy-2", model_name_or_path: "ann", model_patch: "other" };
const keyed = { [one.instance_id]: one, [two.instance_id]: two };
const { instance_id: _, ...bare } = one;
const extra = { full_output: "I would…", text: "prompt", cost: 0.25, usage: { input: 3 } };

const both = [
  { instanceId: "toy-1", contestant: "ann", patch: diff },
  { instanceId: "toy-2", contestant: "ann", patch: "other" },
];
const jsonl = (...rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");
const read = (text: string) => parsePredictions(text, "predictions.jsonl");

describe("parsePredictions", () => {
  it.each([
    ["JSONL", `${jsonl(one, two)}\n`],
    ["JSONL without a last newline", jsonl(one, two)],
    ["JSONL with CRLF and blank lines", `${jsonl(one, two).replaceAll("\n", "\r\n\r\n")}\r\n`],
    ["JSONL with fields of the tool that wrote it", jsonl({ ...one, ...extra }, { ...extra, ...two })],
    ["JSONL with a byte order mark", `\uFEFF${jsonl(one, two)}\n`],
    ["an array", JSON.stringify([one, two])],
    ["an indented array with a byte order mark", `\uFEFF${JSON.stringify([one, two], null, 2)}\n`],
    ["a dictionary on one line, as json.dump writes it", JSON.stringify(keyed)],
    ["an indented dictionary", JSON.stringify(keyed, null, 4)],
    ["a dictionary whose first entry starts on its line", `{"toy-1": {\n${JSON.stringify(keyed).slice(10)}`],
    ["a dictionary of entries that do not repeat the id", JSON.stringify({ "toy-1": bare, "toy-2": two })],
  ])("reads %s", (_name, text) => {
    expect(read(text)).toMatchObject({ predictions: both, problems: [] });
  });

  it.each([null, undefined, ""])("takes a prediction of nobody in particular: %j", (model_name_or_path) => {
    expect(read(jsonl({ ...one, model_name_or_path })).predictions).toMatchObject([
      { contestant: "prediction", patch: diff },
    ]);
  });

  it.each([null, ""])("takes %j for no answer, which is an answer", (model_patch) => {
    const { predictions, problems } = read(jsonl({ ...one, model_patch }));
    expect([predictions[0]?.patch, problems]).toEqual(["", []]);
  });

  it("takes one line for a prediction, never for a dictionary of them", () => {
    expect(read(jsonl({ ...one, ...extra })).predictions).toMatchObject([both[0]]);
    expect(read(jsonl({ patch: diff, usage: {} })).problems).toMatchObject([
      { line: 1, field: "instance_id" },
    ]);
    expect(read(jsonl({ instance_id: "toy-1" })).problems).toMatchObject([{ line: 1, field: "model_patch" }]);
  });

  it("names the entries of a dictionary that are none", () => {
    const { predictions, problems } = read(JSON.stringify({ "toy-1": one, "toy-2": null, "toy-3": 7 }));
    expect(predictions).toMatchObject([both[0]]);
    expect(problems.map(({ line, field }) => [line, field])).toEqual([
      [2, "model_patch"],
      [3, "(line)"],
    ]);
  });

  it.each([
    ["a broken line", `${jsonl(one)}\n{"instance_id": \n`, "predictions.jsonl:2: expected JSON"],
    ["a broken document", '[\n{"instance_id": "toy-1",\n', "predictions.jsonl:1: expected JSON"],
    ["words", "no predictions\n", "predictions.jsonl:1: expected JSON"],
  ])("says where %s is", (_name, text, words) => {
    expect(() => read(text)).toThrow(words);
  });
});
