// The Python program that lists the tests of trusted files and the places where each could be made to fail.

/**
 * Runs isolated (`python3 -I -c`) before any judged code does, imports nothing but the standard library and only
 * parses. Input: a JSON list of paths on standard input. Output: one JSON document, `inventorySchema` has its shape.
 * Positions count UTF-16 units, as JavaScript does.
 */
export const inventoryScript = String.raw`
import ast, json, sys

EQUAL = {"assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "assertTupleEqual",
         "assertSequenceEqual", "assertMultiLineEqual", "assertSetEqual"}
OPPOSITE = {"assertEqual": "assertNotEqual", "assertTrue": "assertFalse", "assertFalse": "assertTrue",
            "assertIn": "assertNotIn", "assertNotIn": "assertIn", "assertIs": "assertIsNot",
            "assertIsNone": "assertIsNotNone", "assertIsNotNone": "assertIsNone",
            "assertNotEqual": "assertEqual", "assertIsInstance": "assertNotIsInstance"}
TOLERANT = ("xfail", "expectedfailure", "flaky", "retry", "rerun", "raises", "repeat")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SIMPLE = (ast.Expr, ast.Assert, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.Pass)


def units(text):
    return len(text.encode("utf-16-le")) // 2


class File:
    def __init__(self, text):
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + units(line) + 1)
        self.imports = set()

    def at(self, line, column):
        return self.starts[line - 1] + units(self.lines[line - 1].encode()[:column].decode())

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def source(self, node):
        return ast.get_source_segment(self.text, node) or ""


def own(function):
    """Every node of a function that belongs to no function or class inside it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FUNCTIONS + (ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def is_literal(node):
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return is_literal(node.operand)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(is_literal(each) for each in node.elts)
    if isinstance(node, ast.Dict):
        return all(each is not None and is_literal(each) for each in node.keys + node.values)
    return False


def literals(file, node):
    """Constants of a literal that can be changed in place: whole numbers and plain strings."""
    found = []
    for each in ast.walk(node):
        if not isinstance(each, ast.Constant) or isinstance(each.value, bool):
            continue
        source = file.source(each)
        start, end = file.span(each)
        if isinstance(each.value, int) and source == str(each.value):
            found.append({"kind": "number", "from": start, "to": end, "value": source})
        if isinstance(each.value, (str, bytes)):
            body = source.lstrip("bBuUrR")
            mark = body[:3] if body[:3] in ('"' * 3, "'" * 3) else body[:1]
            if len(body) < 2 * len(mark) or mark in body[len(mark):-len(mark)] or "\n" in source:
                continue
            try:
                same = ast.literal_eval(source) == each.value
            except Exception:
                continue
            if same:
                found.append({"kind": "text", "from": end - len(mark), "to": end - len(mark), "value": ""})
    return found


def call_name(node):
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "self":
            return called.attr
    return None


def is_assertion(node):
    return isinstance(node, ast.Assert) or (call_name(node) or "").startswith("assert")


def sides(node):
    """Both sides of an equality that an assertion demands, or None."""
    if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
        compare = node.test
        if len(compare.ops) == 1 and isinstance(compare.ops[0], ast.Eq):
            return compare.left, compare.comparators[0]
    if call_name(node) in EQUAL and len(node.value.args) >= 2:
        return node.value.args[0], node.value.args[1]
    return None


def expected(function, node):
    """The literal a side stands for: itself, or the one a name used once was given in the same function."""
    if is_literal(node):
        return node
    if not isinstance(node, ast.Name):
        return None
    uses = [each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id == node.id]
    if len(uses) != 2:
        return None
    for statement in function.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and is_literal(statement.value):
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id == node.id:
                return statement.value
    return None


def literal_sites(file, function, node):
    pair = sides(node)
    if pair is None:
        return []
    known = [expected(function, side) for side in pair]
    if (known[0] is None) == (known[1] is None):
        return []
    return literals(file, known[0] if known[0] is not None else known[1])


def parameter_rows(file, function, node):
    """One changeable constant for every row of a parametrized test's expected value, or nothing."""
    pair = sides(node)
    if pair is None:
        return []
    parameters = {each.arg for each in function.args.args}
    names = [side.id for side in pair if isinstance(side, ast.Name) and side.id in parameters]
    uses = [each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id in names]
    if len(names) != 1 or len(uses) != 1:
        return []
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call) or not file.source(decorator.func).endswith("parametrize"):
            continue
        if decorator.keywords or len(decorator.args) != 2 or not isinstance(decorator.args[1], (ast.List, ast.Tuple)):
            continue
        try:
            given = ast.literal_eval(decorator.args[0])
        except Exception:
            continue
        given = [each.strip() for each in given.split(",")] if isinstance(given, str) else list(given)
        if names[0] not in given or len(given) < 2:
            continue
        rows = []
        for row in decorator.args[1].elts:
            cells = row.elts if isinstance(row, (ast.Tuple, ast.List)) and len(row.elts) == len(given) else []
            cell = cells[given.index(names[0])] if cells else None
            found = literals(file, cell) if cell is not None and is_literal(cell) else []
            if not found:
                return []
            rows.append(found[0])
        return rows
    return []


def contrary(file, node):
    if isinstance(node, ast.Assert):
        start, end = file.span(node.test)
        if isinstance(node.test, ast.Compare) and len(node.test.ops) == 1 and isinstance(node.test.ops[0], ast.Eq):
            left, right = file.span(node.test.left)[1], file.span(node.test.comparators[0])[0]
            between = file.text.encode("utf-16-le")[2 * left:2 * right].decode("utf-16-le")
            if between.strip() == "==":
                at = left + units(between[:between.index("==")])
                return [{"from": at, "to": at + 2, "text": "!="}]
        return [{"from": start, "to": start, "text": "not ("}, {"from": end, "to": end, "text": ")"}]
    name = call_name(node)
    if name in OPPOSITE:
        end = file.span(node.value.func)[1]
        return [{"from": end - len(name), "to": end, "text": OPPOSITE[name]}]
    return None


def quiet(file, node):
    """A block that must raise, left with nothing that could."""
    if not isinstance(node, ast.With) or len(node.items) != 1 or not isinstance(node.items[0].context_expr, ast.Call):
        return None
    called = node.items[0].context_expr.func
    if not isinstance(called, ast.Attribute) or called.attr not in ("raises", "assertRaises", "assertRaisesRegex"):
        return None
    if len(node.body) != 1 or not isinstance(node.body[0], SIMPLE) or node.body[0].lineno == node.lineno:
        return None
    start, end = file.span(node.body[0])
    return {"from": start, "to": end, "lines": node.body[0].end_lineno - node.body[0].lineno}


def addition(file, function, body):
    """Where a statement can be added that is certain to run: at the end, or at the start of a test that returns."""
    returns = any(isinstance(node, ast.Return) for node in own(function))
    last = body[0] if returns else body[-1]
    indent = " " * body[0].col_offset if body[0].lineno != function.lineno else None
    if isinstance(last, SIMPLE):
        start, end = file.span(last)
        return {"at": start if returns else end, "form": "before" if returns else "after", "indent": ""}
    if indent is None or isinstance(last, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
        return None
    if returns:
        decorators = getattr(last, "decorator_list", [])
        line = min([last.lineno] + [each.lineno for each in decorators])
        return {"at": file.starts[line - 1], "form": "line-before", "indent": indent}
    return {"at": file.span(last)[1], "form": "line-after", "indent": indent}


def sites(file, function):
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1:
        body = body[1:]
    tolerant = any(word in file.source(each).lower() for each in function.decorator_list for word in TOLERANT)
    if tolerant or any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own(function)):
        return None
    trailing = []
    for node in reversed(body):
        if not is_assertion(node) and quiet(file, node) is None:
            break
        trailing.append(node)
    if any(isinstance(node, ast.Return) for node in own(function)):
        trailing = []
    uses_self = any((call_name(node) or "").startswith("assert") for node in own(function))
    return {
        "literals": [each for node in trailing for each in literal_sites(file, function, node)],
        "rows": next((rows for rows in (parameter_rows(file, function, node) for node in trailing) if rows), []),
        "contraries": [each for each in (contrary(file, node) for node in trailing if is_assertion(node)) if each],
        "conditions": [dict(zip(("from", "to"), file.span(node.test))) for node in trailing if isinstance(node, ast.Assert)],
        "quiets": [each for each in (quiet(file, node) for node in trailing) if each],
        "addition": addition(file, function, body),
        "usesSelf": uses_self,
    }


def tests_of(file, nodes, path, found):
    for node in nodes:
        if isinstance(node, FUNCTIONS) and node.name.startswith("test"):
            found.append({"name": node.name, "owner": path, "line": node.lineno, "sites": sites(file, node)})
        if isinstance(node, ast.ClassDef):
            tests_of(file, node.body, path + [node.name], found)


def describe(path):
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            text = handle.read()
        tree = ast.parse(text)
    except Exception as error:
        return {"path": path, "error": type(error).__name__ + ": " + str(error), "text": "", "tests": [], "names": []}
    file = File(text)
    found = []
    tests_of(file, tree.body, [], found)
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names.update((each.asname or each.name) for each in node.names)
        if isinstance(node, ast.ImportFrom) and node.module == "unittest":
            names.update("unittest." + each.name for each in node.names if each.asname is None)
    duplicates = {}
    for each in found:
        key = (tuple(each["owner"]), each["name"])
        duplicates[key] = duplicates.get(key, 0) + 1
    for each in found:
        # Of two functions of one name only the last is run, and a test under a condition may not be there at all.
        if duplicates[(tuple(each["owner"]), each["name"])] > 1:
            each["sites"] = None
    wanted = ("unittest", "pytest", "unittest.TestCase")
    return {"path": path, "error": None, "text": text, "tests": found, "names": [n for n in wanted if n in names]}


json.dump([describe(path) for path in json.load(sys.stdin)], sys.stdout)
`;
