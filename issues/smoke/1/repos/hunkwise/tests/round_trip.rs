//! Printing, parsing, applying and undoing patches.

use hunkwise::{ApplyError, Names, ParseError, ParseErrorKind, Patch, DEFAULT_CONTEXT};

fn between(old: &str, new: &str) -> Patch {
    Patch::between(Names::new("a/file", "b/file"), old, new, DEFAULT_CONTEXT)
}

const PAIRS: [(&str, &str); 6] = [
    ("", "a\n"),
    ("a\n", ""),
    ("a\nb\nc\n", "a\nB\nc\n"),
    ("a\nb", "a\nb\n"),
    ("a\n", "a\nb\nc"),
    ("-- \n++ \n\n", "-- \n\n"),
];

#[test]
fn patches_turn_old_into_new() {
    for (old, new) in PAIRS {
        assert_eq!(between(old, new).apply(old).as_deref(), Ok(new));
    }
}

#[test]
fn reversed_patches_turn_new_into_old() {
    for (old, new) in PAIRS {
        assert_eq!(between(old, new).reversed().apply(new).as_deref(), Ok(old));
    }
}

#[test]
fn printed_patches_read_back() {
    for (old, new) in PAIRS {
        let patch = between(old, new);
        assert_eq!(patch.to_string().parse(), Ok(patch));
    }
}

#[test]
fn empty_text_is_a_patch_without_hunks() {
    assert!("".parse::<Patch>().unwrap().hunks().is_empty());
}

#[test]
fn other_texts_are_refused() {
    let patch = between("a\nb\nc\n", "a\nB\nc\n");
    let expected = ApplyError::Mismatch { hunk: 1, line: 2 };
    assert_eq!(patch.apply("a\nx\nc\n"), Err(expected));
}

#[test]
fn malformed_patches_say_where() {
    let cases = [
        ("+++ b\n", ParseErrorKind::FileHeader, 1),
        ("--- a\n@@ -1 +1 @@\n", ParseErrorKind::FileHeader, 2),
        ("--- a\n+++ b\n@@ 1 2 @@\n", ParseErrorKind::HunkHeader, 3),
        ("--- a\n+++ b\n@@ -1 +1 @@\n*x\n", ParseErrorKind::Marker, 4),
        (
            "--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\n",
            ParseErrorKind::LineCount,
            5,
        ),
        (
            "--- a\n+++ b\n@@ -1 +0,0 @@\n+x\n",
            ParseErrorKind::LineCount,
            4,
        ),
        (
            "--- a\n+++ b\n@@ -1 +1 @@\n x\n y\n",
            ParseErrorKind::HunkHeader,
            5,
        ),
    ];
    for (text, kind, line) in cases {
        assert_eq!(
            text.parse::<Patch>(),
            Err(ParseError { kind, line }),
            "{text:?}"
        );
    }
}
