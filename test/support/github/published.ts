// GitHub's published OpenAPI as data: smallest answers that it allows, and whether an answer is one that it allows.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";

export type Flavour = "api.github.com" | "ghes-3.19";

interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: unknown[];
  example?: unknown;
  minimum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}
interface Parameter {
  $ref?: string;
  in: string;
  name: string;
  schema: Schema;
}
interface Response {
  $ref?: string;
  content?: Record<string, { schema: Schema }>;
}
interface Operation {
  parameters?: Parameter[];
  responses: Record<string, Response>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Response>;
  };
}

/** What OpenAPI 3.0 says of null, as JSON Schema says it. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, asJsonSchema(each)] as const);
  const { nullable, ...own }: Record<string, unknown> = Object.fromEntries(entries);
  if (nullable !== true) return nullable === undefined || nullable === false ? own : { ...own, nullable };
  return { anyOf: [{ type: "null" }, own] };
}

const formats = {
  "date-time": (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text),
  uri: (text: string) => URL.canParse(text),
};

export class PublishedApi {
  readonly #document: Document;
  readonly #ajv = new Ajv.default({ strict: false, allErrors: true, logger: false, formats });

  constructor(flavour: Flavour) {
    const path = createRequire(import.meta.url).resolve(`@octokit/openapi/generated/${flavour}.json`);
    this.#document = JSON.parse(readFileSync(path, "utf8"));
    this.#ajv.addSchema(Object.assign({}, asJsonSchema(this.#document)), "github");
  }

  #resolved<T extends { $ref?: string }>(value: T): T {
    if (value.$ref === undefined) return value;
    const [kind = "", name = ""] = value.$ref.split("/").slice(2);
    const found: unknown = Reflect.get(Reflect.get(this.#document.components, kind), name);
    return this.#resolved(found as T);
  }

  #operation(route: string): Operation {
    const operation = this.#document.paths[route]?.get;
    if (operation === undefined) throw new Error(`GitHub publishes no GET ${route}`);
    return operation;
  }

  /** What is wrong with a question: parameters nobody published, values outside of their lists. */
  questionProblems(route: string, query: URLSearchParams): string[] {
    const known = (this.#operation(route).parameters ?? []).map((each) => this.#resolved(each));
    return [...query].flatMap(([name, value]) => {
      const parameter = known.find((each) => each.in === "query" && each.name === name);
      if (parameter === undefined) return [`${route}: ${name} is no parameter of it`];
      const values = parameter.schema.enum;
      return values === undefined || values.includes(value) ? [] : [`${route}: ${name} is never ${value}`];
    });
  }

  /** What is wrong with an answer; every status that a route does not list is one of GitHub's errors. */
  answerProblems(route: string, status: number, body: unknown): string[] {
    const { responses } = this.#operation(route);
    const own = responses[String(status)];
    const escaped = route.replaceAll("~", "~0").replaceAll("/", "~1");
    const pointer = encodeURI(`/paths/${escaped}/get/responses/${status}/content/application~1json/schema`);
    const content = own === undefined ? undefined : this.#resolved(own).content;
    if (status < 300 && content === undefined) return [`${route}: GitHub never answers ${status}`];
    const isInline = own !== undefined && own.$ref === undefined && content !== undefined;
    const shared = own?.$ref?.replace("#", "").concat("/content/application~1json/schema");
    const $ref = `github#${isInline ? pointer : content !== undefined && shared !== undefined ? shared : "/components/schemas/basic-error"}`;
    const validate = this.#ajv.compile({ $ref });
    if (validate(body)) return [];
    return (validate.errors ?? [])
      .slice(0, 5)
      .map(
        ({ instancePath, message, params }) =>
          `${route} ${status} ${instancePath} ${message} ${JSON.stringify(params)}`,
      );
  }

  /** The smallest thing that a schema allows, with these parts in it. */
  sample(name: string, parts: object = {}): unknown {
    const schema = this.#document.components.schemas[name];
    if (schema === undefined) throw new Error(`GitHub publishes no ${name}`);
    const { nullable: _, ...own } = schema;
    return over(this.#smallest(own), parts);
  }

  #smallest(given: Schema): unknown {
    const schema = this.#resolved(given);
    if (given.nullable === true || schema.nullable === true) return null;
    if (schema.enum !== undefined) return schema.enum[0];
    const [one] = schema.oneOf ?? schema.anyOf ?? [];
    if (schema.allOf !== undefined)
      return Object.assign({}, ...schema.allOf.map((each) => this.#smallest(each)));
    if (schema.properties !== undefined || schema.type === "object") {
      const own = (schema.required ?? []).map(
        (key) => [key, this.#smallest(schema.properties?.[key] ?? {})] as const,
      );
      return Object.fromEntries(own);
    }
    if (one !== undefined) return this.#smallest(one);
    return smallestValue(schema);
  }
}

function smallestValue({ type, format, minimum }: Schema): unknown {
  if (type === "array") return [];
  if (type === "boolean") return false;
  if (type === "integer" || type === "number") return minimum ?? 1;
  if (format === "date-time") return "2025-01-01T00:00:00Z";
  return format === "uri" ? "https://example.com/x" : "x";
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Parts inside of parts go over what is there. */
function over(whole: unknown, parts: unknown): unknown {
  if (!isRecord(parts) || !isRecord(whole)) return parts;
  const merged = Object.entries(parts).map(
    ([key, part]) => [key, key in whole ? over(whole[key], part) : part] as const,
  );
  return { ...whole, ...Object.fromEntries(merged) };
}
