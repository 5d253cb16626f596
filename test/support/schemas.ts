// Holds printed documents against their JSON Schemas: the published ones, and the same with no field left undescribed.
import Ajv from "ajv/dist/2020.js";
import { expect } from "vitest";
import { jsonSchemaOf } from "../../src/cli/schemas/index.ts";

/** Fails where the document is not as its schema says, or holds a field that src/cli/schemas does not describe. */
export function expectDocument(name: string, text: string): void {
  const document: unknown = JSON.parse(text);
  for (const kind of ["published", "closed"] as const) {
    const validate = new Ajv.default({ strict: false, allErrors: true }).compile(jsonSchemaOf(name, kind));
    const problems = validate(document) ? [] : (validate.errors ?? []);
    const told = problems.map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(" "),
    );
    expect(told.slice(0, 10), `${name}, ${kind} schema (src/cli/schemas)`).toEqual([]);
  }
}
