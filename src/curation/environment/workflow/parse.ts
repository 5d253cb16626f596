// Reads a workflow file as GitHub does, by its own schema, without what Node 20 cannot load of the published parser.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { JSONObjectReader } from "@actions/workflow-parser/templates/json-object-reader";
import { TemplateSchema } from "@actions/workflow-parser/templates/schema/template-schema";
import {
  TemplateContext,
  TemplateValidationErrors,
} from "@actions/workflow-parser/templates/template-context";
import { readTemplate } from "@actions/workflow-parser/templates/template-reader";
import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import { NoOperationTraceWriter } from "@actions/workflow-parser/templates/trace-writer";
import { YamlObjectReader } from "@actions/workflow-parser/workflows/yaml-object-reader";

/** GitHub refuses larger ones too. */
export const mostWorkflowBytes = 512 * 1024;

export type ParsedWorkflow =
  | { readonly kind: "parsed"; readonly root: TemplateToken }
  | { readonly kind: "refused"; readonly why: string };

let loaded: TemplateSchema | undefined;

// The package's own entry imports this file without the attribute that Node wants of a JSON import.
function schema(): TemplateSchema {
  if (loaded === undefined) {
    const entry = import.meta.resolve("@actions/workflow-parser");
    const json = readFileSync(fileURLToPath(new URL("./workflow-v1.0.min.json", entry)), "utf8");
    loaded = TemplateSchema.load(new JSONObjectReader(undefined, json));
  }
  return loaded;
}

/** @param path the file's path in its repository, for messages */
export function parseWorkflowFile(path: string, text: string): ParsedWorkflow {
  if (Buffer.byteLength(text) > mostWorkflowBytes)
    return { kind: "refused", why: `expected at most ${mostWorkflowBytes} bytes` };
  const context = new TemplateContext(new TemplateValidationErrors(), schema(), new NoOperationTraceWriter());
  const file = context.getFileId(path);
  const reader = new YamlObjectReader(file, text);
  const [first] = reader.errors;
  if (first !== undefined) return { kind: "refused", why: first.message };
  const root = readTemplate(context, "workflow-root-strict", reader, file);
  const [problem] = context.errors.getErrors();
  if (problem !== undefined) return { kind: "refused", why: problem.message };
  return root === undefined ? { kind: "refused", why: "the file is empty" } : { kind: "parsed", root };
}
