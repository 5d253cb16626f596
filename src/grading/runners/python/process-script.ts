// The Python program that runs one phase of the tests and tells, over a pipe of its own, how each of them ended.

// Both tools: orders arrive on standard input, which is closed before any judged code is imported. What tests print
// goes to standard error; standard output carries records only, through a descriptor that no child process inherits.
// Nothing here is a secret, and nothing it says is proof: twins and canaries are.
const common = String.raw`
import sys
sys.path[:] = [entry for entry in sys.path if entry != ""]
import json, os


class Reporter:
    def __init__(self, descriptor, mark):
        self.descriptor, self.mark, self.number = descriptor, mark, 0
        self.write, self.dump, self.exit = os.write, json.dumps, os._exit

    def tell(self, kind, **record):
        self.number += 1
        data = (self.mark + " " + str(self.number) + " " + self.dump({"kind": kind, **record}) + "\n").encode()
        while data:
            data = data[self.write(self.descriptor, data):]


def prepare():
    orders = json.loads(sys.stdin.buffer.read())
    channel = os.dup(1)
    os.set_inheritable(channel, False)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return orders, Reporter(channel, orders["mark"])


def open_path(orders):
    here = os.getcwd()
    given = [os.path.join(here, entry) for entry in orders["path"]]
    sys.path[:0] = ([here] if orders["asModule"] else []) + given


def snapshot(owners):
    """The functions by which tests fail, as they are before the tree is imported."""
    held = []
    for owner in owners:
        for name, value in list(vars(owner).items()):
            function = getattr(value, "__func__", value)
            if hasattr(function, "__code__"):
                held.append((owner, name, value, function, function.__code__, function.__defaults__))
    return held


def changed(held):
    for owner, name, value, function, code, defaults in held:
        if vars(owner).get(name) is not value or function.__code__ is not code or function.__defaults__ is not defaults:
            return owner.__name__ + "." + name
    return None
`;

// Rows of a parametrized test stay in their order: they are told apart by it. Files and classes stay together, so that
// what is set up once for them still is.
const mixedItems = `
        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, items):
            import random
            draw = random.Random(orders["order"])

            def mixed(group, depth):
                parts = {}
                for item in group:
                    names = item.nodeid.split("[")[0].split("::")
                    parts.setdefault(names[depth] if depth < len(names) else "", []).append(item)
                keys = sorted(parts)
                draw.shuffle(keys)
                if keys == [""]:
                    return group
                return [item for key in keys for item in mixed(parts[key], depth + 1)]

            items[:] = mixed(items, 0)
`;

const pytestScript = (hook: string): string => `${common}
def main():
    orders, reporter = prepare()
    try:
        import pytest, unittest.case, _pytest.runner, _pytest.reports, _pytest.outcomes
    except ImportError as error:
        reporter.tell("unusable", text=str(error))
        reporter.exit(3)
    held = snapshot([unittest.case.TestCase, unittest.case._Outcome, _pytest.runner.CallInfo, _pytest.reports.TestReport])
    ranks = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}

    class Watch:
        def __init__(self):
            self.open = {}
${hook}
        @pytest.hookimpl(trylast=True)
        def pytest_configure(self, config):
            config.option.maxfail = 0

        def pytest_collectreport(self, report):
            if report.failed:
                reporter.tell("uncollected", id=report.nodeid, text=str(report.longrepr)[-1500:])

        def pytest_runtest_logreport(self, report):
            status = report.outcome
            if hasattr(report, "wasxfail") and status == "passed":
                status = "skipped"
            if status == "failed" and report.when != "call":
                status = "error"
            if status not in ranks or (hasattr(report, "context") and status == "skipped"):
                return
            if ranks[status] > ranks[self.open.get(report.nodeid, "passed")] or report.nodeid not in self.open:
                self.open[report.nodeid] = status

        def pytest_runtest_logfinish(self, nodeid, location):
            touched = changed(held)
            if touched is not None:
                reporter.tell("tampered", text=touched)
            status = self.open.pop(nodeid, None)
            if status is not None:
                reporter.tell("test", id=nodeid, file=str(location[0]), status=status)

        def pytest_sessionfinish(self, session, exitstatus):
            self.folder = str(session.config.rootdir)

    watch = Watch()
    open_path(orders)
    sys.argv[:] = ["pytest", *orders["arguments"]]
    from importlib.util import find_spec
    # The order of the files: rows of a parametrized test are told apart by it.
    extra = ["-p", "no:randomly"] + (["-n0"] if find_spec("xdist") else [])
    extra += ["--no-cov"] if find_spec("pytest_cov") else []
    arguments = [*orders["arguments"], *extra, "--continue-on-collection-errors", "-o", "cache_dir=" + orders["scratch"]]
    reporter.tell("begin")
    code = int(pytest.main(arguments, plugins=[watch]))
    reporter.tell("end", code=code, folder=getattr(watch, "folder", ""))
    reporter.exit(code)


main()
`;

// Classes and modules stay together: they are set up once.
const mixedSuite = `
            import random
            draw = random.Random(orders["order"])

            def mix(each):
                tests = getattr(each, "_tests", None)
                if isinstance(tests, list):
                    draw.shuffle(tests)
                    for test in tests:
                        mix(test)

            mix(suite)
`;

const unittestScript = (mixing: string): string => `${common}
def main():
    orders, reporter = prepare()
    import unittest, unittest.case
    held = snapshot([unittest.case.TestCase, unittest.case._Outcome, unittest.TestSuite, unittest.BaseTestSuite])

    class Result(unittest.TestResult):
        def __init__(self):
            super().__init__()
            self.open = {}

        def mark(self, test, status):
            # Set-up of a class or module fails without any test having started.
            if test.id() in self.open:
                self.open[test.id()] = status
            else:
                reporter.tell("uncollected", id=test.id(), text=status)

        def startTest(self, test):
            super().startTest(test)
            self.open[test.id()] = "passed"

        def stopTest(self, test):
            super().stopTest(test)
            touched = changed(held)
            if touched is not None:
                reporter.tell("tampered", text=touched)
            name, status = test.id(), self.open.pop(test.id(), None)
            if name.startswith("unittest.loader._FailedTest"):
                text = str(getattr(test, "_exception", ""))[-1500:]
                reporter.tell("uncollected", id=name[len("unittest.loader._FailedTest."):], text=text)
            elif status is not None:
                module = sys.modules.get(type(test).__module__)
                reporter.tell("test", id=name, file=str(getattr(module, "__file__", "") or ""), status=status)

        def addError(self, test, err):
            super().addError(test, err)
            self.mark(test, "error")

        def addFailure(self, test, err):
            super().addFailure(test, err)
            self.mark(test, "failed")

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            if test.id() in self.open and self.open[test.id()] == "passed":
                self.mark(test, "skipped")

        def addExpectedFailure(self, test, err):
            super().addExpectedFailure(test, err)
            self.mark(test, "skipped")

        def addUnexpectedSuccess(self, test):
            super().addUnexpectedSuccess(test)
            self.mark(test, "failed")

        def addSubTest(self, test, subtest, err):
            super().addSubTest(test, subtest, err)
            if err is not None:
                self.mark(test, "failed")

    class Runner:
        def run(self, suite):
            result = Result()${mixing}
            suite(result)
            return result

    open_path(orders)
    sys.argv[:] = ["python -m unittest", *orders["arguments"]]
    reporter.tell("begin")
    program = unittest.main(module=None, argv=sys.argv, testRunner=Runner(), exit=False)
    code = 0 if program.result.wasSuccessful() else 1
    reporter.tell("end", code=code, folder=os.getcwd())
    reporter.exit(code)


main()
`;

/** @param isMixed orders name a number from which the order of the tests is drawn */
export function processScript(tool: "pytest" | "unittest", isMixed: boolean): string {
  return tool === "pytest"
    ? pytestScript(isMixed ? mixedItems : "")
    : unittestScript(isMixed ? mixedSuite : "");
}
