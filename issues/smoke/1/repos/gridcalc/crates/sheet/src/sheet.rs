//! The cells of a sheet.

use std::collections::BTreeMap;

use gridcalc_formula::Address;

use crate::content::Content;
use crate::error::SheetError;
use crate::evaluate::value_of;
use crate::value::Value;

/// Cells in rows and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    cells: BTreeMap<Address, Content>,
}

impl Sheet {
    /// A sheet without any filled cell.
    pub fn new() -> Self {
        Sheet::default()
    }

    /// Puts what was typed into a cell. Empty text clears it.
    ///
    /// # Errors
    ///
    /// When the text is a formula that cannot be read; the cell keeps what it has.
    pub fn set(&mut self, address: Address, input: &str) -> Result<(), SheetError> {
        let content = Content::typed(input)?;
        self.put(address, content);
        Ok(())
    }

    /// The value of a cell, worked out anew.
    pub fn value(&self, address: Address) -> Value {
        value_of(self, address)
    }

    /// The formula in a cell, with its `=`, unless there is something else or nothing in it.
    pub fn formula(&self, address: Address) -> Option<String> {
        match self.content(address)? {
            Content::Formula(formula) => Some(format!("={formula}")),
            Content::Number(_) | Content::Text(_) => None,
        }
    }

    /// The addresses of all cells that are not empty, row by row.
    pub fn filled(&self) -> impl Iterator<Item = Address> + '_ {
        self.cells.keys().copied()
    }

    /// Copies a cell onto another. In a formula the parts of references that are not fixed move
    /// along.
    pub fn copy(&mut self, from: Address, to: Address) {
        let columns = i32::from(to.column()) - i32::from(from.column());
        let rows = i32::from(to.row()) - i32::from(from.row());
        let content = self
            .content(from)
            .map(|content| content.copied(columns, rows));
        self.put(to, content);
    }

    /// Inserts `count` empty rows above row `at` and moves the rows from there on down.
    ///
    /// # Errors
    ///
    /// When there is no row `at`, or when a filled cell would be pushed past the last row; the
    /// sheet stays as it is.
    pub fn insert_rows(&mut self, at: u16, count: u16) -> Result<(), SheetError> {
        let first_moved = Address::new(1, at).ok_or(SheetError::Row(at))?;
        let last_filled = self.cells.keys().next_back().map_or(0, |last| last.row());
        if last_filled >= at && count > Address::LAST_ROW - last_filled {
            return Err(SheetError::NoRoom);
        }

        let rows = i32::from(count);
        for (address, content) in self.cells.split_off(&first_moved) {
            let target = address.offset(0, rows).ok_or(SheetError::NoRoom)?;
            self.cells.insert(target, content.copied(0, rows));
        }
        Ok(())
    }

    pub(crate) fn content(&self, address: Address) -> Option<&Content> {
        self.cells.get(&address)
    }

    fn put(&mut self, address: Address, content: Option<Content>) {
        match content {
            Some(content) => self.cells.insert(address, content),
            None => self.cells.remove(&address),
        };
    }
}
