//! Making patches from two texts.

use hunkwise::{Names, Patch, Stats, DEFAULT_CONTEXT};

fn between(old: &str, new: &str, context: usize) -> Patch {
    Patch::between(Names::new("old", "new"), old, new, context)
}

/// The numbers from one to `count`, a line each.
fn numbered(count: usize) -> String {
    (1..=count).map(|number| format!("{number}\n")).collect()
}

#[test]
fn equal_texts_print_nothing() {
    let patch = between("a\nb\n", "a\nb\n", DEFAULT_CONTEXT);
    assert!(patch.hunks().is_empty());
    assert_eq!(patch.to_string(), "");
}

#[test]
fn one_change_gets_context_on_both_sides() {
    let old = numbered(20);
    let new = old.replace("10\n", "ten\n");
    assert_eq!(
        between(&old, &new, DEFAULT_CONTEXT).to_string(),
        "--- old\n+++ new\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n"
    );
}

#[test]
fn distant_changes_get_hunks_of_their_own() {
    let old = numbered(30);
    let new = old.replace("5\n6\n", "").replace("28\n", "28\n28.5\n");
    assert_eq!(
        between(&old, &new, 1).to_string(),
        "--- old\n+++ new\n@@ -4,4 +4,2 @@\n 4\n-5\n-6\n 7\n@@ -28,2 +26,3 @@\n 28\n+28.5\n 29\n"
    );
}

#[test]
fn no_context_leaves_only_changes() {
    let old = numbered(6);
    let new = old.replace("3\n", "");
    assert_eq!(
        between(&old, &new, 0).to_string(),
        "--- old\n+++ new\n@@ -3 +2,0 @@\n-3\n"
    );
}

#[test]
fn unlimited_context_shows_the_whole_text() {
    let old = numbered(12);
    let new = old.replace("2\n3\n", "");
    let patch = between(&old, &new, usize::MAX);
    assert_eq!(patch.hunks().len(), 1);
    assert_eq!(patch.hunks()[0].old_lines(), 0..12);
    assert_eq!(patch.hunks()[0].new_lines(), 0..10);
}

#[test]
fn a_new_file_starts_at_line_zero() {
    assert_eq!(
        between("", "a\nb\n", DEFAULT_CONTEXT).to_string(),
        "--- old\n+++ new\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    );
}

#[test]
fn a_missing_line_feed_is_shown() {
    assert_eq!(
        between("a\nb", "a\nb\n", DEFAULT_CONTEXT).to_string(),
        "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"
    );
}

#[test]
fn stats_count_changed_lines() {
    let patch = between("a\nb\nc\n", "a\nx\ny\nc\n", DEFAULT_CONTEXT);
    let expected = Stats {
        inserted: 2,
        deleted: 1,
    };
    assert_eq!(patch.stats(), expected);
}
