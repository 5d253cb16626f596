//! The example of the README.

use gridcalc_formula::Address;
use gridcalc_sheet::{Sheet, Value};

#[test]
fn the_example_holds() {
    let at = |text: &str| text.parse::<Address>().unwrap();
    let mut sheet = Sheet::new();
    sheet.set(at("A1"), "12").unwrap();
    sheet.set(at("A2"), "30").unwrap();
    sheet.set(at("B1"), "=A1 * 2").unwrap();
    sheet.copy(at("B1"), at("B2"));

    assert_eq!(sheet.formula(at("B2")).unwrap(), "=A2*2");
    assert_eq!(sheet.value(at("B2")), Value::Number(60.0));
}
