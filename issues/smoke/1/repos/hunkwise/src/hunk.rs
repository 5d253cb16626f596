//! Hunks: the parts of an edit script that are worth showing.

use std::ops::Range;

use crate::edit::Edit;

/// Changed lines with some unchanged lines around them, and where they belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    old_start: usize,
    new_start: usize,
    edits: Vec<Edit>,
}

impl Hunk {
    /// A hunk whose first line is line `old_start` of the old text and `new_start` of the new one, from zero.
    pub fn new(old_start: usize, new_start: usize, edits: Vec<Edit>) -> Self {
        Hunk {
            old_start,
            new_start,
            edits,
        }
    }

    /// The lines of the old text that the hunk covers, counted from zero.
    pub fn old_lines(&self) -> Range<usize> {
        let count = self.edits.iter().filter(|edit| edit.op.in_old()).count();
        self.old_start..self.old_start + count
    }

    /// The lines of the new text that the hunk covers, counted from zero.
    pub fn new_lines(&self) -> Range<usize> {
        let count = self.edits.iter().filter(|edit| edit.op.in_new()).count();
        self.new_start..self.new_start + count
    }

    /// The lines of the hunk in order.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// The hunk that undoes this one.
    pub fn reversed(&self) -> Hunk {
        let edits = self
            .edits
            .iter()
            .map(|edit| Edit::new(edit.op.reversed(), edit.line.as_str()))
            .collect();
        Hunk::new(self.new_start, self.old_start, edits)
    }

    /// The part `range` of an edit script as a hunk.
    fn cut(script: &[Edit], range: Range<usize>) -> Self {
        let before = &script[..range.start];
        Hunk::new(
            before.iter().filter(|edit| edit.op.in_old()).count(),
            before.iter().filter(|edit| edit.op.in_new()).count(),
            script[range].to_vec(),
        )
    }
}

/// Cuts an edit script into hunks: its changes with up to `context` unchanged lines on either side.
pub(crate) fn hunks_of(script: &[Edit], context: usize) -> Vec<Hunk> {
    changes(script)
        .into_iter()
        .map(|change| {
            let before = kept_lines(script[..change.start].iter().rev(), context);
            let after = kept_lines(script[change.end..].iter(), context);
            Hunk::cut(script, change.start - before..change.end + after)
        })
        .collect()
}

/// Where the changes of a script are: its longest runs of deleted and inserted lines.
fn changes(script: &[Edit]) -> Vec<Range<usize>> {
    let mut changes: Vec<Range<usize>> = Vec::new();
    for (index, _) in script
        .iter()
        .enumerate()
        .filter(|(_, edit)| edit.is_change())
    {
        match changes.last_mut() {
            Some(last) if last.end == index => last.end += 1,
            _ => changes.push(index..index + 1),
        }
    }
    changes
}

/// How many unchanged lines come first in `edits`, counting no further than `limit`.
fn kept_lines<'a>(edits: impl Iterator<Item = &'a Edit>, limit: usize) -> usize {
    edits
        .take(limit)
        .take_while(|edit| !edit.is_change())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::edit_script;

    #[test]
    fn changes_are_maximal_runs() {
        let script = edit_script("a\nb\nc\nd\n", "a\nx\ny\nc\nd\ne\n");
        assert_eq!(changes(&script), [1..4, 6..7]);
    }

    #[test]
    fn context_stops_at_the_ends_of_the_text() {
        let script = edit_script("a\nb\nc\n", "a\nx\nc\n");
        let hunks = hunks_of(&script, 3);
        assert_eq!(hunks.len(), 1);
        assert_eq!(hunks[0].old_lines(), 0..3);
        assert_eq!(hunks[0].new_lines(), 0..3);
    }

    #[test]
    fn ranges_follow_the_lines_inserted_before() {
        let script = edit_script("a\nb\nc\nd\n", "x\ny\na\nb\nc\n");
        let hunks = hunks_of(&script, 0);
        assert_eq!(hunks.len(), 2);
        assert_eq!((hunks[0].old_lines(), hunks[0].new_lines()), (0..0, 0..2));
        assert_eq!((hunks[1].old_lines(), hunks[1].new_lines()), (3..4, 5..5));
    }
}
