//! Line diffs in the unified format: make them, read them, apply them.
//!
//! [`Patch`] is the way in: [`Patch::between`] makes one from two texts, parsing makes one from its printed form.
#![warn(missing_docs)]

mod apply;
mod edit;
mod hunk;
mod parse;
mod patch;
mod render;
mod script;

pub use apply::ApplyError;
pub use edit::{Edit, Op};
pub use hunk::Hunk;
pub use parse::{ParseError, ParseErrorKind};
pub use patch::{Names, Patch, Stats};

/// Lines of context that other tools show unless told otherwise.
pub const DEFAULT_CONTEXT: usize = 3;
