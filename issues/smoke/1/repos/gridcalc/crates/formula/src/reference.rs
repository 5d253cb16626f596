//! How a formula names a cell.

use std::fmt;
use std::str::FromStr;

use crate::address::{column_letters, split_letters, Address};
use crate::error::FormulaError;

/// A cell as a formula names it; a fixed part of it stays the same when the formula is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The cell.
    pub address: Address,
    /// Whether there is a `$` in front of the column.
    pub fixed_column: bool,
    /// Whether there is a `$` in front of the row.
    pub fixed_row: bool,
}

impl Reference {
    /// The reference in a copy of its formula that many columns to the right and rows down.
    ///
    /// `None` when it leaves the sheet.
    pub fn copied(self, columns: i32, rows: i32) -> Option<Reference> {
        let columns = if self.fixed_column { 0 } else { columns };
        let rows = if self.fixed_row { 0 } else { rows };
        let address = self.address.offset(columns, rows)?;
        Some(Reference { address, ..self })
    }
}

impl fmt::Display for Reference {
    /// As in `B12` or `$B$12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |fixed| if fixed { "$" } else { "" };
        write!(
            f,
            "{}{}{}{}",
            mark(self.fixed_column),
            column_letters(self.address.column()),
            mark(self.fixed_row),
            self.address.row()
        )
    }
}

impl FromStr for Reference {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, FormulaError> {
        let column_mark = text.strip_prefix('$');
        let (letters, rest) = split_letters(column_mark.unwrap_or(text));
        let row_mark = rest.strip_prefix('$');
        let address = Address::from_parts(letters, row_mark.unwrap_or(rest))
            .ok_or_else(|| FormulaError::Address(text.to_owned()))?;
        Ok(Reference {
            address,
            fixed_column: column_mark.is_some(),
            fixed_row: row_mark.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Reference {
        text.parse().unwrap()
    }

    #[test]
    fn references_print_as_they_are_read() {
        for text in ["B7", "$B7", "B$7", "$B$7"] {
            assert_eq!(reference(text).to_string(), text);
        }
        for text in ["$", "$$B7", "B7$", "B$$7", "$7", "B$"] {
            assert!(text.parse::<Reference>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn fixed_parts_are_copied_as_they_are() {
        let copies = [
            ("B7", "D10"),
            ("$B7", "$B10"),
            ("B$7", "D$7"),
            ("$B$7", "$B$7"),
        ];
        for (original, copy) in copies {
            assert_eq!(reference(original).copied(2, 3), Some(reference(copy)));
        }
        assert_eq!(reference("B7").copied(-2, 0), None);
        assert_eq!(reference("$B7").copied(-2, -7), None);
        assert_eq!(reference("$B$7").copied(-2, -7), Some(reference("$B$7")));
    }
}
