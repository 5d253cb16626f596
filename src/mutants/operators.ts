// The mutation operators: from one node of a syntax tree to the changes of text that may be made there.
import type { SyntaxNode } from "../../retriever/index.ts";
import type { SyntaxTable } from "./tables.ts";

export const operators = [
  "relational",
  "boundary",
  "boolean",
  "arithmetic",
  "constant",
  "removed-statement",
  "swapped-branch",
] as const;
export type Operator = (typeof operators)[number];

/** One replaced piece of a text; offsets in UTF-16 units. */
export interface Change {
  readonly operator: Operator;
  readonly start: number;
  readonly end: number;
  readonly after: string;
}

const boundary: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

/** Each is turned into its opposite. */
const relational: Readonly<Record<string, string>> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
  "==": "!=",
  "!=": "==",
  is: "is not",
  "is not": "is",
  in: "not in",
  "not in": "in",
};

const boolean: Readonly<Record<string, string>> = { "&&": "||", "||": "&&", and: "or", or: "and" };

const plain: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "//": "*",
  "%": "*",
  "**": "*",
  "<<": ">>",
  ">>": "<<",
  "&": "|",
  "|": "&",
  "^": "&",
};

const arithmetic: Readonly<Record<string, string>> = {
  ...plain,
  ...Object.fromEntries(Object.entries(plain).map(([from, to]) => [`${from}=`, `${to}=`])),
  "++": "--",
  "--": "++",
};

const swaps = [
  ["relational", relational],
  ["boundary", boundary],
  ["boolean", boolean],
  ["arithmetic", arithmetic],
] as const;

const truths: Readonly<Record<string, string>> = {
  true: "false",
  false: "true",
  True: "False",
  False: "True",
};

/** A node, what it stands in, innermost last, and the text they were parsed from. */
export interface Site {
  readonly node: SyntaxNode;
  readonly parents: readonly SyntaxNode[];
  readonly text: string;
  readonly table: SyntaxTable;
}

const textOf = ({ text }: Site, { startIndex, endIndex }: SyntaxNode): string =>
  text.slice(startIndex, endIndex);

function tokensOf(node: SyntaxNode): SyntaxNode[] {
  return node.children.filter((child) => child !== null).filter((child) => !child.isNamed);
}

function exchanges(site: Site): Change[] {
  const { node, table } = site;
  if (!table.operations.has(node.type)) return [];
  return tokensOf(node).flatMap((token) => {
    const found = textOf(site, token);
    if (table.untouched.has(found)) return [];
    return swaps.flatMap(([operator, swap]): Change[] => {
      const after = Object.hasOwn(swap, found) ? swap[found] : undefined;
      const { startIndex: start, endIndex: end } = token;
      return after === undefined ? [] : [{ operator, start, end, after }];
    });
  });
}

/** `not x` and `!x` become `x`; so does `-x`. */
function droppedNegations(site: Site): Change[] {
  const { node, table } = site;
  const wanted = table.negations.get(node.type);
  const token = tokensOf(node)[0];
  const operand = node.children.find((child) => child?.isNamed === true);
  if (wanted === undefined || token === undefined || !operand) return [];
  const found = textOf(site, token);
  if (!wanted.includes(found)) return [];
  const operator = found === "-" ? "arithmetic" : "boolean";
  return [{ operator, start: token.startIndex, end: operand.startIndex, after: "" }];
}

const integer = /^(\d{1,15})([a-z]\w*)?$/i;
/** No format, no escape: a message that a program prints or compares. */
const plainString = /^(["'])[^"'\\%{}\n]+\1$/;

function constants(site: Site): Change[] {
  const { node, parents, table } = site;
  if (!node.isNamed) return [];
  const { startIndex: start, endIndex: end } = node;
  const found = textOf(site, node);
  if (table.truths.has(node.type) && Object.hasOwn(truths, found))
    return [{ operator: "boolean", start, end, after: truths[found] ?? found }];
  if (table.integers.has(node.type)) {
    const [, digits, suffix = ""] = integer.exec(found) ?? [];
    if (digits === undefined || (digits.length > 1 && digits.startsWith("0"))) return [];
    return [{ operator: "constant", start, end, after: `${Number(digits) + 1}${suffix}` }];
  }
  // A string that is a statement of its own documents what follows.
  const isAlone = parents.at(-1)?.type === "expression_statement";
  if (!table.strings.has(node.type) || isAlone || !plainString.test(found)) return [];
  return [{ operator: "constant", start, end, after: `${found[0]}${found[0]}` }];
}

function isDocumentation({ node, table }: Site): boolean {
  const [only, ...others] = node.children;
  return others.length === 0 && only !== null && only !== undefined && table.strings.has(only.type);
}

/** A function whose last word is taken away has no value: in C++ whatever follows is undefined. */
function endsFunction({ node, parents, table }: Site): boolean {
  const outer = parents.at(-2);
  const isReturn = node.type === "return_statement" || node.children[0]?.type === "return_expression";
  return isReturn && (outer === undefined || table.functions.has(outer.type));
}

function removals(site: Site): Change[] {
  const { node, parents, table } = site;
  const container = parents.at(-1);
  if (!table.removable.has(node.type) || container === undefined) return [];
  if (!table.containers.has(container.type) || isDocumentation(site) || endsFunction(site)) return [];
  if (!textOf(site, node).endsWith(table.removableEnd)) return [];
  const { startIndex: start, endIndex: end } = node;
  return [{ operator: "removed-statement", start, end, after: table.nothing }];
}

function conditionOf({ node, table }: Site): SyntaxNode | undefined {
  const fields = table.conditions.get(node.type);
  if (fields === undefined) return undefined;
  if (fields.length === 0) return node.children.filter((child) => child?.isNamed === true)[1] ?? undefined;
  let found: SyntaxNode | null = node;
  for (const field of fields) found = found?.childForFieldName(field) ?? null;
  return found ?? undefined;
}

/** Another operator makes the same program of these. */
function isTurnedOtherwise(site: Site, condition: SyntaxNode): boolean {
  const { table } = site;
  const own = { ...site, node: condition };
  return (
    table.truths.has(condition.type) ||
    droppedNegations(own).length > 0 ||
    exchanges(own).some(({ operator }) => operator === "relational")
  );
}

function swappedBranches(site: Site): Change[] {
  const condition = conditionOf(site);
  if (condition === undefined || site.table.binding.has(condition.type)) return [];
  if (isTurnedOtherwise(site, condition)) return [];
  const { startIndex: start, endIndex: end } = condition;
  const not = site.table.not === "not" ? "not " : "!";
  return [{ operator: "swapped-branch", start, end, after: `${not}(${textOf(site, condition)})` }];
}

/** Every change that an operator makes at a node, those of its children not included. */
export function changesAt(site: Site): Change[] {
  return [
    ...exchanges(site),
    ...droppedNegations(site),
    ...constants(site),
    ...removals(site),
    ...swappedBranches(site),
  ];
}
