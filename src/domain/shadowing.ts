// New files that would be taken in the place of the test runner, the standard library or a test's own header.
import type { Language } from "./instance.ts";
import { isTestPath } from "./paths.ts";

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

/** The runners' own modules and those they import: whatever stands first on the import path is taken. */
const pythonModules = words(`
  __future__ _pytest abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit attr attrs
  audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop
  collections colorama colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg
  coverage crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings
  ensurepip enum errno exceptiongroup execnet faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib
  functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http hypothesis
  idlelib imaplib imghdr imp importlib iniconfig inspect io ipaddress itertools json keyword lib2to3 linecache locale
  logging lzma mailbox mailcap marshal math mimetypes mmap mock modulefinder msilib multiprocessing netrc nis nntplib
  ntpath nturl2path numbers opcode operator optparse os ossaudiodev packaging parser pathlib pdb pickle pickletools
  pipes pkg_resources pkgutil platform plistlib pluggy poplib posix posixpath pprint profile pstats pty pwd py
  py_compile pyclbr pydoc pyexpat pygments pytest pytest_asyncio pytest_cov pytest_mock queue quopri random re
  readline reprlib resource rlcompleter runpy sched secrets select selectors setuptools shelve shlex shutil signal
  site six smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat
  statistics string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib
  tempfile termios textwrap this threading time timeit tkinter token tokenize tomli tomllib trace traceback
  tracemalloc tty turtle types typing typing_extensions unicodedata unittest urllib uu uuid venv warnings wave weakref
  webbrowser wsgiref xdist xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`);

const cppHeaders = words(`
  algorithm any array assert.h atomic bit bitset cassert cctype cerrno cfloat charconv chrono cinttypes climits clocale
  cmath codecvt compare complex complex.h concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
  cstdio cstdlib cstring ctime ctype.h cuchar cwchar cwctype deque errno.h exception execution expected fenv.h
  filesystem float.h format forward_list fstream functional future initializer_list inttypes.h iomanip ios iosfwd
  iostream istream iterator limits limits.h list locale locale.h map math.h memory memory_resource mutex new numbers
  numeric optional ostream print queue random ranges ratio regex scoped_allocator semaphore set setjmp.h
  shared_mutex signal.h source_location span spanstream sstream stack stdarg.h stdbool.h stddef.h stdexcept stdint.h
  stdio.h stdlib.h stop_token streambuf string string.h string_view strings.h syncstream system_error thread threads.h
  time.h tuple type_traits typeindex typeinfo uchar.h unistd.h unordered_map unordered_set utility valarray variant
  vector version wchar.h wctype.h
`);

const frameworkHeader =
  /(^|\/)(gtest|gmock|catch2|boost\/test|cppunit|CppUTest|boost\/ut)\/|(^|\/)(gtest|gmock|doctest|catch|catch_all|catch_amalgamated|catch_test_macros|ut)\.(h|hpp)$/;

const pythonRoots = ["", "src/", "lib/", "python/"];
const cppRoots = ["", "src", "include", "inc", "lib"];

/** The module a path would be imported as: from an import root, or from the folder of its tests. */
function pythonModule(path: string): { readonly prefix: string; readonly name: string } | undefined {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const roots = isTestPath(`${folder}x`, "python") ? [...pythonRoots, folder] : pythonRoots;
  for (const root of roots.filter((each) => path.startsWith(each))) {
    const [first = "", ...rest] = path.slice(root.length).split("/");
    const name = rest.length === 0 ? /^(\w+)(\.[\w-]+)*\.(py|pyi|so|pyd|pyc)$/.exec(first)?.[1] : first;
    if (name !== undefined && pythonModules.has(name)) return { prefix: root + name, name };
  }
  return undefined;
}

function shadowedModule(path: string, basePaths: Iterable<string>): string | undefined {
  const found = pythonModule(path);
  if (found === undefined) return undefined;
  // A repository that is itself one of these packages has it at base: then it is the product.
  for (const known of basePaths) {
    const isModule = known === `${found.prefix}.py`;
    if (isModule || (known.startsWith(`${found.prefix}/`) && known.endsWith(".py"))) return undefined;
  }
  return found.name;
}

function shadowedHeader(path: string, basePaths: ReadonlySet<string>): string | undefined {
  if (basePaths.has(path)) return undefined;
  if (frameworkHeader.test(path)) return path;
  const cut = path.lastIndexOf("/");
  const name = path.slice(cut + 1);
  if (cppHeaders.has(name) && cppRoots.includes(path.slice(0, Math.max(0, cut)))) return name;
  if (!/\.(h|hh|hpp|hxx)$/.test(name)) return undefined;
  for (const known of basePaths) {
    if (known.endsWith(`/${name}`) && isTestPath(known, "cpp") && !isTestPath(path, "cpp")) return known;
  }
  return undefined;
}

/** The runner's module, system header or test header that a file at `path` would be taken for, or undefined. */
export function shadowed(
  path: string,
  language: Language,
  basePaths: ReadonlySet<string>,
): string | undefined {
  if (language === "python") return shadowedModule(path, basePaths);
  return language === "cpp" ? shadowedHeader(path, basePaths) : undefined;
}
