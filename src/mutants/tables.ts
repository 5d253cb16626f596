// What each language's grammar calls the things that operators change: data, nothing else.
import type { Language } from "../domain/instance.ts";

export interface SyntaxTable {
  /** Of the files it reads, lower case. */
  readonly extensions: ReadonlySet<string>;
  /** Nodes with an operator token among their children. */
  readonly operations: ReadonlySet<string>;
  /** Tokens that mean something else than the operator tables say, too often to be worth a run. */
  readonly untouched: ReadonlySet<string>;
  /** Nodes that turn their operand round, and the token that does so. */
  readonly negations: ReadonlyMap<string, readonly string[]>;
  readonly truths: ReadonlySet<string>;
  readonly integers: ReadonlySet<string>;
  readonly strings: ReadonlySet<string>;
  /** Statements that may be left out where they stand directly in a container, and what they must end with. */
  readonly removable: ReadonlySet<string>;
  readonly removableEnd: string;
  /** What holds statements. */
  readonly containers: ReadonlySet<string>;
  /** Nodes that may have a statement or an expression where another has a block: its field, "" for the first child. */
  readonly bare: ReadonlyMap<string, string>;
  /** What stands for a statement that was left out. */
  readonly nothing: string;
  /** Nodes with a condition, and the fields that lead to it; no field where it is the second named child. */
  readonly conditions: ReadonlyMap<string, readonly string[]>;
  /** Conditions that bind names: they cannot be turned round. */
  readonly binding: ReadonlySet<string>;
  readonly not: "not" | "!";
  /** What a statement must be within to be run by a call, not by loading the file. */
  readonly functions: ReadonlySet<string>;
  /** Nothing below these is behaviour: imports, annotations, attributes. */
  readonly skipped: ReadonlySet<string>;
  /** Ends a check that reaches it, whatever stands around it; compiles wherever a statement may stand. */
  readonly abort: string;
}

const set = (...names: readonly string[]): ReadonlySet<string> => new Set(names);

const python: SyntaxTable = {
  extensions: set("py"),
  operations: set("comparison_operator", "boolean_operator", "binary_operator", "augmented_assignment"),
  untouched: set(),
  negations: new Map([
    ["not_operator", ["not"]],
    ["unary_operator", ["-"]],
  ]),
  truths: set("true", "false"),
  integers: set("integer"),
  strings: set("string"),
  removable: set(
    "expression_statement",
    "return_statement",
    "raise_statement",
    "break_statement",
    "continue_statement",
    "delete_statement",
  ),
  removableEnd: "",
  containers: set("block"),
  bare: new Map(),
  nothing: "pass",
  conditions: new Map([
    ["if_statement", ["condition"]],
    ["elif_clause", ["condition"]],
    ["while_statement", ["condition"]],
    ["conditional_expression", []],
  ]),
  binding: set("named_expression"),
  not: "not",
  functions: set("function_definition"),
  skipped: set("import_statement", "import_from_statement", "future_import_statement", "type", "decorator"),
  // Not an Exception: code under test often catches those.
  abort: 'raise BaseException("probe")',
};

const rust: SyntaxTable = {
  extensions: set("rs"),
  operations: set("binary_expression", "compound_assignment_expr"),
  untouched: set(),
  negations: new Map([["unary_expression", ["!", "-"]]]),
  truths: set("boolean_literal"),
  integers: set("integer_literal"),
  strings: set("string_literal"),
  removable: set("expression_statement"),
  // Without it the statement may be what its block evaluates to.
  removableEnd: ";",
  containers: set("block"),
  bare: new Map([
    ["match_arm", "value"],
    ["closure_expression", "body"],
  ]),
  nothing: "",
  conditions: new Map([
    ["if_expression", ["condition"]],
    ["while_expression", ["condition"]],
  ]),
  binding: set("let_condition", "let_chain"),
  not: "!",
  functions: set("function_item", "closure_expression"),
  skipped: set("use_declaration", "attribute_item", "inner_attribute_item", "token_tree", "match_pattern"),
  // What stands behind a plain panic would be unreachable, which some crates forbid.
  abort: 'if core::hint::black_box(true) { panic!("probe") };',
};

const go: SyntaxTable = {
  extensions: set("go"),
  operations: set("binary_expression", "assignment_statement", "inc_statement", "dec_statement"),
  untouched: set(),
  negations: new Map([["unary_expression", ["!", "-"]]]),
  truths: set("true", "false"),
  integers: set("int_literal"),
  strings: set("interpreted_string_literal"),
  removable: set(
    "expression_statement",
    "assignment_statement",
    "inc_statement",
    "dec_statement",
    "return_statement",
    "break_statement",
    "continue_statement",
    "defer_statement",
    "go_statement",
    "send_statement",
  ),
  removableEnd: "",
  containers: set(
    "block",
    "statement_list",
    "expression_case",
    "default_case",
    "type_case",
    "communication_case",
  ),
  bare: new Map(),
  nothing: "",
  conditions: new Map([
    ["if_statement", ["condition"]],
    ["for_clause", ["condition"]],
  ]),
  binding: set(),
  not: "!",
  functions: set("function_declaration", "method_declaration", "func_literal"),
  skipped: set("import_declaration", "field_declaration", "package_clause"),
  abort: 'panic("probe");',
};

const cpp: SyntaxTable = {
  extensions: set("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "ipp"),
  operations: set("binary_expression", "assignment_expression", "update_expression"),
  // Streams, nearly always.
  untouched: set("<<", ">>"),
  negations: new Map([["unary_expression", ["!", "not", "-"]]]),
  truths: set("true", "false"),
  integers: set("number_literal"),
  strings: set("string_literal"),
  removable: set(
    "expression_statement",
    "return_statement",
    "break_statement",
    "continue_statement",
    "throw_statement",
  ),
  removableEnd: ";",
  containers: set("compound_statement", "case_statement"),
  bare: new Map([
    ["if_statement", "consequence"],
    ["else_clause", ""],
    ["while_statement", "body"],
    ["do_statement", "body"],
    ["for_statement", "body"],
    ["for_range_loop", "body"],
  ]),
  nothing: "",
  conditions: new Map([
    ["if_statement", ["condition", "value"]],
    ["while_statement", ["condition", "value"]],
    ["for_statement", ["condition"]],
    ["conditional_expression", ["condition"]],
  ]),
  binding: set("declaration"),
  not: "!",
  functions: set("function_definition", "lambda_expression"),
  skipped: set(
    "preproc_include",
    "preproc_if",
    "preproc_def",
    "attribute_declaration",
    "template_argument_list",
    "static_assert_declaration",
  ),
  abort: "__builtin_trap();",
};

export const tables: Readonly<Record<Language, SyntaxTable>> = { cpp, python, rust, go };
