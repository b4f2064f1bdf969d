use super::super::tests::shown;
use super::*;
use crate::event::EventRef;
use crate::formats::import::Pair;

fn rows(text: &str) -> Vec<String> {
    let imported = read(text, &Options::default()).unwrap();
    imported.rows.iter().map(shown).collect()
}

fn wrong(text: &str) -> String {
    let error = read(text, &Options::default()).unwrap_err();
    format!("{}: {}", error.place, error.fault)
}

#[test]
fn transactions_become_transfers_and_the_world_outside_deposits_and_withdrawals() {
    let text = "\
; a household
decimal-mark .
commodity 1,000.00 EUR
account assets:giro  ; type:A

2026-01-02 * (77) Rent | January  ; landlord:Huber, paid in time
    expenses:rent        900.00 EUR
    assets:giro

2026/1/3 ! pay
  equity:external   -2,000.50 EUR
  assets:giro        2,000.50 EUR
2026-01-04 out
  assets:giro\tEUR -5
  equity:external\tEUR 5
2026-01-05 split
  ; note:both
  assets:giro         €-12.00
  expenses:food        €10.00  ; lunch
  expenses:fees         €2.00
  expenses:none            €0
";
    assert_eq!(
        rows(text),
        [
            "2026-01-02 900.00 EUR assets:giro>expenses:rent Rent | January [code=77 comment=paid in time landlord=Huber]",
            "2026-01-03 +2000.50 assets:giro pay []",
            "2026-01-04 -5 assets:giro out []",
            "2026-01-05 10.00 EUR assets:giro>expenses:food split [comment=lunch note=both]",
            "2026-01-05 2.00 EUR assets:giro>expenses:fees split [comment=lunch note=both]",
        ]
    );
}

#[test]
fn several_givers_and_takers_are_booked_against_the_world_outside_in_their_order() {
    let text = "2026-01-02 x\n  a  5\n  b  5\n  c  -4\n  d  -6\n";
    assert_eq!(
        rows(text),
        [
            "2026-01-02 +5 a x []",
            "2026-01-02 +5 b x []",
            "2026-01-02 -4 c x []",
            "2026-01-02 -6 d x []",
        ]
    );
    // What is outside already needs no event of its own.
    let text = "2026-01-02 x\n  a  5\n  b  5\n  c  -4\n  equity:external  -6\n";
    assert_eq!(rows(text).len(), 3);
}

#[test]
fn commodities_and_accounts_may_be_mapped() {
    let options = Options {
        map: Pair::parse_list("Food out=food,$=USD").unwrap(),
        ..Options::default()
    };
    let text = "2026-01-02 x\n  Food out  $5.50\n  cash\n2026-01-03 y\n  a  1 \"X 1\"\n  b\n";
    let error = read(text, &options).unwrap_err();
    assert_eq!(error.place.line, Some(5));
    let imported = read(text.split("2026-01-03").next().unwrap(), &options).unwrap();
    assert_eq!(
        shown(&imported.rows[0]),
        "2026-01-02 5.50 USD cash>food x []"
    );
    assert_eq!(
        wrong(text),
        "line 2: these are not account names: `Food out`"
    );
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    for (posting, expected) in [
        (
            "(a)  5",
            "line 2, column 3: a virtual posting cannot be imported",
        ),
        (
            "a  5 EUR {1.1 USD}",
            "line 2, column 12: a lot's cost cannot be imported",
        ),
        (
            "a  12.34 EUR @ 1.0831 USD",
            "line 2, column 18: at this price of one unit the whole is no exact amount of USD",
        ),
        (
            "a  5 EUR @ 0.3333333333 USD",
            "line 2, column 14: `0.3333333333` has more than nine digits after the decimal mark",
        ),
        (
            "a  5 EUR @@ 5.50 EUR",
            "line 2, column 15: a price that is not in another currency cannot be imported",
        ),
        (
            "a  5 @@ 5.50 EUR",
            "line 2, column 11: a price that is not in another currency cannot be imported",
        ),
        (
            "a  5 EUR @@ -5.50 USD",
            "line 2, column 15: found `-5.50 USD`, expected a price above zero",
        ),
        (
            "a  5 EUR @@ 0 USD",
            "line 2, column 15: found `0 USD`, expected a price above zero",
        ),
        (
            "a  5 EUR @",
            "line 2, column 13: found nothing, expected an amount after `@`",
        ),
        (
            "a  5 EUR (@@) 5 USD",
            "line 2, column 15: a price of this form cannot be imported",
        ),
        (
            "a  5 EUR @ 1 USD @ 2 CHF",
            "line 2, column 14: a price of this form cannot be imported",
        ),
        (
            "a  @ 1 USD",
            "line 2, column 8: a price of this form cannot be imported",
        ),
        (
            "a  999999999999 BTC @ 999999999999999999 EUR",
            "line 2, column 25: `999999999999999999 EUR` has more than 18 digits before the decimal mark",
        ),
        (
            "a  5 == 5",
            "line 2, column 9: an assertion on all commodities or subaccounts cannot be imported",
        ),
        (
            "a  = 5",
            "line 2, column 6: an amount that only an assertion says cannot be imported",
        ),
        (
            "a  five",
            "line 2, column 6: `five` is not a number with a decimal point",
        ),
        (
            "a ; x",
            "line 2, column 4: found ` ; x`, expected two blanks between account and comment",
        ),
        (
            "a  5 ; date:2026-01-03",
            "line 2, column 10: a posting's own date cannot be imported",
        ),
        (
            "a  5 ; [2026-01-03]",
            "line 2, column 10: a posting's own date cannot be imported",
        ),
        (
            "a  1,234",
            "line 2, column 6: `1,234` can be 1.234 or 1234, and nothing else in the file decides",
        ),
    ] {
        let text = format!("2026-01-02 x\n  {posting}\n  b\n");
        assert_eq!(wrong(&text), expected, "{posting}");
    }
    for (text, expected) in [
        (
            "P 2026-01-02 EUR 1.1 USD\n",
            "line 1, column 1: a price cannot be imported",
        ),
        (
            "include other.journal\n",
            "line 1, column 1: `include` of another file cannot be imported",
        ),
        (
            "alias a=b\n",
            "line 1, column 1: the directive `alias` cannot be imported",
        ),
        (
            "~ monthly\n  a  1\n  b\n",
            "line 1, column 1: a periodic transaction cannot be imported",
        ),
        (
            "2026-01-02 x\n  a  -5 EUR @@ 6 USD\n  b  4 USD\n  c  2 USD\n",
            "line 2, column 6: a posting with a price against several others cannot be imported",
        ),
        (
            "2026-01-02 x\n  a  -5 EUR @@ 6 USD\n  b  5 USD\n",
            "line 1: the postings add up to -1.00 USD, not to 0",
        ),
        (
            "2026-01-02 x\n  a  -5 EUR @@ 6 USD\n  a  6 USD\n",
            "line 3, column 6: a transaction from a to itself cannot be imported",
        ),
        (
            "2026-01-02=2026-01-03 x\n  a  5\n  b\n",
            "line 1, column 12: a second date cannot be imported",
        ),
        (
            "01-02 x\n  a  5\n  b\n",
            "line 1, column 1: found `01-02`, expected a date like 2026-12-31",
        ),
        (
            "2026-02-30 x\n  a  5\n  b\n",
            "line 1: 2026 has no February 30",
        ),
        (
            "  a  5\n",
            "line 1, column 3: an indented line outside a transaction cannot be imported",
        ),
        (
            "2026-01-02 x\n  a  5 EUR\n  b  -4 EUR\n",
            "line 1: the postings add up to 1.00 EUR, not to 0",
        ),
        (
            "2026-01-02 x\n  a  5\n  b\n  c\n",
            "line 4: found a second posting without an amount, expected one at most",
        ),
        (
            "2026-01-02 x\n  a  5\n  a  -5\n",
            "line 2, column 6: a transaction from a to itself cannot be imported",
        ),
    ] {
        assert_eq!(wrong(text), expected, "{text}");
    }
}

#[test]
fn assertions_are_held_against_the_journal_in_the_order_of_days() {
    let text = "2026-01-03 x\n  a  5 EUR = 12 EUR\n  b\n2026-01-02 y\n  a  7 EUR = 7.00 EUR\n  b\n";
    assert_eq!(rows(text).len(), 2);
    assert_eq!(
        wrong(&text.replace("= 12", "= 13")),
        "line 2, column 14: a is 12.00 EUR here, not 13 EUR"
    );
}

#[test]
fn what_an_export_of_ours_says_is_what_was_recorded() {
    let text = "\
; ledger 00, zone Europe/Vienna

decimal-mark .

commodity 1000.00 EUR
account main  ; floor: -50
account equity:external-2

; 2026-01-01 open main
;     seq: 1
;     at: 2026-01-01T10:00:00.000000Z
;     effective-at: 2026-01-01T10:00:00.000000Z
;     type: open
;     account: main
;     currency: EUR
;     floor: -50.00

2026-01-02 pocket\\u{3b} money\\nof two lines
    ; seq: 2
    ; at: 2026-01-05T10:00:00.000000Z
    ; effective-at: 2026-01-02T09:30:00.000000Z
    ; type: deposit
    ; key: order 7
    ; shop: north
    ; tag-1: a b=1\\u{2c} 2
    main                50.00 EUR
    equity:external-2  -50.00 EUR

2026-01-02
    ; seq: 3
    ; at: 2026-01-06T10:00:00.000000Z
    ; effective-at: 2026-01-06T10:00:00.000000Z
    ; type: withdraw
    ; reverses: 2
    main               -50.00 EUR
    equity:external-2   50.00 EUR
";
    let imported = read(text, &Options::default()).unwrap();
    let [open, deposit, reversal] = imported.rows.as_slice() else {
        panic!("{:?}", imported.rows);
    };
    assert!(matches!(
        &open.request.operation,
        Operation::Open { floor: Some(_), .. }
    ));
    assert_eq!(
        deposit.request.memo.as_deref(),
        Some("pocket; money\nof two lines")
    );
    let tags: Vec<_> = deposit.request.tags.iter().collect();
    assert_eq!(tags, [("a b", "1, 2"), ("shop", "north")]);
    let key = deposit.request.key.clone().unwrap();
    assert_eq!(key.as_str(), "order 7");
    assert_eq!(
        deposit.request.effective.as_ref().unwrap().text(),
        "2026-01-02T09:30:00.000000Z"
    );
    assert_eq!(
        reversal.request.operation,
        Operation::Reverse {
            event: EventRef::Key(key)
        }
    );
}

#[test]
fn a_posting_with_a_price_is_one_side_of_an_exchange_with_both_amounts() {
    for (postings, expected) in [
        (
            "a  -5 EUR @@ 5.50 USD\n  b  5.50 USD",
            &["5 EUR a>b 5.50 USD"][..],
        ),
        ("a  -5 EUR @@ 5.50 USD\n  b", &["5 EUR a>b 5.5 USD"]),
        ("a  5 EUR @@ 5.50 USD\n  b", &["5.50 USD b>a 5 EUR"]),
        ("a  5 EUR@@5.50 USD = 5 EUR\n  b", &["5.50 USD b>a 5 EUR"]),
        ("a  100 EUR @ 1.0831 USD\n  b", &["108.31 USD b>a 100 EUR"]),
        (
            "a  -100 EUR @ 1.0831 USD\n  b  108.31 USD",
            &["100 EUR a>b 108.31 USD"],
        ),
        (
            "a  0.5 BTC @ USD 60,000.50\n  b",
            &["30000.25 USD b>a 0.5 BTC"],
        ),
        // A fee in the currency of the price.
        (
            "a  5 EUR @@ 5.50 USD\n  fee  0.10 USD\n  b  -5.60 USD",
            &["5.50 USD b>a 5 EUR", "0.10 USD b>fee"],
        ),
        // Two exchanges from one account.
        (
            "a  5 EUR @@ 5.50 USD\n  c  4 CHF @ 1.25 USD\n  b",
            &["5.50 USD b>a 5 EUR", "5 USD b>c 4 CHF"],
        ),
        (
            "a  -5 EUR @@ 6 USD\n  b  4 CHF @@ 6 USD",
            &["5 EUR a>b 4 CHF"],
        ),
        // The world outside has no amount of its own.
        ("a  5 EUR @@ 5.50 USD\n  equity:external", &["+5 a"]),
        ("a  -5 EUR @@ 5.50 USD\n  equity:external", &["-5 a"]),
        (
            "a  5 EUR @@ 5 USD\n  b  2 USD\n  c  -3 USD\n  d  -4 USD",
            &["+5 a", "+2 b", "-3 c", "-4 d"],
        ),
    ] {
        let found = rows(&format!(
            "2026-01-01 s\n  m  1 USD\n  n\n2026-01-02 x\n  {postings}\n"
        ));
        let found: Vec<&str> = found
            .iter()
            .skip(1)
            .map(|row| {
                let row = row.strip_prefix("2026-01-02 ").unwrap();
                row.strip_suffix(" x []").unwrap()
            })
            .collect();
        assert_eq!(found, expected, "{postings}");
    }
}

#[test]
fn another_price_is_another_transaction() {
    let key = |price: &str| {
        let text = format!("2026-01-02 x\n  a  5 EUR @@ {price}\n  b\n");
        let imported = read(&text, &Options::default()).unwrap();
        imported.rows[0].request.key.clone().unwrap()
    };
    assert_eq!(key("5.50 USD"), key("USD 5.5"));
    assert_ne!(key("5.50 USD"), key("5.51 USD"));
}
