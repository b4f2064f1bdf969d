use proptest::prelude::*;

use super::*;

fn text(digits: &str, mark: DecimalMark) -> Option<String> {
    let number = read(digits, mark).ok()?;
    Some(number.value.to_text(number.scale))
}

fn both(digits: &str) -> (Option<String>, Option<String>) {
    (
        text(digits, DecimalMark::Comma),
        text(digits, DecimalMark::Point),
    )
}

#[test]
fn a_number_is_read_with_the_mark_that_is_named_and_no_other() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(both("12,50"), (some("12.50"), None));
    assert_eq!(both("12.50"), (None, some("12.50")));
    assert_eq!(both("1.234"), (some("1234"), some("1.234")));
    assert_eq!(both("1,234"), (some("1.234"), some("1234")));
    assert_eq!(both("1.234,56"), (some("1234.56"), None));
    assert_eq!(both("1,234,567"), (None, some("1234567")));
    assert_eq!(both("0,123"), (some("0.123"), None));
    assert_eq!(both("1234,567"), (some("1234.567"), None));
    assert_eq!(both("1'234.50"), (None, some("1234.50")));
    assert_eq!(both("1\u{a0}234,50"), (some("1234.50"), None));
    assert_eq!(both(",5"), (some("0.5"), None));
    assert_eq!(both("007"), (some("7"), some("7")));
    assert_eq!(both("0"), (some("0"), some("0")));
    for bad in [
        "1.23,4",
        "1,2,3",
        "1'23",
        "1''234",
        "123,45,678",
        "1.234.56",
        "1234.567,8",
    ] {
        assert_eq!(both(bad), (None, None), "{bad}");
    }
}

#[test]
fn indian_groups_and_zeros_beyond_nine_digits_are_read() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(both("1,50,000.00"), (None, some("150000.00")));
    assert_eq!(both("12,34,567"), (None, some("1234567")));
    assert_eq!(both("1,23,45,678.90"), (None, some("12345678.90")));
    assert_eq!(both("0.0012345600"), (None, some("0.00123456")));
    assert_eq!(
        read("0.00123456001", DecimalMark::Point),
        Err(Fault::TooFine("0.00123456001".to_owned()))
    );
    assert_eq!(
        read("1234567890123456789", DecimalMark::Point),
        Err(Fault::TooLarge("1234567890123456789".to_owned()))
    );
}

#[test]
fn sign_unit_and_direction_are_taken_off_on_either_side() {
    for (cell, negative, digits, unit) in [
        ("12.50", false, "12.50", ""),
        ("-12.50", true, "12.50", ""),
        ("+12.50", false, "12.50", ""),
        ("\u{2212}12.50", true, "12.50", ""),
        ("12,50-", true, "12,50", ""),
        ("(3.00)", true, "3.00", ""),
        ("$(3.00)", true, "3.00", "$"),
        ("$ (3.00)", true, "3.00", "$"),
        ("($3.00)", true, "3.00", "$"),
        ("-£12.50", true, "12.50", "£"),
        ("£-12.50", true, "12.50", "£"),
        ("12,50 EUR", false, "12,50", "EUR"),
        ("-12,50 €", true, "12,50", "€"),
        ("EUR 1 234,50", false, "1 234,50", "EUR"),
        ("R$ 5,00", false, "5,00", "R$"),
        ("Rs.500", false, "500", "Rs."),
        (".5", false, ".5", ""),
    ] {
        let expected = WrittenNumber {
            negative,
            digits,
            unit,
            direction: None,
        };
        assert_eq!(take_apart(cell), Some(expected), "{cell}");
    }
    let cell = take_apart("1,200.00 INR Dr").unwrap();
    assert_eq!((cell.direction, cell.unit), (Some(Direction::Out), "INR"));
    for bad in [
        "",
        "abc",
        "1e5",
        "--5",
        "-5-",
        "1.",
        "12:30",
        "EUR 5 EUR",
        "(5",
        "-(5)",
        "$(5",
        "EUR (5 EUR)",
        "1 of 3",
        "5%5",
        "5%",
        "DR 5 CR",
    ] {
        assert_eq!(take_apart(bad), None, "{bad}");
    }
}

#[test]
fn a_file_decides_only_if_one_reading_fits_all_its_numbers() {
    let vote = |cells: &[&str]| {
        let mut detector = DecimalMarkDetector::default();
        for (number, cell) in cells.iter().enumerate() {
            detector.add(&number, cell);
        }
        detector.mark(None).map_err(|(number, _)| number)
    };
    assert_eq!(vote(&["1.234", "12,50"]), Ok(DecimalMark::Comma));
    assert_eq!(vote(&["5", "1,234", "12.50"]), Ok(DecimalMark::Point));
    assert_eq!(vote(&["5", "70"]), Ok(DecimalMark::Point));
    assert_eq!(vote(&["5", "1,234"]), Err(1));
    assert_eq!(vote(&["12,50", "7", "12.50"]), Err(2));
}

#[test]
fn zeros_a_currency_has_no_place_for_are_left_out_and_other_digits_are_not() {
    let amount = |digits: &str, currency: &str| {
        let number = read(digits, DecimalMark::Point).unwrap();
        let typed = number.amount(Currency::new(currency)).unwrap();
        typed.amount.to_string()
    };
    assert_eq!(amount("12.500000", "EUR"), "12.50");
    assert_eq!(amount("12.505", "EUR"), "12.505");
    assert_eq!(amount("1200.00", "JPY"), "1200");
    assert_eq!(amount("0.50000000", "BTC"), "0.50000000");
}

proptest! {
    #[test]
    fn what_is_printed_with_separators_is_read_as_the_same(
        whole in 0_u64..1_000_000_000_000, cents in 0_u8..100, comma in any::<bool>(), lakh in any::<bool>(),
    ) {
        let (mark, group) = if comma { (DecimalMark::Comma, '.') } else { (DecimalMark::Point, ',') };
        let plain = whole.to_string();
        let mut grouped = String::new();
        for (index, digit) in plain.chars().enumerate() {
            let left = plain.len() - index;
            let ends = if lakh { left == 3 || left > 3 && left % 2 == 1 } else { left.is_multiple_of(3) };
            if index > 0 && ends {
                grouped.push(group);
            }
            grouped.push(digit);
        }
        let written = format!("{grouped}{}{cents:02}", mark.character());
        prop_assert_eq!(text(&written, mark), Some(format!("{whole}.{cents:02}")));
    }

    #[test]
    fn any_text_is_taken_apart_or_not(text in "\\PC{0,20}", mark in prop::sample::select(vec![DecimalMark::Comma, DecimalMark::Point])) {
        if let Some(written) = take_apart(&text) {
            let _ = signed(written, mark);
        }
    }
}
