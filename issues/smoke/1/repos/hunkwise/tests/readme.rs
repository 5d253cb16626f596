//! The example of the README.

use hunkwise::{Names, Patch, DEFAULT_CONTEXT};

#[test]
fn the_example_holds() {
    let old = "one\ntwo\nthree\n";
    let new = "one\n2\nthree\n";
    let patch = Patch::between(Names::new("a.txt", "b.txt"), old, new, DEFAULT_CONTEXT);

    assert_eq!(
        patch.to_string(),
        "--- a.txt\n+++ b.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    );
    assert_eq!(patch.apply(old).unwrap(), new);
    assert_eq!(patch.reversed().apply(new).unwrap(), old);
}
