//! What cells are worth.

use gridcalc_formula::Address;
use gridcalc_sheet::{Sheet, SheetError};

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

/// The value of `formula` next to the given cells, as a cell would show it.
fn worth(formula: &str, cells: &[(&str, &str)]) -> String {
    let mut sheet = sheet(cells);
    sheet.set(at("Z99"), formula).unwrap();
    sheet.value(at("Z99")).to_string()
}

#[test]
fn arithmetic_follows_the_usual_precedence() {
    assert_eq!(worth("=2+3*4", &[]), "14");
    assert_eq!(worth("=(2+3)*4", &[]), "20");
    assert_eq!(worth("=10-4-3", &[]), "3");
    assert_eq!(worth("=-2*-3/4", &[]), "1.5");
}

#[test]
fn formulas_use_other_formulas() {
    let cells = [("A1", "5"), ("A2", "=A1*2"), ("A3", "=A2+A1")];
    assert_eq!(worth("=A3-A9", &cells), "15");
}

#[test]
fn functions_take_ranges_and_expressions() {
    let cells = [("A1", "4"), ("B1", "text"), ("A3", "=A1-10"), ("B3", "1")];
    assert_eq!(worth("=SUM(A1:B3)", &cells), "-1");
    assert_eq!(worth("=SUM(B3:A1,A1)", &cells), "3");
    assert_eq!(worth("=MIN(A3:B1)", &cells), "-6");
    assert_eq!(worth("=MAX(A1:B3,2*3)", &cells), "6");
    assert_eq!(worth("=COUNT(A1:B3)", &cells), "3");
    assert_eq!(worth("=SUM(C1:C9)", &cells), "0");
    assert_eq!(worth("=MAX(C1:C9)", &cells), "0");
}

#[test]
fn errors_spread_through_formulas() {
    let cells = [
        ("A1", "0"),
        ("A2", "=1/A1"),
        ("B1", "text"),
        ("C1", "=#REF!"),
    ];
    assert_eq!(worth("=A2+1", &cells), "#DIV/0!");
    assert_eq!(worth("=SUM(A1:A2)", &cells), "#DIV/0!");
    assert_eq!(worth("=B1+1", &cells), "#VALUE!");
    assert_eq!(worth("=A1:A2+1", &cells), "#VALUE!");
    assert_eq!(worth("=-C1", &cells), "#REF!");
}

#[test]
fn cells_that_depend_on_themselves_are_errors() {
    let sheet = sheet(&[
        ("A1", "=A2+1"),
        ("A2", "=SUM(A1:A1)"),
        ("B1", "=B1"),
        ("C1", "=D1+D1"),
    ]);
    for address in ["A1", "A2", "B1"] {
        assert_eq!(sheet.value(at(address)).to_string(), "#CYCLE!");
    }
    assert_eq!(sheet.value(at("C1")).to_string(), "0");
}

#[test]
fn cells_can_be_cleared_and_typed_over() {
    let mut sheet = sheet(&[("A1", "5"), ("B1", "=A1")]);
    assert!(matches!(
        sheet.set(at("A1"), "=1+"),
        Err(SheetError::Formula(_))
    ));
    assert_eq!(sheet.value(at("B1")).to_string(), "5");
    sheet.set(at("A1"), "").unwrap();
    assert_eq!(sheet.value(at("B1")).to_string(), "0");
    assert_eq!(sheet.filled().collect::<Vec<_>>(), [at("B1")]);
}
