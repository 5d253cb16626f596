//! Why an expression cannot be read.

use std::error::Error;
use std::fmt;

use crate::field::Field;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// There are not exactly five fields.
    FieldCount(usize),
    /// There is no such shorthand.
    Shorthand(String),
    /// The text is no value of the field.
    Value {
        /// Where it was found.
        field: Field,
        /// What was found.
        text: String,
    },
    /// The range ends before it starts.
    BackwardRange {
        /// Where it was found.
        field: Field,
        /// What was found.
        text: String,
    },
    /// The step is not a positive number.
    Step {
        /// Where it was found.
        field: Field,
        /// What was found.
        text: String,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::FieldCount(count) => write!(f, "expected 5 fields, found {count}"),
            ParseError::Shorthand(text) => write!(f, "unknown shorthand {text:?}"),
            ParseError::Value { field, text } => write!(f, "{text:?} is no value for the {field}"),
            ParseError::BackwardRange { field, text } => {
                write!(f, "range {text:?} of the {field} ends before it starts")
            }
            ParseError::Step { field, text } => {
                write!(f, "step {text:?} of the {field} is not a positive number")
            }
        }
    }
}

impl Error for ParseError {}
