// The Python program that lists the tests of trusted files and the places where each could be made to fail.

/**
 * Runs isolated (`python3 -I -c`) before any judged code does, imports nothing but the standard library and only
 * parses. Input: a JSON list of paths on standard input. Output: one JSON document, `inventorySchema` has its shape.
 * Positions count UTF-16 units, as JavaScript does.
 */
export const inventoryScript = String.raw`
import ast, json, re, sys

EQUAL = {"assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "assertTupleEqual",
         "assertSequenceEqual", "assertMultiLineEqual", "assertSetEqual"}
OPPOSITE = {"assertEqual": "assertNotEqual", "assertTrue": "assertFalse", "assertFalse": "assertTrue",
            "assertIn": "assertNotIn", "assertNotIn": "assertIn", "assertIs": "assertIsNot",
            "assertIsNone": "assertIsNotNone", "assertIsNotNone": "assertIsNone",
            "assertNotEqual": "assertEqual", "assertIsInstance": "assertNotIsInstance"}
TOLERANT = ("xfail", "expectedfailure", "flaky", "retry", "rerun", "raises", "repeat")
BUILDERS = {"approx", "set", "frozenset", "date", "datetime", "timedelta"}
EMPTY = {"[]": "#", "()": "#,", "{}": "#: 0"}
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


def called_name(node):
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def is_built(node):
    """A value written out: a constructor, by its capital letter or by name, of nothing but literals."""
    name = called_name(node)
    if not (name[:1].isupper() or name in BUILDERS):
        return False
    return all(is_literal(each) for each in node.args + [keyword.value for keyword in node.keywords])


def is_literal(node):
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Call):
        return is_built(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return is_literal(node.operand)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(is_literal(each) for each in node.elts)
    if isinstance(node, ast.Dict):
        return all(each is not None and is_literal(each) for each in node.keys + node.values)
    return False


def text_sites(file, each, source):
    """Where a letter can go into a plain string; the last digits of one that is a number stay a number."""
    start, end = file.span(each)
    body = source.lstrip("bBuUrR")
    mark = body[:3] if body[:3] in ('"' * 3, "'" * 3) else body[:1]
    inside = body[len(mark):-len(mark)]
    if len(body) < 2 * len(mark) or mark in inside or "\n" in source:
        return []
    try:
        if ast.literal_eval(source) != each.value:
            return []
    except Exception:
        return []
    digits = re.fullmatch(r"\d*\.?(0|[1-9]\d{0,8})", inside)
    if digits:
        last = digits.group(1)
        return [{"kind": "number", "from": end - len(mark) - len(last), "to": end - len(mark), "value": last}]
    # Escapes are left whole: the letter follows them.
    plain = inside if inside.isascii() and "\\" not in inside else ""
    at = end - len(mark) - len(plain)
    return [{"kind": "text", "from": at, "to": end - len(mark), "value": plain}]


def number_sites(file, each, source):
    start, end = file.span(each)
    if isinstance(each.value, int) and source == str(each.value):
        return [{"kind": "number", "from": start, "to": end, "value": source}]
    whole = re.match(r"(0|[1-9]\d*)\.\d+$", source) if isinstance(each.value, float) else None
    if whole is None:
        return []
    return [{"kind": "number", "from": start, "to": start + len(whole.group(1)), "value": whole.group(1)}]


def tolerances(node):
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call) and called_name(each) == "approx"]
    return {part for call in calls for keyword in call.keywords for part in ast.walk(keyword)}


def literals(file, node):
    """Constants of a literal that can be changed in place: numbers, plain strings, and what is empty."""
    found = []
    skipped = tolerances(node)
    for each in ast.walk(node):
        source = file.source(each) if isinstance(each, ast.expr) and each not in skipped else ""
        if source in EMPTY:
            at = file.span(each)[0] + 1
            found.append({"kind": "blank", "from": at, "to": at, "value": EMPTY[source]})
        if not isinstance(each, ast.Constant) or isinstance(each.value, bool) or source == "":
            continue
        if isinstance(each.value, (int, float)):
            found.extend(number_sites(file, each, source))
        if isinstance(each.value, (str, bytes)):
            found.extend(text_sites(file, each, source))
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


def contained(node):
    """The literal that an assertion wants to find in something, or None."""
    if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
        compare = node.test
        if len(compare.ops) == 1 and isinstance(compare.ops[0], ast.In) and not is_literal(compare.comparators[0]):
            return compare.left
    if call_name(node) == "assertIn" and len(node.value.args) >= 2 and not is_literal(node.value.args[1]):
        return node.value.args[0]
    return None


def literal_sites(file, function, node):
    wanted = contained(node)
    if isinstance(wanted, ast.Constant) and wanted.value != "":
        return literals(file, wanted)
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
        free = [each for each in function.args.args if each.arg not in ("self", *given)]
        # With fixtures, or rows of another decorator, there may be more tests than rows.
        single = not free and len(function.decorator_list) == 1
        return [{**each, "single": single} for each in rows]
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


def raising_call(node):
    """The call that opens a block which must raise, or None."""
    if not isinstance(node, ast.With) or len(node.items) != 1 or not isinstance(node.items[0].context_expr, ast.Call):
        return None
    call = node.items[0].context_expr
    named = isinstance(call.func, ast.Attribute) and call.func.attr in ("raises", "assertRaises", "assertRaisesRegex")
    return call if named else None


def error_type(file, node):
    """The type that a block must raise; one that takes in nearly everything is no good to exchange."""
    call = raising_call(node)
    wanted = call.args[0] if call is not None and call.args else None
    name = getattr(wanted, "attr", getattr(wanted, "id", ""))
    if not isinstance(wanted, (ast.Name, ast.Attribute)) or name[:1] != name[:1].upper():
        return []
    start, end = file.span(wanted)
    return [{"kind": "type", "from": start, "to": end, "value": name}]


def quiet(file, node):
    """A block that must raise, left with nothing that could."""
    if raising_call(node) is None:
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
        if not is_assertion(node) and raising_call(node) is None:
            break
        trailing.append(node)
    if any(isinstance(node, ast.Return) for node in own(function)):
        trailing = []
    uses_self = any((call_name(node) or "").startswith("assert") for node in own(function))
    return {
        "literals": [each for node in trailing for each in literal_sites(file, function, node) + error_type(file, node)],
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
