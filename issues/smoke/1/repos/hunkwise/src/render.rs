//! The printed form of a patch.

use std::fmt;
use std::ops::Range;

use crate::edit::{Edit, Op};
use crate::hunk::Hunk;
use crate::patch::Patch;

/// Follows a line that does not end with a line feed.
pub(crate) const NO_LINE_FEED: &str = "\\ No newline at end of file";

impl fmt::Display for Patch {
    /// The unified format, or nothing for a patch without hunks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hunks().is_empty() {
            return Ok(());
        }
        writeln!(f, "--- {}", self.names().old)?;
        writeln!(f, "+++ {}", self.names().new)?;
        self.hunks().iter().try_for_each(|hunk| write!(f, "{hunk}"))
    }
}

impl fmt::Display for Hunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = LineRange(self.old_lines());
        let new = LineRange(self.new_lines());
        writeln!(f, "@@ -{old} +{new} @@")?;
        self.edits().iter().try_for_each(|edit| write!(f, "{edit}"))
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.op {
            Op::Keep => ' ',
            Op::Delete => '-',
            Op::Insert => '+',
        };
        write!(f, "{mark}{}", self.line)?;
        if !self.line.ends_with('\n') {
            write!(f, "\n{NO_LINE_FEED}\n")?;
        }
        Ok(())
    }
}

/// Counts from one. A length of one goes without saying; an empty range names the line before it.
struct LineRange(Range<usize>);

impl fmt::Display for LineRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, .. } = self.0;
        match self.0.len() {
            0 => write!(f, "{start},0"),
            1 => write!(f, "{}", start + 1),
            len => write!(f, "{},{len}", start + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_count_from_one() {
        assert_eq!(LineRange(0..2).to_string(), "1,2");
        assert_eq!(LineRange(4..5).to_string(), "5");
    }

    #[test]
    fn empty_ranges_name_the_line_before() {
        assert_eq!(LineRange(0..0).to_string(), "0,0");
        assert_eq!(LineRange(7..7).to_string(), "7,0");
    }

    #[test]
    fn marks_a_missing_line_feed() {
        let edit = Edit::new(Op::Insert, "end");
        assert_eq!(edit.to_string(), "+end\n\\ No newline at end of file\n");
    }
}
