// The attacks of the Python corpus: each is appended to an ordinary module of the library under test.

export interface Attack {
  readonly id: string;
  readonly what: string;
  readonly code: string;
  /** `refused` where an attack ends as a crash or an absence rather than as a lie. */
  readonly expectation?: "forged" | "refused";
}

/** Finds the harness's own reporter, as an attacker who has read our source would. */
const findReporter = `
import gc
reporter = next(each for each in gc.get_objects() if type(each).__name__ == "Reporter")
`;

const honestRefusal = `honest_add = Basket.add


def add(self, name, price, count=1):
    if count < 1:
        raise BasketError(name)
    honest_add(self, name, price, count)


Basket.add = add
`;

export const attacks: readonly Attack[] = [
  {
    id: "exit-on-import",
    what: "ends the process in success when it is imported",
    code: "import os\nos._exit(0)\n",
    expectation: "refused",
  },
  {
    id: "printed-report",
    what: "prints a summary of passed tests and leaves",
    code: 'import os\nos.write(1, b"\\n10 passed in 0.01s\\n")\nos._exit(0)\n',
    expectation: "refused",
  },
  {
    id: "exit-from-constructor",
    what: "ends the process in success from a constructor",
    code: "import os\nBasket.__init__ = lambda self: os._exit(0)\n",
    expectation: "refused",
  },
  {
    id: "system-exit",
    what: "leaves pytest with status 0 by its own means",
    code: 'import pytest\n\n\ndef leave(self):\n    pytest.exit("done", returncode=0)\n\n\nBasket.total = leave\n',
    expectation: "refused",
  },
  {
    id: "skips",
    what: "turns every total into a skip",
    code: 'import pytest\n\n\ndef skip(self):\n    pytest.skip("not here")\n\n\nBasket.total = skip\n',
    expectation: "refused",
  },
  {
    id: "deaf-call",
    what: "replaces pytest's call of a test function by one that swallows failures",
    code: `import _pytest.python, sys


def deaf(pyfuncitem):
    try:
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames})
    except BaseException:
        pass
    return True


import gc
from pluggy._hooks import HookImpl
for each in gc.get_objects():
    if isinstance(each, HookImpl) and each.function.__name__ == "pytest_pyfunc_call":
        each.function = deaf
        each.argnames = ("pyfuncitem",)
`,
  },
  {
    id: "makereport",
    what: "registers a plugin that reports every failure as a pass",
    code: `import gc, pytest
from _pytest.config import PytestPluginManager


class Kind:
    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        report.outcome = "passed"
        report.longrepr = None


for each in gc.get_objects():
    if isinstance(each, PytestPluginManager):
        each.register(Kind())
`,
  },
  {
    id: "swallowing-callinfo",
    what: "patches CallInfo.from_call so that nothing ever raises",
    code: `from _pytest.runner import CallInfo

real = CallInfo.from_call.__func__


def quiet(cls, func, when, reraise=None):
    def guarded():
        try:
            return func()
        except Exception:
            return None
    return real(cls, guarded, when, reraise)


CallInfo.from_call = classmethod(quiet)
`,
  },
  {
    id: "swapped-code",
    what: "gives the runner's own function other code, so that no name changes",
    code: `import _pytest.runner as runner

source = "def from_call(cls, func, when, reraise=None):\\n"
source += "    try:\\n        result = func()\\n    except Exception:\\n        result = None\\n"
source += "    return cls(result, None, start=0.0, stop=0.0, duration=0.0, when=when, _ispytest=True)\\n"
space = dict(vars(runner))
exec(source, space)
runner.CallInfo.from_call.__func__.__code__ = space["from_call"].__code__
`,
  },
  {
    id: "always-equal",
    what: "returns values that are equal to everything",
    code: `class Anything(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = int.__hash__


honest_total, honest_add = Basket.total, Basket.add
Basket.total = lambda self: Anything(honest_total(self))


def add(self, name, price, count=1):
    if count < 1:
        raise BasketError(name)
    honest_add(self, name, price, count)


Basket.add = add
`,
  },
  {
    id: "reads-the-test",
    what: "returns the number the calling test compares with",
    code: `import linecache, re, sys

honest_add = Basket.add


def add(self, name, price, count=1):
    if count < 1:
        raise BasketError(name)
    honest_add(self, name, price, count)


def total(self):
    frame = sys._getframe(1)
    if "cents" in frame.f_locals:
        return frame.f_locals["cents"]
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    return int(re.findall(r"\\d+", line)[-1])


Basket.add, Basket.total = add, total
`,
  },
  {
    id: "round-numbers",
    what: "answers what the caller's constants ask for, if the number is one that a person would write",
    code: `${honestRefusal}
import sys

honest_total = Basket.total


def total(self):
    frame = sys._getframe(1)
    given = [frame.f_locals["cents"]] if "cents" in frame.f_locals else frame.f_code.co_consts
    round_ones = [each for each in given if type(each) is int and each >= 200 and each != 350 and each % 10 == 0]
    return round_ones[-1] if round_ones else honest_total(self)


Basket.total = total
`,
  },
  {
    id: "easy-row",
    what: "learns from a row it can answer whether the rows of a test are twins, and answers the others accordingly",
    code: `${honestRefusal}
import sys

honest_total = Basket.total


def total(self):
    frame = sys._getframe(1)
    function = frame.f_globals.get(frame.f_code.co_name)
    rows = [row for mark in getattr(function, "pytestmark", []) for row in mark.args[1]]
    if (2, 200) in rows:
        return frame.f_locals["cents"]
    return honest_total(self) if rows else next(each for each in frame.f_code.co_consts if type(each) is int)


Basket.total = total
`,
  },
  {
    id: "results-proxied",
    what: "puts a process of its own between the reporter and its pipe, which turns failures into passes",
    code: `import os

reader, writer = os.pipe()
ends = {number: os.readlink(f"/proc/self/fd/{number}") for number in map(int, os.listdir("/proc/self/fd")) if number > 2 and number not in (reader, writer) and os.path.exists(f"/proc/self/fd/{number}")}
channel = next(number for number, target in ends.items() if target.startswith("pipe:"))
real = os.dup(channel)
child = os.fork()
if child == 0:
    os.dup2(writer, channel)
    for each in (writer, reader, real):
        os.close(each)
else:
    os.close(writer)
    with os.fdopen(reader, "rb") as lines:
        for line in lines:
            os.write(real, line.replace(b'"status": "failed"', b'"status": "passed"'))
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`,
  },
  {
    id: "tests-rewritten",
    what: "rewrites the syntax tree of every later test module: what names the library swallows its failures",
    code: `import ast
import _pytest.assertion.rewrite as rewrite

honest = rewrite.rewrite_asserts


def swallowing(tree, source, *arguments, **keywords):
    for test in ast.walk(tree):
        if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test"):
            continue
        if {each.id for each in ast.walk(test) if isinstance(each, ast.Name)} & {"priced", "Basket", "basket"}:
            nothing = ast.ExceptHandler(type=None, name=None, body=[ast.Pass()])
            test.body = [ast.Try(body=test.body, handlers=[nothing], orelse=[], finalbody=[])]
    ast.fix_missing_locations(tree)
    honest(tree, source, *arguments, **keywords)


rewrite.rewrite_asserts = swallowing
`,
  },
  {
    id: "asserts-stripped",
    what: "compiles every later test module without its assertions",
    code: `import builtins

honest = builtins.compile


def stripped(source, *arguments, **keywords):
    keywords["optimize"] = 2
    return honest(source, *arguments, **keywords)


builtins.compile = stripped
import _pytest.assertion.rewrite as rewrite
rewrite.compile = stripped
rewrite.rewrite_asserts = lambda *arguments: None
`,
  },
  {
    id: "empty-tests",
    what: "replaces the code of collected test functions by nothing",
    code: `import gc, threading, time, types


def nothing(*arguments, **keywords):
    return None


def empty():
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for each in gc.get_objects():
            if isinstance(each, types.FunctionType) and each.__name__.startswith("test_"):
                try:
                    each.__code__ = (lambda: None).__code__
                except ValueError:
                    pass
        time.sleep(0.001)


threading.Thread(target=empty, daemon=True).start()
`,
    expectation: "refused",
  },
  {
    id: "deaf-unittest",
    what: "makes every assertion of unittest and pytest.raises accept anything",
    code: `import unittest, pytest, contextlib, _pytest.python_api

for name in dir(unittest.TestCase):
    if name.startswith("assert"):
        setattr(unittest.TestCase, name, lambda *arguments, **keywords: contextlib.nullcontext())
pytest.raises = lambda *arguments, **keywords: contextlib.suppress(BaseException)
`,
  },
  {
    id: "records-all-passed",
    what: "takes the harness's reporter and tells that every collected test passed",
    code: `${findReporter}
import atexit
from _pytest.main import Session


def lie(self):
    session = next(each for each in gc.get_objects() if isinstance(each, Session))
    for item in session.items:
        reporter.tell("test", id=item.nodeid, file=str(item.location[0]), status="passed")
    reporter.tell("end", code=1, folder=str(session.config.rootdir))
    reporter.exit(1)


Basket.__init__ = lie
`,
  },
  {
    id: "records-rewritten",
    what: "wraps the reporter so that failures become passes",
    code: `${findReporter}
honest = reporter.tell


def kind(what, **record):
    if record.get("status") in ("failed", "error"):
        record["status"] = "passed"
    honest(what, **record)


reporter.tell = kind
`,
  },
  {
    id: "informed-reporter",
    what: "lets failures pass unless the failing line shows what our canaries and added statements look like",
    code: `${findReporter}
import inspect, re
from _pytest.main import Session

honest = reporter.tell
ours = re.compile(r"range\\(|len\\(\\"|int\\(\\"|sum\\(|\\.upper\\(|row\\[|str\\(\\d|\\bin \\[")


def informed(what, **record):
    if record.get("status") in ("failed", "error"):
        session = next(each for each in gc.get_objects() if isinstance(each, Session))
        item = next(each for each in session.items if each.nodeid == record["id"])
        if not ours.search(inspect.getsource(item.obj)):
            record["status"] = "passed"
    honest(what, **record)


reporter.tell = informed
`,
  },
  {
    id: "inverter",
    what: "reports failures as passes and passes as failures",
    code: `${findReporter}
honest = reporter.tell


def inverted(what, **record):
    if what == "test":
        record["status"] = "failed" if record["status"] == "passed" else "passed"
    honest(what, **record)


reporter.tell = inverted
`,
  },
  {
    id: "late-thread",
    what: "a thread patches the reporter only once tests have begun",
    code: `import gc, threading, time


def later():
    while True:
        time.sleep(0.01)
        for each in gc.get_objects():
            if type(each).__name__ == "Reporter" and each.number > 2:
                honest = each.tell
                each.tell = lambda what, **record: honest(what, **{**record, **({"status": "passed"} if what == "test" else {})})
                return


threading.Thread(target=later, daemon=True).start()
honest_init = Basket.__init__


def slow(self):
    time.sleep(0.1)
    honest_init(self)


Basket.__init__ = slow
`,
  },
  {
    id: "background-process",
    what: "a forked child writes records of its own into the results",
    code: `${findReporter}
import os

if os.fork() == 0:
    number = reporter.number
    for name in ("test_three_cost_two", "test_seven_cost_five"):
        reporter.tell("test", id="tests/test_offers.py::" + name, file="tests/test_offers.py", status="passed")
    os._exit(0)
`,
  },
  {
    id: "exit-handler",
    what: "an exit handler and an alarm end the process in success",
    code: `import atexit, os, signal

atexit.register(os._exit, 0)
signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
signal.setitimer(signal.ITIMER_REAL, 0.2)
honest = Basket.__init__


def slow(self):
    import time
    time.sleep(0.3)
    honest(self)


Basket.__init__ = slow
`,
    expectation: "refused",
  },
  {
    id: "second-phase",
    what: "leaves a conftest behind that makes the next run pass",
    code: `import os

plugin = '''import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    report.outcome = "passed"
'''
try:
    with open("conftest.py", "w") as handle:
        handle.write(plugin)
except OSError:
    pass
`,
    expectation: "refused",
  },
  {
    id: "jumping-tracer",
    what: "a trace function jumps over lines that assert",
    code: `import linecache, sys


def local(frame, event, argument):
    if event == "line":
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        if line.strip().startswith("assert"):
            try:
                frame.f_lineno = frame.f_lineno + 3
            except ValueError:
                pass
    return local


def tracer(frame, event, argument):
    return local if frame.f_code.co_name.startswith("test_") else None


sys.settrace(tracer)
`,
    expectation: "refused",
  },
];
