//! Spreadsheet formulas: addresses, references and expressions.
#![warn(missing_docs)]

mod address;
mod error;
mod expression;
mod lexer;
mod parser;
mod reference;

pub use address::Address;
pub use error::FormulaError;
pub use expression::{Expression, Function, Operator};
pub use reference::Reference;
