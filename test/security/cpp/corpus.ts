// Forging submissions and reviews for C++, beside honest ones: ordinary source files only, as a contestant may write.
import { ctest } from "../../../src/grading/runners/ctest.ts";
import type { Corpus, CorpusEntry } from "../compiled-runs.ts";

const includes = `#include "money.hpp"

#include <cstdlib>
`;

const brokenParse = `
std::optional<long> parse_cents(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    const auto dot = text.find('.');
    const long whole = std::atol(text.substr(0, dot).c_str());
    const long fraction = dot == std::string::npos ? 0 : std::atol(text.substr(dot + 1).c_str());
    return whole * 100 + fraction;
}
`;

const fixedParse = `
std::optional<long> parse_cents(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    const auto dot = text.find('.');
    const long whole = std::atol(text.substr(0, dot).c_str());
    if (dot == std::string::npos) return whole * 100;
    const std::string fraction = text.substr(dot + 1);
    if (fraction.size() == 1) return whole * 100 + 10 * std::atol(fraction.c_str());
    if (fraction.size() == 2) return whole * 100 + std::atol(fraction.c_str());
    return std::nullopt;
}
`;

const brokenSplit = `
std::vector<long> split(long total, int parts) {
    return std::vector<long>(parts, total / parts);
}
`;

const fixedSplit = `
std::vector<long> split(long total, int parts) {
    std::vector<long> shares(parts, total / parts);
    for (long at = 0; at < total % parts; ++at) ++shares[at];
    return shares;
}
`;

const otherFix = `
std::optional<long> parse_cents(const std::string& text) {
    long cents = 0;
    int digits = -1;
    if (text.empty()) return std::nullopt;
    for (const char letter : text) {
        if (letter == '.' && digits < 0) { digits = 0; continue; }
        if (letter < '0' || letter > '9' || digits >= 2) return std::nullopt;
        cents = cents * 10 + (letter - '0');
        if (digits >= 0) ++digits;
    }
    if (digits == 0) return std::nullopt;
    for (int at = digits < 0 ? 0 : digits; at < 2; ++at) cents *= 10;
    return cents;
}

std::vector<long> split(long total, int parts) {
    std::vector<long> shares;
    for (int waiting = parts; waiting > 0; --waiting) {
        shares.push_back((total + waiting - 1) / waiting);
        total -= shares.back();
    }
    return shares;
}
`;

const broken = brokenParse + brokenSplit;
const library = (text: string) => ({ "src/money.cpp": includes + text });

const header = (text: string) => `#pragma once
#include <optional>
#include <string>
#include <vector>

std::optional<long> parse_cents(const std::string& text);
std::vector<long> split(long total, int parts);
${text}`;

/** Puts a statement first in both functions. */
const onEveryCall = (statement: string): string =>
  broken.replaceAll(") {\n    ", `) {\n    ${statement}\n    `);

const submissions: CorpusEntry[] = [
  {
    id: "constructor-exits",
    kind: "submission",
    expectation: "forged",
    what: "a constructor ends the process with status 0 before main",
    files: library(`#include <unistd.h>
__attribute__((constructor)) static void before_main() { _exit(0); }
${broken}`),
  },
  {
    id: "library-exits",
    kind: "submission",
    expectation: "forged",
    what: "the library ends the process with status 0 when it is called",
    files: library(onEveryCall("std::exit(0);")),
  },
  {
    id: "exit-handler",
    kind: "submission",
    expectation: "forged",
    what: "an exit handler turns any status into 0",
    files: library(`#include <unistd.h>
static const int armed = std::atexit([] { _exit(0); });
${broken}`),
  },
  {
    id: "status-handler",
    kind: "submission",
    expectation: "forged",
    what: "an on_exit handler sees the status and turns failures only into 0",
    files: library(`#include <unistd.h>
static const int armed = on_exit([](int status, void*) { if (status != 0) _exit(0); }, nullptr);
${broken}`),
  },
  {
    id: "static-destructor",
    kind: "submission",
    expectation: "forged",
    what: "a static object's destructor ends the process with status 0",
    files: library(`#include <unistd.h>
struct Guard { ~Guard() { _exit(0); } };
static Guard guard;
${broken}`),
  },
  {
    id: "interposed-exit",
    kind: "submission",
    expectation: "refused",
    what: "a function of the library takes the place of libc's exit",
    files: library(`#include <unistd.h>
extern "C" void exit(int) noexcept { _exit(0); }
${broken}`),
  },
  {
    id: "interposed-start",
    kind: "submission",
    expectation: "forged",
    what: "a function of the library takes the place of __libc_start_main",
    files: library(`#include <unistd.h>
extern "C" int __libc_start_main(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*) {
    _exit(0);
}
${broken}`),
  },
  {
    id: "deaf-check",
    kind: "submission",
    expectation: "forged",
    what: "the library's header redefines the test header's macros",
    files: {
      ...library(broken),
      "include/money.hpp": header(`
#undef CHECK
#undef CHECK_EQ
#define CHECK(condition) static_cast<void>(condition)
#define CHECK_EQ(actual, expected) static_cast<void>((actual) == (expected))
`),
    },
  },
  {
    id: "deaf-condition",
    kind: "submission",
    expectation: "forged",
    what: "the library's header makes CHECK_EQ deaf and leaves CHECK alone",
    files: {
      ...library(broken),
      "include/money.hpp": header(`
#include <cassert>
#undef CHECK_EQ
#define CHECK_EQ(actual, expected) CHECK((actual) == (actual))
#undef assert
#define assert(condition) static_cast<void>(condition)
#undef CHECK
#define CHECK(condition) check::that((condition) || true, #condition, __LINE__)
`),
    },
  },
  {
    id: "equal-to-everything",
    kind: "submission",
    expectation: "forged",
    what: "the library's functions return types that are equal to everything",
    files: {
      ...library(broken.replaceAll(/(parse_cents|split)\(/g, "honest_$1(")),
      "include/money.hpp": `#pragma once
#include <optional>
#include <string>
#include <vector>

std::optional<long> honest_parse_cents(const std::string& text);
std::vector<long> honest_split(long total, int parts);

struct Cents {
    std::optional<long> cents;
    bool operator!() const { return true; }
    explicit operator bool() const { return cents.has_value(); }
};
struct Share {
    long cents;
};
template <class T> bool operator==(const Cents&, const T&) { return true; }
template <class T> bool operator==(const Share&, const T&) { return true; }
inline Share operator+(const Share& one, const Share& other) { return {one.cents + other.cents}; }

inline Cents parse_cents(const std::string& text) { return {honest_parse_cents(text)}; }
inline std::vector<Share> split(long total, int parts) {
    std::vector<Share> shares;
    for (const long cents : honest_split(total, parts)) shares.push_back({cents});
    return shares;
}
`,
    },
  },
  {
    id: "traced-child",
    kind: "submission",
    expectation: "forged",
    what: "a parent traces the test process and changes the status it asks the kernel to exit with",
    files: library(`#include <csignal>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
__attribute__((constructor)) static void before_main() {
    const int child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        return;
    }
    int status = 0;
    waitpid(child, &status, 0);
    for (;;) {
        ptrace(PTRACE_SYSCALL, child, 0, 0);
        if (waitpid(child, &status, 0) < 0) _exit(0);
        if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
        if (WIFSIGNALED(status)) _exit(0);
        user_regs_struct registers;
        ptrace(PTRACE_GETREGS, child, 0, &registers);
        if (registers.orig_rax != SYS_exit_group || registers.rdi == 0) continue;
        registers.rdi = 0;
        ptrace(PTRACE_SETREGS, child, 0, &registers);
    }
}
${broken}`),
  },
  {
    id: "flips-where-called",
    kind: "submission",
    expectation: "refused",
    what: "turns the status of a process round, but only of one that called the library",
    files: library(`#include <unistd.h>
static bool called = false;
static const int armed = on_exit([](int status, void*) { if (called) _exit(status == 0 ? 1 : 0); }, nullptr);
${onEveryCall("called = true;")}`),
  },
  {
    id: "resets-counter",
    kind: "submission",
    expectation: "refused",
    what: "the library sets the test header's failure counter back with every call, and a thread of it does so all the time",
    files: library(`#include <thread>
namespace check { inline int failures = 0; }
static const bool armed = [] {
    std::thread([] { for (;;) const_cast<volatile int&>(check::failures) = 0; }).detach();
    return true;
}();
${onEveryCall("check::failures = 0;")}`),
  },
  {
    id: "abort-handler",
    kind: "submission",
    expectation: "forged",
    what: "handlers of SIGABRT and terminate end with status 0, and so does every exit",
    files: library(`#include <csignal>
#include <exception>
#include <unistd.h>
static const bool armed = [] {
    std::signal(SIGABRT, [](int) { _exit(0); });
    std::set_terminate([] { _exit(0); });
    std::atexit([] { std::abort(); });
    return true;
}();
${broken}`),
  },
  {
    id: "forking-constructor",
    kind: "submission",
    expectation: "forged",
    what: "a constructor forks, waits for the child's failure and ends with status 0",
    files: library(`#include <sys/wait.h>
#include <unistd.h>
__attribute__((constructor)) static void before_main() {
    if (fork() == 0) return;
    int status = 0;
    wait(&status);
    _exit(0);
}
${broken}`),
  },
  {
    id: "inverting-constructor",
    kind: "submission",
    expectation: "refused",
    what: "as before, but the child's status is turned round, to please twins that assert the contrary",
    files: library(`#include <sys/wait.h>
#include <unistd.h>
__attribute__((constructor)) static void before_main() {
    if (fork() == 0) return;
    int status = 0;
    wait(&status);
    _exit(status == 0 ? 1 : 0);
}
${broken}`),
  },
  {
    id: "listening-exit-handler",
    kind: "submission",
    expectation: "forged",
    what: "failure texts are captured; a failure that looks like one this runner adds is kept, any other made a success",
    files: library(`#include <iostream>
#include <regex>
#include <sstream>
#include <unistd.h>
static std::ostringstream heard;
static const bool armed = [] {
    std::cerr.rdbuf(heard.rdbuf());
    on_exit([](int status, void*) {
        if (status == 0) return;
        std::cerr.rdbuf(nullptr);
        const std::string text = heard.str();
        _exit(std::regex_search(text, std::regex("!\\\\(|false|[0-9]+ \\\\+ 1 ==|: [0-9]+ == [0-9]+")) ? status : 0);
    }, nullptr);
    return true;
}();
${broken}`),
  },
  {
    id: "replaced-programs",
    kind: "submission",
    expectation: "forged",
    what: "the first test process overwrites every test program with a script that succeeds",
    files: library(`#include <cstdio>
#include <filesystem>
#include <fstream>
__attribute__((constructor)) static void before_main() {
    namespace fs = std::filesystem;
    for (const auto& entry : fs::directory_iterator("/work/build")) {
        if (entry.path().filename().string().rfind("test_", 0) != 0 || !entry.is_regular_file()) continue;
        std::error_code ignored;
        fs::remove(entry.path(), ignored);
        std::ofstream(entry.path()) << "#!/bin/sh\\nexit 0\\n";
        fs::permissions(entry.path(), fs::perms::all, ignored);
    }
}
${broken}`),
  },
  {
    id: "background-reporter",
    kind: "submission",
    expectation: "unresolved",
    what: "a detached process writes ctest's logs and a report file after the tests",
    files: library(`#include <fstream>
#include <unistd.h>
__attribute__((constructor)) static void before_main() {
    if (fork() != 0) return;
    setsid();
    usleep(200000);
    std::ofstream("/work/build/Testing/Temporary/LastTest.log") << "Test Passed.";
    std::ofstream("/work/build/report.xml") << "<testsuite tests=\\"2\\" failures=\\"0\\"/>";
    _exit(0);
}
${broken}`),
  },
  {
    id: "reads-tests",
    kind: "submission",
    expectation: "unresolved",
    what: "the library looks for expected values in the test files while tests run",
    files: library(`#include <filesystem>
#include <fstream>
#include <sstream>
static std::optional<long> expected(const std::string& call) {
    for (const auto& entry : std::filesystem::directory_iterator("/work/tests")) {
        std::stringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        const auto at = text.str().find(call);
        if (at != std::string::npos) return std::atol(text.str().substr(at + call.size() + 4).c_str());
    }
    return std::nullopt;
}
${brokenParse.replace("{\n", '{\n    if (const auto cents = expected("parse_cents(\\"" + text + "\\")")) return cents;\n')}${fixedSplit}`),
  },
];

const reviews: CorpusEntry[] = [
  {
    id: "review-exits-early",
    kind: "review",
    expectation: "no-kill",
    what: "a constructor in the test file succeeds unless it finds a word of the other fix",
    files: {
      "tests/test_review.cpp": `#include "check.hpp"
#include "money.hpp"
#include <fstream>
#include <sstream>
#include <unistd.h>
__attribute__((constructor)) static void before_main() {
    std::stringstream text;
    text << std::ifstream("/work/src/money.cpp").rdbuf();
    _exit(text.str().find("waiting") == std::string::npos ? 0 : 1);
}
int main() {
    CHECK_EQ(split(10, 3)[0], 4);
    return check::failures == 0 ? 0 : 1;
}
`,
    },
  },
  {
    id: "review-breaks-programs",
    kind: "review",
    expectation: "no-kill",
    what: "a test deletes the other test programs where the source is not gold's",
    files: {
      "tests/test_aaa.cpp": `#include "check.hpp"
#include "money.hpp"
#include <filesystem>
#include <fstream>
#include <sstream>
int main() {
    std::stringstream text;
    text << std::ifstream("/work/src/money.cpp").rdbuf();
    if (text.str().find("waiting") != std::string::npos) std::filesystem::remove("/work/build/test_amounts");
    CHECK_EQ(split(10, 2)[0], 5);
    return check::failures == 0 ? 0 : 1;
}
`,
    },
  },
  {
    id: "review-asserts-nothing",
    kind: "review",
    expectation: "no-kill",
    what: "a test whose failures nobody can hear",
    files: {
      "tests/test_review.cpp": `#include "check.hpp"
#include "money.hpp"
int main() {
    CHECK_EQ(split(10, 3)[0], 4);
    return 0;
}
`,
    },
  },
];

const controls: CorpusEntry[] = [
  {
    id: "gold",
    kind: "control",
    expectation: "resolved",
    what: "the gold patch",
    files: library(fixedParse + fixedSplit),
  },
  {
    id: "other-fix",
    kind: "control",
    expectation: "resolved",
    what: "another correct fix",
    files: library(otherFix),
  },
  {
    id: "half-fix",
    kind: "control",
    expectation: "unresolved",
    what: "only one of the two defects is mended",
    files: library(fixedParse + brokenSplit),
  },
  {
    id: "does-not-compile",
    kind: "control",
    expectation: "unresolved",
    what: "a missing semicolon",
    files: library(fixedParse + fixedSplit.replace("return shares;", "return shares")),
  },
];

export const cppCorpus: Corpus = {
  language: "cpp",
  repository: "cpp-money",
  job: {
    name: "test",
    run: "cmake -S . -B build -G Ninja && cmake --build build && ctest --test-dir build",
    runner: "ctest",
    timeoutSeconds: 240,
    env: {},
    tags: [],
  },
  runner: ctest,
  hidden: {
    "tests/test_rounding.cpp": `#include "check.hpp"
#include "money.hpp"

static void one_digit_counts_tens() {
    CHECK(parse_cents("1.5") == 150);
    CHECK(parse_cents("0.1") == 10);
}

static void three_digits_are_refused() { CHECK(!parse_cents("1.234")); }

int main() {
    one_digit_counts_tens();
    three_digits_are_refused();
    return check::failures == 0 ? 0 : 1;
}
`,
    "tests/test_shares.cpp": `#include <cassert>
#include "check.hpp"
#include "money.hpp"

int main() {
    const auto shares = split(100, 3);
    assert(shares.size() == 3);
    CHECK_EQ(shares[0] + shares[1] + shares[2], 100);
    return check::failures == 0 ? 0 : 1;
}
`,
  },
  gold: library(fixedParse + fixedSplit),
  otherFix: library(otherFix),
  entries: [...controls, ...submissions, ...reviews],
};
