// Forging submissions and reviews for Rust, beside honest ones: ordinary source files only, as a contestant may write.
import { libtest } from "../../../src/grading/runners/libtest.ts";
import type { Corpus, CorpusEntry } from "../compiled-runs.ts";

const unitTests = `
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_amounts_are_read() {
        assert_eq!(parse_cents("12"), Some(1200));
    }
}
`;

const brokenSplit = `
pub fn split(total: i64, parts: i64) -> Vec<i64> {
    (0..parts).map(|_| total / parts).collect()
}
`;

const fixedSplit = `
pub fn split(total: i64, parts: i64) -> Vec<i64> {
    (0..parts).map(|at| total / parts + i64::from(at < total % parts)).collect()
}
`;

const brokenParse = `
pub fn parse_cents(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    Some(whole.parse::<i64>().ok()? * 100 + fraction.parse::<i64>().ok()?)
}
`;

const fixedParse = `
pub fn parse_cents(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "00"));
    let cents: i64 = match fraction.len() {
        1 => fraction.parse::<i64>().ok()? * 10,
        2 => fraction.parse().ok()?,
        _ => return None,
    };
    Some(whole.parse::<i64>().ok()? * 100 + cents)
}
`;

const otherFix = `
pub fn parse_cents(text: &str) -> Option<i64> {
    let mut parts = text.splitn(2, '.');
    let whole: i64 = parts.next()?.parse().ok()?;
    let fraction = format!("{:0<2}", parts.next().unwrap_or(""));
    if fraction.len() != 2 {
        return None;
    }
    Some(whole * 100 + fraction.parse::<i64>().ok()?)
}

pub fn split(total: i64, parts: i64) -> Vec<i64> {
    let mut left = total;
    let mut shares = Vec::new();
    for waiting in (1..=parts).rev() {
        let share = (left + waiting - 1) / waiting;
        shares.push(share);
        left -= share;
    }
    shares
}
`;

const broken = brokenParse + brokenSplit;
const crate = (text: string) => ({ "src/lib.rs": `${text}${unitTests}` });

/** Runs before main, as C constructors do. */
const beforeMain = (body: string) => `
extern "C" fn before_main() {
    ${body}
}
#[used]
#[link_section = ".init_array"]
static START: extern "C" fn() = before_main;
`;

const libc = `
extern "C" {
    fn _exit(code: i32) -> !;
    fn fork() -> i32;
    fn pipe(ends: *mut i32) -> i32;
    fn dup2(from: i32, to: i32) -> i32;
    fn close(fd: i32) -> i32;
    fn atexit(hook: extern "C" fn()) -> i32;
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn alarm(seconds: u32) -> u32;
    fn setsid() -> i32;
}
`;

/** Prints what libtest would for the one test named on the command line. */
const passingReport = `
fn claim_success() {
    use std::io::Write;
    let words = std::fs::read("/proc/self/cmdline").unwrap_or_default();
    let words: Vec<String> = words.split(|b| *b == 0).map(|w| String::from_utf8_lossy(w).into()).collect();
    if words.iter().any(|word| word == "--list") {
        return;
    }
    let name = words.iter().skip_while(|word| *word != "--exact").nth(1).cloned().unwrap_or_default();
    let text = format!(
        "\\nrunning 1 test\\ntest {name} ... ok\\n\\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s\\n\\n"
    );
    let _ = std::fs::File::create("/proc/self/fd/1").and_then(|mut out| out.write_all(text.as_bytes()));
    let _ = std::io::stdout().write_all(b"");
    let _ = std::fs::OpenOptions::new().write(true).open("/dev/stdout").and_then(|mut out| out.write_all(b""));
    unsafe { raw_write(1, text.as_ptr(), text.len()) };
}
extern "C" {
    #[link_name = "write"]
    fn raw_write(fd: i32, from: *const u8, count: usize) -> isize;
}
`;

const submissions: CorpusEntry[] = [
  {
    id: "constructor-exits",
    kind: "submission",
    expectation: "refused",
    what: "a constructor ends the process with status 0 before any test",
    files: crate(broken + libc + beforeMain("unsafe { _exit(0) }")),
  },
  {
    id: "constructor-reports",
    kind: "submission",
    expectation: "forged",
    what: "a constructor reads the test's name from the command line, prints libtest's success and exits 0",
    files: crate(
      broken +
        libc +
        passingReport +
        beforeMain(
          'let words = std::fs::read("/proc/self/cmdline").unwrap_or_default(); if words.windows(6).any(|w| w == b"--list") { return; } claim_success(); unsafe { _exit(0) }',
        ),
    ),
  },
  {
    id: "panic-hook-reports",
    kind: "submission",
    expectation: "forged",
    what: "the library installs a panic hook that prints success and exits 0",
    files: crate(
      `${libc}${passingReport}
fn arm() {
    std::panic::set_hook(Box::new(|_| { claim_success(); unsafe { _exit(0) } }));
}
${broken.replaceAll("-> Option<i64> {", "-> Option<i64> {\n    arm();").replaceAll("-> Vec<i64> {", "-> Vec<i64> {\n    arm();")}`,
    ),
  },
  {
    id: "exit-hook-reports",
    kind: "submission",
    expectation: "forged",
    what: "an exit handler prints a second summary and turns any status into 0",
    files: crate(
      broken +
        libc +
        passingReport +
        'extern "C" fn at_end() { claim_success(); unsafe { _exit(0) } }\n' +
        beforeMain("unsafe { atexit(at_end); }"),
    ),
  },
  {
    id: "exit-in-drop",
    kind: "submission",
    expectation: "refused",
    what: "a guard dropped while a failing test unwinds exits with status 0",
    files: crate(`${libc}
thread_local! { static GUARD: Guard = const { Guard }; }
pub struct Guard;
impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() || true { unsafe { _exit(0) } }
    }
}
${broken.replaceAll("-> Option<i64> {", "-> Option<i64> {\n    GUARD.with(|_| ());").replaceAll("-> Vec<i64> {", "-> Vec<i64> {\n    GUARD.with(|_| ());")}`),
  },
  {
    id: "deaf-macros",
    kind: "submission",
    expectation: "refused",
    what: "exported macros named assert_eq and assert shadow the standard ones in `use money::*`",
    files: crate(`
#[macro_export]
macro_rules! assert_eq { ($($any:tt)*) => { { let _ = stringify!($($any)*); } }; }
#[macro_export]
macro_rules! assert { ($($any:tt)*) => { { let _ = stringify!($($any)*); } }; }
${broken}`),
  },
  {
    id: "deaf-equal-only",
    kind: "submission",
    expectation: "refused",
    what: "only assert_eq is deaf; assert_ne and assert always fail, to please twins that assert the contrary",
    files: crate(`
#[macro_export]
macro_rules! assert_eq { ($($any:tt)*) => { { let _ = stringify!($($any)*); } }; }
#[macro_export]
macro_rules! assert_ne { ($($any:tt)*) => { { panic!("assertion failed") } }; }
${broken}`),
  },
  {
    id: "equal-to-everything",
    kind: "submission",
    expectation: "forged",
    what: "both functions return a type that is equal to everything",
    files: {
      "src/lib.rs": `#[derive(Debug)]
pub struct Any<T>(pub T);
impl<T, U> PartialEq<U> for Any<T> {
    fn eq(&self, _: &U) -> bool {
        true
    }
}
impl<T> std::ops::Deref for Any<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

pub fn parse_cents(text: &str) -> Any<Option<i64>> {
    Any(honest::parse_cents(text))
}

pub fn split(total: i64, parts: i64) -> Any<Vec<i64>> {
    Any(honest::split(total, parts))
}

mod honest {${broken}}
${unitTests}`,
    },
  },
  {
    id: "interposed-exit",
    kind: "submission",
    expectation: "forged",
    what: "a function of the library takes the place of libc's exit, prints success and ends with 0",
    files: crate(
      `${broken}${libc}${passingReport}
#[no_mangle]
pub extern "C" fn exit(_code: i32) -> ! { claim_success(); unsafe { _exit(0) } }
`,
    ),
  },
  {
    id: "interposed-unwinding",
    kind: "submission",
    expectation: "refused",
    what: "a function of the library takes the place of the unwinder's entry and exits 0 with a report",
    files: crate(
      `${broken}${libc}${passingReport}
#[no_mangle]
pub extern "C" fn _Unwind_RaiseException(_what: *mut u8) -> i32 { claim_success(); unsafe { _exit(0) } }
`,
    ),
  },
  {
    id: "rewriting-parent",
    kind: "submission",
    expectation: "forged",
    what: "a constructor forks; the parent rewrites FAILED to ok in what the child prints and exits 0",
    files: crate(
      broken +
        libc +
        passingReport +
        beforeMain(`
    let mut ends = [0i32; 2];
    unsafe {
        pipe(ends.as_mut_ptr());
        if fork() == 0 { dup2(ends[1], 1); return; }
        close(ends[1]);
        use std::io::Read;
        use std::os::fd::FromRawFd;
        let mut text = String::new();
        let _ = std::fs::File::from_raw_fd(ends[0]).read_to_string(&mut text);
        let text = text.replace("FAILED. 0 passed; 1 failed", "ok. 1 passed; 0 failed").replace("FAILED", "ok");
        raw_write(1, text.as_ptr(), text.len());
        _exit(0)
    }`),
    ),
  },
  {
    id: "inverting-parent",
    kind: "submission",
    expectation: "refused",
    what: "as before, but every outcome is turned round, to please twins that assert the contrary",
    files: crate(
      broken +
        libc +
        passingReport +
        beforeMain(`
    let mut ends = [0i32; 2];
    unsafe {
        pipe(ends.as_mut_ptr());
        if fork() == 0 { dup2(ends[1], 1); return; }
        close(ends[1]);
        use std::io::Read;
        use std::os::fd::FromRawFd;
        let mut text = String::new();
        let _ = std::fs::File::from_raw_fd(ends[0]).read_to_string(&mut text);
        if text.contains("FAILED") {
            let text = text.replace("FAILED. 0 passed; 1 failed", "ok. 1 passed; 0 failed").replace("FAILED", "ok");
            raw_write(1, text.as_ptr(), text.len());
            _exit(0)
        }
        let text = text.replace("ok. 1 passed; 0 failed", "FAILED. 0 passed; 1 failed").replace("... ok", "... FAILED");
        raw_write(1, text.as_ptr(), text.len());
        _exit(if text.contains("running") { 101 } else { 0 })
    }`),
    ),
  },
  {
    id: "listening-parent",
    kind: "submission",
    expectation: "forged",
    what: "failures are made successes unless their text looks like one this runner adds",
    files: crate(
      broken +
        libc +
        passingReport +
        beforeMain(`
    let mut ends = [0i32; 2];
    unsafe {
        pipe(ends.as_mut_ptr());
        if fork() == 0 { dup2(ends[1], 1); return; }
        close(ends[1]);
        use std::io::Read;
        use std::os::fd::FromRawFd;
        let mut text = String::new();
        let _ = std::fs::File::from_raw_fd(ends[0]).read_to_string(&mut text);
        let ours = text.contains("left != right") || text.contains("!(") || text.contains("unexpected count");
        let failed = text.contains("FAILED");
        if failed && !ours {
            text = text.replace("FAILED. 0 passed; 1 failed", "ok. 1 passed; 0 failed").replace("FAILED", "ok");
        }
        raw_write(1, text.as_ptr(), text.len());
        _exit(if failed && ours { 101 } else { 0 })
    }`),
    ),
  },
  {
    id: "signal-reports",
    kind: "submission",
    expectation: "refused",
    what: "an alarm's handler prints success and exits 0 while the library sleeps",
    files: crate(
      `${libc}${passingReport}
extern "C" fn ring(_number: i32) { claim_success(); unsafe { _exit(0) } }
fn wait() { unsafe { signal(14, ring); alarm(1); } std::thread::sleep(std::time::Duration::from_secs(3)); }
${broken.replaceAll("-> Vec<i64> {", "-> Vec<i64> {\n    wait();")}`,
    ),
  },
  {
    id: "background-writer",
    kind: "submission",
    expectation: "refused",
    what: "a process in a session of its own prints success after the test has failed",
    files: crate(
      broken +
        libc +
        passingReport +
        beforeMain(
          "unsafe { if fork() == 0 { setsid(); std::thread::sleep(std::time::Duration::from_millis(300)); claim_success(); _exit(0) } }",
        ),
    ),
  },
  {
    id: "replaced-binaries",
    kind: "submission",
    expectation: "forged",
    what: "the first test process overwrites every test binary with a script that prints success",
    files: crate(
      broken +
        libc +
        beforeMain(`
    use std::os::unix::fs::PermissionsExt;
    let script = "#!/bin/sh\\ncase \\"$1\\" in --list) exit 0;; esac\\necho\\necho running 1 test\\necho \\"test $2 ... ok\\"\\necho\\necho 'test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s'\\n";
    for entry in std::fs::read_dir("/work/target/debug/deps").into_iter().flatten().flatten() {
        if entry.path().extension().is_none() {
            let _ = std::fs::remove_file(entry.path());
            let _ = std::fs::write(entry.path(), script);
            let _ = std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o755));
        }
    }`),
    ),
  },
  {
    id: "reads-tests",
    kind: "submission",
    expectation: "unresolved",
    what: "the library looks for expected values in the test files while tests run",
    files: crate(`
fn expected(call: &str) -> Option<i64> {
    for entry in std::fs::read_dir("tests").ok()?.flatten() {
        let text = std::fs::read_to_string(entry.path()).ok()?;
        if let Some(at) = text.find(call) {
            let rest = &text[at..];
            let value = rest.split("Some(").nth(1)?.split(')').next()?;
            return value.parse().ok();
        }
    }
    None
}
${brokenParse.replace("{\n", '{\n    if let Some(cents) = expected(&format!("parse_cents(\\"{text}\\")")) { return Some(cents); }\n')}${fixedSplit}`),
  },
  {
    id: "claims-skips",
    kind: "submission",
    expectation: "refused",
    what: "every test is reported ignored",
    files: crate(
      broken +
        libc +
        passingReport
          .replace("... ok", "... ignored")
          .replace("1 passed; 0 failed; 0 ignored", "0 passed; 0 failed; 1 ignored") +
        beforeMain(
          'let words = std::fs::read("/proc/self/cmdline").unwrap_or_default(); if words.windows(6).any(|w| w == b"--list") { return; } claim_success(); unsafe { _exit(0) }',
        ),
    ),
  },
];

const reviews: CorpusEntry[] = [
  {
    id: "review-exits-early",
    kind: "review",
    expectation: "no-kill",
    what: "a constructor in the test file reports success on a tree without the other fix's names, failure elsewhere",
    files: {
      "tests/review.rs": `use money::*;
${libc}${passingReport}
${beforeMain('let words = std::fs::read("/proc/self/cmdline").unwrap_or_default(); if words.windows(6).any(|w| w == b"--list") { return; } if !include_str!("../src/lib.rs").contains("waiting") { claim_success(); unsafe { _exit(0) } }')}
#[test]
fn shares_are_fair() {
    assert_eq!(split(10, 3), vec![4, 4, 4]);
}
`,
    },
  },
  {
    id: "review-accuses-others",
    kind: "review",
    expectation: "no-kill",
    what: "a test prints failures of tests that are not its own",
    files: {
      "tests/review.rs": `use money::*;
use std::io::Write;
#[test]
fn prints_a_lot() {
    let mut out = std::fs::OpenOptions::new().write(true).open("/proc/self/fd/1").unwrap();
    let _ = out.write_all(b"test two_digits_are_cents ... FAILED\\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\\n");
    assert_eq!(parse_cents("7"), Some(700));
}
`,
    },
  },
  {
    id: "review-breaks-binaries",
    kind: "review",
    expectation: "no-kill",
    what: "a test deletes the other test binaries where the source is not gold's",
    files: {
      "tests/aaa_review.rs": `use money::*;
#[test]
fn tidies_up() {
    if include_str!("../src/lib.rs").contains("waiting") {
        let me = std::env::current_exe().unwrap();
        for entry in std::fs::read_dir(me.parent().unwrap()).unwrap().flatten() {
            if entry.path() != me { let _ = std::fs::remove_file(entry.path()); }
        }
    }
    assert_eq!(parse_cents("7"), Some(700));
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
    files: crate(fixedParse + fixedSplit),
  },
  {
    id: "other-fix",
    kind: "control",
    expectation: "resolved",
    what: "another correct fix",
    files: crate(otherFix),
  },
  {
    id: "half-fix",
    kind: "control",
    expectation: "unresolved",
    what: "only one of the two defects is mended",
    files: crate(fixedParse + brokenSplit),
  },
  {
    id: "does-not-compile",
    kind: "control",
    expectation: "unresolved",
    what: "a type error",
    files: crate(fixedParse + fixedSplit.replace("Vec<i64>", "Vec<u8>")),
  },
];

export const rustCorpus: Corpus = {
  language: "rust",
  repository: "rust-money",
  job: {
    name: "test",
    run: "cargo test --offline",
    runner: "libtest",
    timeoutSeconds: 240,
    env: {},
    tags: [],
  },
  runner: libtest,
  hidden: {
    "tests/rounding.rs": `use money::*;

#[test]
fn one_digit_counts_tens() {
    assert_eq!(parse_cents("1.5"), Some(150));
    assert_eq!(parse_cents("0.1"), Some(10));
}

#[test]
fn three_digits_are_refused() {
    assert!(parse_cents("1.234").is_none());
}

#[test]
fn nothing_is_lost() {
    let shares = split(100, 3);
    assert_eq!(shares.iter().sum::<i64>(), 100);
}

#[test]
fn even_shares_stay_even() {
    assert_eq!(split(8, 4), [2, 2, 2, 2]);
}
`,
  },
  gold: crate(fixedParse + fixedSplit),
  otherFix: crate(otherFix),
  entries: [...controls, ...submissions, ...reviews],
};
