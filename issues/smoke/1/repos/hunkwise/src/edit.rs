//! One line of a comparison and what happens to it.

/// What happens to a line on the way from the old text to the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The line is in both texts.
    Keep,
    /// The line is only in the old text.
    Delete,
    /// The line is only in the new text.
    Insert,
}

impl Op {
    /// Whether the line is part of the old text.
    pub fn in_old(self) -> bool {
        self != Op::Insert
    }

    /// Whether the line is part of the new text.
    pub fn in_new(self) -> bool {
        self != Op::Delete
    }

    /// The same step seen from the new text's side.
    pub fn reversed(self) -> Op {
        match self {
            Op::Keep => Op::Keep,
            Op::Delete => Op::Insert,
            Op::Insert => Op::Delete,
        }
    }
}

/// A line together with what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What happens to the line.
    pub op: Op,
    /// The line with its line feed; only the last line of a text may lack one.
    pub line: String,
}

impl Edit {
    /// An edit of `line`, which carries its own line feed.
    pub fn new(op: Op, line: impl Into<String>) -> Self {
        let line = line.into();
        Edit { op, line }
    }

    /// Whether the line is deleted or inserted rather than kept.
    pub fn is_change(&self) -> bool {
        self.op != Op::Keep
    }
}

/// The lines of a text, each with its line feed, so that a missing last one is a difference like any other.
pub(crate) fn lines_of(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_line_feeds() {
        assert_eq!(lines_of("a\n\nb"), ["a\n", "\n", "b"]);
        assert_eq!(lines_of("a\n"), ["a\n"]);
        assert!(lines_of("").is_empty());
    }

    #[test]
    fn reversing_twice_changes_nothing() {
        for op in [Op::Keep, Op::Delete, Op::Insert] {
            assert_eq!(op.reversed().reversed(), op);
            assert_eq!(op.reversed().in_old(), op.in_new());
        }
    }
}
