//! Where a cell is.

use std::fmt;
use std::str::FromStr;

use crate::error::FormulaError;

/// The column and row of a cell, both counted from 1.
///
/// Addresses are ordered as one reads: row by row, and within a row from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    row: u16,
    column: u16,
}

impl Address {
    /// The last row of a sheet.
    pub const LAST_ROW: u16 = 9999;

    /// The last column of a sheet: ZZ.
    pub const LAST_COLUMN: u16 = 26 * 27;

    /// The address of a cell, or `None` outside the sheet.
    pub fn new(column: u16, row: u16) -> Option<Self> {
        let on_sheet =
            (1..=Self::LAST_COLUMN).contains(&column) && (1..=Self::LAST_ROW).contains(&row);
        on_sheet.then_some(Address { row, column })
    }

    /// The address with these column letters and row digits, if it is on the sheet.
    pub(crate) fn from_parts(letters: &str, digits: &str) -> Option<Self> {
        // Parsing alone would take a sign as well.
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let row = digits.parse().ok().filter(|_| is_number)?;
        Address::new(column_number(letters)?, row)
    }

    /// The number of the column, 1 for A.
    pub fn column(self) -> u16 {
        self.column
    }

    /// The number of the row.
    pub fn row(self) -> u16 {
        self.row
    }

    /// The address that many columns to the right and rows down, or `None` outside the sheet.
    pub fn offset(self, columns: i32, rows: i32) -> Option<Self> {
        let column = i32::from(self.column).checked_add(columns)?;
        let row = i32::from(self.row).checked_add(rows)?;
        Address::new(column.try_into().ok()?, row.try_into().ok()?)
    }
}

/// The letters of a column.
pub(crate) fn column_letters(column: u16) -> String {
    let letter = |index: u16| char::from(b'A' + (index % 26) as u8);
    // There is no letter for zero: the first of two letters counts how often Z was passed.
    match (column - 1) / 26 {
        0 => String::from(letter(column - 1)),
        passed => String::from_iter([letter(passed - 1), letter(column - 1)]),
    }
}

/// The number of a column written in letters of either case.
fn column_number(letters: &str) -> Option<u16> {
    if letters.is_empty() || letters.len() > 2 {
        return None;
    }
    letters.bytes().try_fold(0, |number, byte| {
        let letter = byte.to_ascii_uppercase();
        letter
            .is_ascii_uppercase()
            .then(|| number * 26 + u16::from(letter - b'A') + 1)
    })
}

/// The letters that a text starts with, and the rest of it.
pub(crate) fn split_letters(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphabetic());
    text.split_at(end.unwrap_or(text.len()))
}

impl fmt::Display for Address {
    /// As in `B12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", column_letters(self.column), self.row)
    }
}

impl FromStr for Address {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, FormulaError> {
        let (letters, digits) = split_letters(text);
        Address::from_parts(letters, digits).ok_or_else(|| FormulaError::Address(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_without_a_zero() {
        let names = [
            (1, "A"),
            (26, "Z"),
            (27, "AA"),
            (52, "AZ"),
            (53, "BA"),
            (702, "ZZ"),
        ];
        for (number, letters) in names {
            assert_eq!(column_letters(number), letters);
            assert_eq!(column_number(letters), Some(number));
        }
    }

    #[test]
    fn addresses_end_with_the_sheet() {
        for text in ["", "A", "7", "A0", "A10000", "AAA1", "A+1", "A1B", "$A$1"] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
        let last: Address = "zz9999".parse().unwrap();
        assert_eq!(last.to_string(), "ZZ9999");
        assert_eq!(last.offset(0, 1), None);
        assert_eq!(last.offset(1, 0), None);
    }

    #[test]
    fn rows_come_before_columns_in_the_order() {
        let address = |text: &str| text.parse::<Address>().unwrap();
        assert!(address("Z1") < address("A2"));
        assert!(address("Z1") < address("AA1"));
    }
}
