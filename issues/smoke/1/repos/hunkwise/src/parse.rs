//! Reads the printed form of a patch.

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::edit::{lines_of, Edit, Op};
use crate::hunk::Hunk;
use crate::patch::{Names, Patch};
use crate::render::NO_LINE_FEED;

/// What is wrong with a line of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// The patch does not start with `---` and `+++`.
    FileHeader,
    /// There should be a `@@ -a,b +c,d @@` line.
    HunkHeader,
    /// A line of a hunk starts with something other than a space, `-`, `+` or `\`.
    Marker,
    /// A hunk has fewer or more lines than its header announces.
    LineCount,
}

/// Where a patch cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// Number of the line, counted from one.
    pub line: usize,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.kind {
            ParseErrorKind::FileHeader => "expected the names of both sides",
            ParseErrorKind::HunkHeader => "expected the ranges of a hunk",
            ParseErrorKind::Marker => "expected a line of a hunk",
            ParseErrorKind::LineCount => "the hunk's length is not what its header says",
        };
        write!(f, "line {}: {problem}", self.line)
    }
}

impl Error for ParseError {}

impl FromStr for Patch {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Reader::new(text).patch()
    }
}

/// The lines of a printed patch and how many of them are read.
struct Reader<'a> {
    lines: Vec<&'a str>,
    position: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Reader {
            lines: lines_of(text),
            position: 0,
        }
    }

    fn patch(mut self) -> Result<Patch, ParseError> {
        if self.lines.is_empty() {
            return Ok(Patch::new(Names::new("", ""), Vec::new()));
        }
        let old = self.name("--- ")?;
        let new = self.name("+++ ")?;
        let mut hunks = Vec::new();
        while self.position < self.lines.len() {
            hunks.push(self.hunk()?);
        }
        Ok(Patch::new(Names::new(old, new), hunks))
    }

    fn name(&mut self, prefix: &str) -> Result<&'a str, ParseError> {
        let name = self
            .peek()
            .and_then(|line| line.strip_prefix(prefix))
            .ok_or_else(|| self.error(ParseErrorKind::FileHeader))?;
        self.position += 1;
        Ok(name.trim_end_matches('\n'))
    }

    fn hunk(&mut self) -> Result<Hunk, ParseError> {
        let (old, new) = self
            .peek()
            .and_then(hunk_ranges)
            .ok_or_else(|| self.error(ParseErrorKind::HunkHeader))?;
        self.position += 1;

        let (mut old_left, mut new_left) = (old.len(), new.len());
        let mut edits = Vec::new();
        while old_left > 0 || new_left > 0 {
            let edit = self.edit()?;
            for (left, used) in [
                (&mut old_left, edit.op.in_old()),
                (&mut new_left, edit.op.in_new()),
            ] {
                *left = left
                    .checked_sub(usize::from(used))
                    .ok_or_else(|| self.error(ParseErrorKind::LineCount))?;
            }
            self.position += 1;
            edits.push(self.without_line_feed_if_marked(edit));
        }
        Ok(Hunk::new(old.start, new.start, edits))
    }

    /// The edit printed on the current line, which stays current.
    fn edit(&self) -> Result<Edit, ParseError> {
        let printed = self
            .peek()
            .ok_or_else(|| self.error(ParseErrorKind::LineCount))?;
        let op = match printed.as_bytes().first() {
            Some(b' ') => Op::Keep,
            Some(b'-') => Op::Delete,
            Some(b'+') => Op::Insert,
            Some(b'@') => return Err(self.error(ParseErrorKind::LineCount)),
            _ => return Err(self.error(ParseErrorKind::Marker)),
        };
        Ok(Edit::new(op, &printed[1..]))
    }

    /// Reads over the marker of a missing line feed, if it comes next, and takes the line feed away.
    fn without_line_feed_if_marked(&mut self, mut edit: Edit) -> Edit {
        if self.peek().map(|line| line.trim_end_matches('\n')) == Some(NO_LINE_FEED) {
            self.position += 1;
            edit.line.truncate(edit.line.trim_end_matches('\n').len());
        }
        edit
    }

    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.position).copied()
    }

    fn error(&self, kind: ParseErrorKind) -> ParseError {
        ParseError {
            kind,
            line: self.position + 1,
        }
    }
}

/// Both ranges of `@@ -a,b +c,d @@`, counted from zero. What follows the second `@@` is ignored.
fn hunk_ranges(header: &str) -> Option<(Range<usize>, Range<usize>)> {
    let (ranges, _) = header.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    Some((line_range(old)?, line_range(new)?))
}

/// A range written as `first` or `first,length`; an empty one names the line before it.
fn line_range(text: &str) -> Option<Range<usize>> {
    let (first, length) = text.split_once(',').unwrap_or((text, "1"));
    let first: usize = first.parse().ok()?;
    let length: usize = length.parse().ok()?;
    let start = if length == 0 {
        first
    } else {
        first.checked_sub(1)?
    };
    Some(start..start.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges() {
        assert_eq!(line_range("3,2"), Some(2..4));
        assert_eq!(line_range("3"), Some(2..3));
        assert_eq!(line_range("3,0"), Some(3..3));
        assert_eq!(line_range("0,0"), Some(0..0));
    }

    #[test]
    fn refuses_impossible_ranges() {
        for text in [
            "0,1",
            "0",
            "",
            "-1,2",
            "1,",
            "a,1",
            "2,18446744073709551615",
        ] {
            assert_eq!(line_range(text), None, "{text:?}");
        }
    }

    #[test]
    fn ignores_text_after_the_header() {
        let header = "@@ -1,2 +1,3 @@ fn main() {\n";
        assert_eq!(hunk_ranges(header), Some((0..2, 0..3)));
    }
}
