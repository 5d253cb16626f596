//! Why a formula cannot be read.

use std::error::Error;
use std::fmt;

/// What is wrong with a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormulaError {
    /// The text is no address of a cell on the sheet.
    Address(String),
    /// There is no such function.
    Function(String),
    /// The text means nothing in a formula.
    Unknown(String),
    /// Something else should stand in front of this text.
    Unexpected(String),
    /// The formula stops too early.
    End,
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormulaError::Address(text) => write!(f, "{text:?} is no cell of the sheet"),
            FormulaError::Function(name) => write!(f, "there is no function {name:?}"),
            FormulaError::Unknown(text) => write!(f, "{text:?} means nothing in a formula"),
            FormulaError::Unexpected(text) => write!(f, "{text:?} was not expected there"),
            FormulaError::End => f.write_str("the formula is not complete"),
        }
    }
}

impl Error for FormulaError {}
