//! The shortest way from one text to another, line by line.

use crate::edit::{lines_of, Edit, Op};

/// Every line of both texts in order, each kept, deleted or inserted; as many lines as possible are kept.
///
/// Between two kept lines all deletions come before all insertions.
pub(crate) fn edit_script(old: &str, new: &str) -> Vec<Edit> {
    let old = lines_of(old);
    let new = lines_of(new);
    let kept = CommonLengths::of(&old, &new);

    let mut script = Vec::with_capacity(old.len().max(new.len()));
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            script.push(Edit::new(Op::Keep, old[i]));
            i += 1;
            j += 1;
        } else if i < old.len() && (j == new.len() || kept.at(i + 1, j) >= kept.at(i, j + 1)) {
            script.push(Edit::new(Op::Delete, old[i]));
            i += 1;
        } else {
            script.push(Edit::new(Op::Insert, new[j]));
            j += 1;
        }
    }
    script
}

/// How many lines the rests of both texts have in common, for every pair of rests.
struct CommonLengths {
    lengths: Vec<usize>,
    columns: usize,
}

impl CommonLengths {
    fn of(old: &[&str], new: &[&str]) -> Self {
        let columns = new.len() + 1;
        let mut table = CommonLengths {
            lengths: vec![0; (old.len() + 1) * columns],
            columns,
        };
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                table.lengths[i * columns + j] = if old[i] == new[j] {
                    table.at(i + 1, j + 1) + 1
                } else {
                    table.at(i + 1, j).max(table.at(i, j + 1))
                };
            }
        }
        table
    }

    /// Common lines of `old[i..]` and `new[j..]`.
    fn at(&self, i: usize, j: usize) -> usize {
        self.lengths[i * self.columns + j]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One character per line: `=`, `-` or `+`.
    fn shape(old: &str, new: &str) -> String {
        let spread = |text: &str| text.chars().map(|c| format!("{c}\n")).collect::<String>();
        edit_script(&spread(old), &spread(new))
            .iter()
            .map(|edit| match edit.op {
                Op::Keep => '=',
                Op::Delete => '-',
                Op::Insert => '+',
            })
            .collect()
    }

    #[test]
    fn equal_texts_keep_every_line() {
        assert_eq!(shape("abc", "abc"), "===");
        assert_eq!(shape("", ""), "");
    }

    #[test]
    fn replacements_delete_before_they_insert() {
        assert_eq!(shape("abcd", "axyd"), "=--++=");
    }

    #[test]
    fn keeps_as_many_lines_as_possible() {
        let kept = shape("abcabba", "cbabac").matches('=').count();
        assert_eq!(kept, 4);
    }

    #[test]
    fn one_side_may_be_empty() {
        assert_eq!(shape("ab", ""), "--");
        assert_eq!(shape("", "ab"), "++");
    }

    #[test]
    fn a_missing_last_line_feed_is_a_difference() {
        let script = edit_script("a\nb", "a\nb\n");
        let expected = [
            Edit::new(Op::Keep, "a\n"),
            Edit::new(Op::Delete, "b"),
            Edit::new(Op::Insert, "b\n"),
        ];
        assert_eq!(script, expected);
    }
}
