//! What a cell is worth.

use std::fmt;

/// The value of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// There is nothing in the cell.
    Empty,
    /// A number, typed or worked out.
    Number(f64),
    /// Text, which formulas cannot calculate with.
    Text(String),
    /// The formula has no value.
    Error(CellError),
}

/// Why a formula has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellError {
    /// It refers to a cell outside the sheet.
    Reference,
    /// It divides by zero.
    Division,
    /// It calculates with something that is not a number.
    Value,
    /// It depends on itself.
    Cycle,
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CellError::Reference => "#REF!",
            CellError::Division => "#DIV/0!",
            CellError::Value => "#VALUE!",
            CellError::Cycle => "#CYCLE!",
        })
    }
}

impl fmt::Display for Value {
    /// As a cell would show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Empty => Ok(()),
            // Adding zero turns a negative zero into one without a sign.
            Value::Number(number) => write!(f, "{}", number + 0.0),
            Value::Text(text) => f.write_str(text),
            Value::Error(error) => write!(f, "{error}"),
        }
    }
}
