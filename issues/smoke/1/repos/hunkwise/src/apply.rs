//! Strict application of hunks to a text.

use std::error::Error;
use std::fmt;

use crate::edit::lines_of;
use crate::hunk::Hunk;

/// Why a patch does not fit a text. Hunks and lines are counted from one, as people do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyError {
    /// The hunk starts before the end of the hunk above it.
    Overlap {
        /// Number of the later hunk.
        hunk: usize,
    },
    /// The hunk starts or goes on after the end of the text.
    PastEnd {
        /// Number of the hunk.
        hunk: usize,
    },
    /// A line of the text is not what the hunk expects there.
    Mismatch {
        /// Number of the hunk.
        hunk: usize,
        /// Number of the line in the text.
        line: usize,
    },
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApplyError::Overlap { hunk } => {
                write!(f, "hunk {hunk} starts before hunk {} ends", hunk - 1)
            }
            ApplyError::PastEnd { hunk } => write!(f, "hunk {hunk} lies past the end of the text"),
            ApplyError::Mismatch { hunk, line } => {
                write!(f, "hunk {hunk} expects another line {line}")
            }
        }
    }
}

impl Error for ApplyError {}

/// The text after all `hunks` are applied to `text`.
pub(crate) fn apply(hunks: &[Hunk], text: &str) -> Result<String, ApplyError> {
    let lines = lines_of(text);
    let mut patched = String::with_capacity(text.len());
    let mut position = 0;
    for (hunk, number) in hunks.iter().zip(1..) {
        let start = hunk.old_lines().start;
        if start < position {
            return Err(ApplyError::Overlap { hunk: number });
        }
        let untouched = lines
            .get(position..start)
            .ok_or(ApplyError::PastEnd { hunk: number })?;
        patched.extend(untouched.iter().copied());
        position = start;

        for edit in hunk.edits() {
            if edit.op.in_old() {
                let line = lines
                    .get(position)
                    .ok_or(ApplyError::PastEnd { hunk: number })?;
                position += 1;
                if *line != edit.line {
                    return Err(ApplyError::Mismatch {
                        hunk: number,
                        line: position,
                    });
                }
            }
            if edit.op.in_new() {
                patched.push_str(&edit.line);
            }
        }
    }
    patched.extend(lines[position..].iter().copied());
    Ok(patched)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, Op};

    fn replace(line: usize, old: &str, new: &str) -> Hunk {
        let edits = vec![Edit::new(Op::Delete, old), Edit::new(Op::Insert, new)];
        Hunk::new(line, line, edits)
    }

    #[test]
    fn untouched_lines_are_copied() {
        let hunks = [replace(1, "b\n", "B\n"), replace(3, "d\n", "D\n")];
        assert_eq!(apply(&hunks, "a\nb\nc\nd\ne").unwrap(), "a\nB\nc\nD\ne");
    }

    #[test]
    fn says_which_line_differs() {
        let hunks = [replace(0, "a\n", "A\n"), replace(2, "c\n", "C\n")];
        let error = apply(&hunks, "a\nb\nx\n").unwrap_err();
        assert_eq!(error, ApplyError::Mismatch { hunk: 2, line: 3 });
        assert_eq!(error.to_string(), "hunk 2 expects another line 3");
    }

    #[test]
    fn refuses_hunks_past_the_end() {
        let error = apply(&[replace(5, "a\n", "A\n")], "a\n").unwrap_err();
        assert_eq!(error, ApplyError::PastEnd { hunk: 1 });
        let error = apply(&[replace(1, "b\n", "B\n")], "a\n").unwrap_err();
        assert_eq!(error, ApplyError::PastEnd { hunk: 1 });
    }

    #[test]
    fn refuses_overlapping_hunks() {
        let hunks = [replace(1, "b\n", "B\n"), replace(1, "b\n", "C\n")];
        let error = apply(&hunks, "a\nb\n").unwrap_err();
        assert_eq!(error, ApplyError::Overlap { hunk: 2 });
        assert_eq!(error.to_string(), "hunk 2 starts before hunk 1 ends");
    }
}
