// Evaluates `${{ }}` with GitHub's own expression package; what nobody knows here is refused, never taken for empty.
import { data, Evaluator, ExpressionError, Lexer, Parser } from "@actions/expressions";
import type { ExpressionData } from "@actions/expressions/data/expressiondata";
import { reviver } from "@actions/expressions/data/reviver";
import type { FunctionDefinition } from "@actions/expressions/funcs/info";
import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import {
  isBasicExpression,
  isBoolean,
  isMapping,
  isNumber,
  isSequence,
  isString,
} from "@actions/workflow-parser/templates/tokens/type-guards";
import { Unsupported } from "./unsupported.ts";

export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type Mapping = { readonly [key: string]: Value };

/** Contexts by name. `open` ones answer with nothing for a name they lack, as GitHub's do; the others refuse it. */
export interface Scope {
  readonly closed: Readonly<Record<string, Mapping>>;
  readonly open: Readonly<Record<string, Mapping>>;
}

/** A context of which only a part is known here. */
class Known extends data.Dictionary {
  readonly #name: string;

  constructor(name: string, values: Mapping) {
    super(...Object.entries(values).map(([key, value]) => ({ key, value: dataOf(value) })));
    this.#name = name;
  }

  override get(key: string): ExpressionData {
    const value = super.get(key);
    if (value === undefined) throw new Unsupported(`the expression reads ${this.#name}.${key}`);
    return value;
  }
}

function dataOf(value: Value): ExpressionData {
  const read: ExpressionData = JSON.parse(JSON.stringify(value), reviver);
  return read;
}

const always = (name: string, value: boolean): FunctionDefinition => ({
  name,
  minArgs: 0,
  maxArgs: 99,
  call: () => new data.BooleanData(value),
});

/** Steps are compiled as they run while all goes well. `hashFiles` names caches, and is unknown here. */
const functions = [
  always("success", true),
  always("always", true),
  always("failure", false),
  always("cancelled", false),
];

/** @throws Unsupported naming what the expression reads that is not known here */
export function evaluate(expression: string, scope: Scope): Value {
  const contexts = [
    ...Object.entries(scope.closed).map(([key, value]) => ({ key, value: new Known(key, value) })),
    ...Object.entries(scope.open).map(([key, value]) => ({ key, value: dataOf(value) })),
  ];
  try {
    const { tokens } = new Lexer(expression).lex();
    const names = contexts.map(({ key }) => key);
    const parsed = new Parser(tokens, names, functions).parse();
    const own = new Map(functions.map((each) => [each.name, each]));
    return plainOf(new Evaluator(parsed, new data.Dictionary(...contexts), own).evaluate());
  } catch (error) {
    if (error instanceof Unsupported) throw error;
    throw new Unsupported(reason(error, expression));
  }
}

/** The evaluator wraps what goes wrong inside it; the innermost message says what it was. */
function reason(error: unknown, expression: string): string {
  let last = error;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  if (last instanceof Unsupported) return last.message;
  const message = last instanceof Error ? last.message : String(last);
  return last instanceof ExpressionError
    ? `the expression ${shortened(expression)}: ${message}`
    : `the expression ${shortened(expression)} could not be evaluated: ${message}`;
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function plainOf(found: ExpressionData): Value {
  const value: Value = JSON.parse(JSON.stringify(found, data.replacer) ?? "null");
  return value;
}

/** A token of the parsed file with its expressions evaluated. @throws Unsupported */
export function plain(token: TemplateToken, scope: Scope): Value {
  if (isBasicExpression(token)) return evaluate(token.expression, scope);
  if (isMapping(token)) {
    const pairs = [...token].map(({ key, value }) => [key.toString(), plain(value, scope)] as const);
    return Object.fromEntries(pairs);
  }
  if (isSequence(token)) return Array.from({ length: token.count }, (_, at) => plain(token.get(at), scope));
  if (isString(token) || isNumber(token) || isBoolean(token)) return token.value;
  return null;
}

/** As GitHub writes a value into text. */
export function asText(value: Value): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  return dataOf(value).coerceString();
}

/** Whether a condition holds; one without `${{ }}` is an expression all the same. */
export function holds(token: TemplateToken | undefined, scope: Scope): boolean {
  if (token === undefined) return true;
  const value = isString(token) ? evaluate(token.value, scope) : plain(token, scope);
  return value !== null && value !== false && value !== 0 && value !== "";
}
