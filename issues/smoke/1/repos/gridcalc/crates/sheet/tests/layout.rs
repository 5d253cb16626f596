//! Copying cells and inserting rows.

use gridcalc_formula::Address;
use gridcalc_sheet::{Sheet, SheetError, Value};

fn at(text: &str) -> Address {
    text.parse().unwrap()
}

fn sheet(cells: &[(&str, &str)]) -> Sheet {
    let mut sheet = Sheet::new();
    for (address, input) in cells {
        sheet.set(at(address), input).unwrap();
    }
    sheet
}

#[test]
fn copies_refer_to_the_cells_next_to_them() {
    let mut sheet = sheet(&[("A1", "2"), ("A4", "3"), ("B1", "=A1*$A$1")]);
    sheet.copy(at("B1"), at("B4"));
    assert_eq!(sheet.formula(at("B4")).unwrap(), "=A4*$A$1");
    assert_eq!(sheet.value(at("B4")), Value::Number(6.0));
    assert_eq!(sheet.formula(at("B1")).unwrap(), "=A1*$A$1");
}

#[test]
fn copies_that_leave_the_sheet_lose_their_reference() {
    let mut sheet = sheet(&[("B2", "=A1+1")]);
    sheet.copy(at("B2"), at("B1"));
    assert_eq!(sheet.formula(at("B1")).unwrap(), "=#REF!+1");
}

#[test]
fn copying_an_empty_cell_clears_the_other() {
    let mut sheet = sheet(&[("A1", "2")]);
    sheet.copy(at("C3"), at("A1"));
    assert_eq!(sheet.filled().count(), 0);
}

#[test]
fn inserted_rows_are_empty_and_push_the_others_down() {
    let mut sheet = sheet(&[("A1", "one"), ("B2", "2"), ("A3", "three")]);
    sheet.insert_rows(2, 3).unwrap();
    assert_eq!(
        sheet.filled().collect::<Vec<_>>(),
        [at("A1"), at("B5"), at("A6")]
    );
    assert_eq!(sheet.value(at("B5")), Value::Number(2.0));
}

#[test]
fn formulas_keep_referring_to_their_own_row() {
    let mut sheet = sheet(&[("A5", "7"), ("B5", "=A5*2")]);
    sheet.insert_rows(3, 1).unwrap();
    assert_eq!(sheet.formula(at("B6")).unwrap(), "=A6*2");
    assert_eq!(sheet.value(at("B6")), Value::Number(14.0));
}

#[test]
fn inserting_no_rows_changes_nothing() {
    let mut sheet = sheet(&[("A1", "1"), ("A2", "=A1+A3")]);
    let before = sheet.clone();
    sheet.insert_rows(1, 0).unwrap();
    assert_eq!(sheet, before);
}

#[test]
fn rows_are_not_pushed_off_the_sheet() {
    let mut sheet = sheet(&[("A1", "1"), ("A9998", "2")]);
    let before = sheet.clone();
    assert_eq!(sheet.insert_rows(1, 2), Err(SheetError::NoRoom));
    assert_eq!(sheet.insert_rows(9998, u16::MAX), Err(SheetError::NoRoom));
    assert_eq!(sheet, before);
    assert_eq!(sheet.insert_rows(9999, 2), Ok(()));
    assert_eq!(sheet.insert_rows(2, 1), Ok(()));
    assert_eq!(sheet.value(at("A9999")), Value::Number(2.0));
}

#[test]
fn rows_outside_the_sheet_are_refused() {
    let mut sheet = Sheet::new();
    assert_eq!(sheet.insert_rows(0, 1), Err(SheetError::Row(0)));
    assert_eq!(sheet.insert_rows(10_000, 1), Err(SheetError::Row(10_000)));
}
