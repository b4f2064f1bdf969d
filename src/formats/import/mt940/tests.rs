use super::super::tests::shown;
use super::*;

const TEXT: &str = ":20:STARTUMSE\r\n:25:12345678/0123456789\r\n:28C:1/1\r\n:60F:C260101EUR100,00\r\n\
:61:2601130113D5,50NMSCNONREF//B1\r\n:86:177?00SEPA?20Miete?21 Januar?32Wohnbau\r\n\
:61:2601020102RC10,NTRFX\r\nmore\r\n:86:free text\r\nof two lines\r\n\
:61:2512311231CR20,00NTRFY\r\n:62F:C260113EUR104,50\r\n-\r\n";

fn rows(text: &str) -> Vec<String> {
    let imported = read(text, &Options::default()).unwrap();
    imported.rows.iter().map(shown).collect()
}

#[test]
fn lines_become_movements_and_lead_to_the_closing_balance() {
    assert_eq!(
        rows(TEXT),
        [
            "2025-12-31 +20.00 main - [kind=NTRF reference=Y]",
            "2026-01-02 -10 main free text of two lines [kind=NTRF reference=X]",
            "2026-01-13 -5.50 main Miete Januar [counterparty=Wohnbau kind=NMSC text=SEPA]",
        ]
    );
    assert!(read(TEXT, &Options::default()).unwrap().ends.is_some());
}

#[test]
fn a_closing_balance_that_the_lines_do_not_lead_to_is_refused() {
    let error = read(&TEXT.replace("EUR104,50", "EUR104,51"), &Options::default()).unwrap_err();
    assert_eq!(error.place.line, Some(12));
    assert_eq!(
        error.fault.to_string(),
        "the balance is 104.51 here, but the rows lead to 104.50"
    );
    for bad in [
        TEXT.replace(":62F:", ":64:"),
        TEXT.replace("D5,50", "X5,50"),
        TEXT.replace(":60F:", ":60:"),
    ] {
        assert!(read(&bad, &Options::default()).is_err());
    }
}

#[test]
fn the_year_of_booking_is_that_which_is_next_to_the_value_date() {
    let value = days::civil([2025, 12, 31]).unwrap();
    assert_eq!(booked(value, "0102").unwrap().to_string(), "2026-01-02");
    assert_eq!(booked(value, "1230").unwrap().to_string(), "2025-12-30");
}
