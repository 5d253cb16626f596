//! What a sheet refuses to do.

use std::error::Error;
use std::fmt;

use gridcalc_formula::FormulaError;

/// Why a sheet was left as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetError {
    /// The formula cannot be read.
    Formula(FormulaError),
    /// There is no such row.
    Row(u16),
    /// A filled cell would be pushed past the last row.
    NoRoom,
}

impl fmt::Display for SheetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SheetError::Formula(error) => error.fmt(f),
            SheetError::Row(row) => write!(f, "the sheet has no row {row}"),
            SheetError::NoRoom => f.write_str("the last rows of the sheet are not empty"),
        }
    }
}

impl Error for SheetError {}

impl From<FormulaError> for SheetError {
    fn from(error: FormulaError) -> Self {
        SheetError::Formula(error)
    }
}
