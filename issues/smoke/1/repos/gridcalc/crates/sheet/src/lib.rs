//! A spreadsheet without a screen: cells, values, copying and inserting rows.
#![warn(missing_docs)]

mod content;
mod error;
mod evaluate;
mod sheet;
mod value;

pub use error::SheetError;
pub use sheet::Sheet;
pub use value::{CellError, Value};
