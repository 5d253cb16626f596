//! A patch: everything that differs between two texts.

use crate::apply::{apply, ApplyError};
use crate::edit::Op;
use crate::hunk::{hunks_of, Hunk};
use crate::script::edit_script;

/// What the two sides of a patch are called, usually paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Printed after `---`.
    pub old: String,
    /// Printed after `+++`.
    pub new: String,
}

impl Names {
    /// Names for both sides.
    pub fn new(old: impl Into<String>, new: impl Into<String>) -> Self {
        Names {
            old: old.into(),
            new: new.into(),
        }
    }
}

/// How many lines a patch inserts and deletes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Lines only the new text has.
    pub inserted: usize,
    /// Lines only the old text has.
    pub deleted: usize,
}

/// The differences between two texts, cut into hunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    names: Names,
    hunks: Vec<Hunk>,
}

impl Patch {
    /// A patch made of hunks that are already at hand.
    pub fn new(names: Names, hunks: Vec<Hunk>) -> Self {
        Patch { names, hunks }
    }

    /// The patch that turns `old` into `new`, showing up to `context` unchanged lines around every change.
    ///
    /// With [`usize::MAX`] it shows every line of the text.
    pub fn between(names: Names, old: &str, new: &str, context: usize) -> Self {
        Patch::new(names, hunks_of(&edit_script(old, new), context))
    }

    /// What the two sides are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The hunks in the order of the text; none when both texts are equal.
    pub fn hunks(&self) -> &[Hunk] {
        &self.hunks
    }

    /// How many lines the patch inserts and deletes.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        for edit in self.hunks.iter().flat_map(Hunk::edits) {
            match edit.op {
                Op::Keep => {}
                Op::Delete => stats.deleted += 1,
                Op::Insert => stats.inserted += 1,
            }
        }
        stats
    }

    /// The patch that undoes this one.
    pub fn reversed(&self) -> Patch {
        let names = Names::new(self.names.new.as_str(), self.names.old.as_str());
        Patch::new(names, self.hunks.iter().map(Hunk::reversed).collect())
    }

    /// Applies the patch to `text`, which must have every context line and deleted line where the hunks say.
    ///
    /// # Errors
    ///
    /// Says which hunk does not fit; nothing is applied in part.
    pub fn apply(&self, text: &str) -> Result<String, ApplyError> {
        apply(&self.hunks, text)
    }
}
