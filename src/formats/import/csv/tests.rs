use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::tests::shown;
use super::super::text::on_one_line;
use super::*;
use crate::accounts::Operation;
use crate::event::{AccountName, EventRef};
use crate::formats::import::{DateFormat, Pair, SignRule, Skip};
use crate::money::Currency;

fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    super::read(&mut std::io::Cursor::new(text.as_bytes().to_vec()), options)
}

fn options() -> Options {
    Options::default()
}

fn rows(text: &str, options: &Options) -> Vec<String> {
    let imported = read(text, options).unwrap();
    imported.rows.iter().map(shown).collect()
}

/// The place and the words of what is wrong.
fn wrong(text: &str, options: &Options) -> String {
    let error = read(text, options).unwrap_err();
    format!("{}: {}", error.place, error.fault)
}

#[test]
fn the_newest_first_are_turned_round_and_days_are_in_order() {
    let text = "Date,Description,Amount\n\
        2026-01-03,third,-3.00\n2026-01-02,second,-2.00\n2026-01-02,first,1.00\n";
    assert_eq!(
        rows(text, &options()),
        [
            "2026-01-02 +1.00 main first []",
            "2026-01-02 -2.00 main second []",
            "2026-01-03 -3.00 main third []",
        ]
    );
}

#[test]
fn debit_and_credit_stand_in_columns_of_their_own_or_in_a_word() {
    let sides = "Date;Debit;Credit\n2026-01-02;1,50;\n2026-01-03;;2,50\n2026-01-04;0,00;3,50\n2026-01-05;4,50;0,00\n";
    assert_eq!(
        rows(sides, &options()),
        [
            "2026-01-02 -1.50 main - []",
            "2026-01-03 +2.50 main - []",
            "2026-01-04 +3.50 main - []",
            "2026-01-05 -4.50 main - []",
        ]
    );
    let word = "Buchungstag;Umsatz;Soll/Haben\n2026-01-02;1,50;S\n2026-01-03;2,50;H\n";
    assert_eq!(
        rows(word, &options()),
        ["2026-01-02 -1.50 main - []", "2026-01-03 +2.50 main - []"]
    );
    assert_eq!(
        wrong("Date;Debit;Credit\n2026-01-02;1,50;2,50\n", &options()),
        "line 2, column 3 (Credit): a row has one amount: both sides are filled in"
    );
    assert_eq!(
        wrong("Date;Debit;Credit\n2026-01-02;;\n", &options()),
        "line 2, column 2 (Debit): a row has one amount: neither side is filled in"
    );
}

#[test]
fn from_and_to_make_transfers() {
    let mut options = options();
    options.map = Pair::parse_list("to=Target,from=Source").unwrap();
    let text = "Date,Amount,Source,Target\n2026-01-02,1.50,a,b\n2026-01-03,2.50,,b\n2026-01-04,3.50,a,\n2026-01-05,-4.50,,\n";
    assert_eq!(
        rows(text, &options),
        [
            "2026-01-02 1.50 - a>b - []",
            "2026-01-03 2.50 - main>b - []",
            "2026-01-04 3.50 - a>main - []",
            "2026-01-05 -4.50 main - []",
        ]
    );
    assert_eq!(
        wrong(
            "Date,Amount,Source,Target\n2026-01-02,-1.50,a,b\n",
            &options
        ),
        "line 2, column 2 (Amount): found an amount below zero, expected one above zero: `from` and `to` say the direction"
    );
}

#[test]
fn what_the_file_leaves_open_is_asked_for_with_its_place() {
    for (text, expected) in [
        (
            "Date,Amount\n2026-01-02,\"1,234\"\n",
            "line 2, column 2 (Amount): `1,234` can be 1.234 or 1234, and nothing else in the file decides",
        ),
        (
            "Date,Amount\n2026-01-02,1.50\n2026-01-02,\"1,50\"\n",
            "line 3, column 2 (Amount): `1,50` and the earlier `1.50` have different decimal marks",
        ),
        (
            "Date,Amount\n02/01/2026,1.50\n",
            "line 2, column 1 (Date): `02/01/2026` can be 2026-01-02 or 2026-02-01, and nothing else in the file decides",
        ),
        (
            "Date,Amount\n02/01/26,1.50\n",
            "line 2, column 1 (Date): `02/01/26` can be 2026-01-02 or 2026-02-01, and nothing else in the file decides",
        ),
        (
            "Date,Amount,State\n2026-01-02,1.50,COMPLETED\n2026-01-02,1.50,PENDING\n",
            "line 3, column 3 (State): rows say `COMPLETED`, `PENDING` here, and the file does not say which of them count",
        ),
        (
            "Date,Amount\n2026-01-02,$1.50\n",
            "line 2, column 2 (Amount): `$` does not name one currency for certain: use a code like EUR",
        ),
        (
            "Date,Amount,Currency\n2026-01-02,1.50 EUR,USD\n",
            "line 2, column 3 (Currency): the file says USD, not EUR",
        ),
        (
            "Date,Amount\n2026-01-02,1.50,7\n",
            "line 2: 3 fields where the header has 2",
        ),
        (
            "Date,Amount\n2026-01-02\n",
            "line 2: 1 field where the header has 2",
        ),
        (
            "Date,Amount\n2026-01-02,one\n",
            "line 2, column 2 (Amount): `one` is not a number",
        ),
        (
            "Date,Amount\n,1.50\n",
            "line 2, column 1 (Date): `` is not a date that can be read in one way",
        ),
        (
            "Datum;Text;Info\n",
            "line 1: no column is known for the amount; the columns are `Datum`, `Text`, `Info`",
        ),
        (
            "Datum;Buchungstag;Betrag\n",
            "line 1: `Datum` and `Buchungstag` can both be the date",
        ),
    ] {
        assert_eq!(wrong(text, &options()), expected);
    }
}

#[test]
fn an_answer_settles_what_was_open() {
    let mut asked = options();
    asked.decimal = Some(DecimalMark::Point);
    asked.date_format = Some(DateFormat::parse("%d/%m/%y").unwrap());
    asked.currency = Currency::new("USD");
    asked.only = vec![Pair::parse("State=COMPLETED").unwrap()];
    let text = "Date,Amount,State\n02/01/26,\"$1,234\",COMPLETED\n03/01/26,5,PENDING\n";
    assert_eq!(rows(text, &asked), ["2026-01-02 +1234 main - []"]);
    assert_eq!(read(text, &asked).unwrap().left_out, 1);
}

#[test]
fn lines_before_the_header_are_skipped_where_that_was_said() {
    let text = "Konto;DE12\n\nDatum;Betrag;\n31.01.2026;5,00;\n";
    assert_eq!(
        wrong(text, &options()),
        "line 1: this is not a header: no columns for date and amount are found in `Konto;DE12`"
    );
    let twice = text.replace("Betrag;", "Betrag;Buchung");
    let error = read(&twice, &options()).unwrap_err();
    assert!(
        matches!(*error.fault, Fault::NoHeader { skip: Some(2), .. }),
        "{error:?}"
    );
    let error = read(text, &options()).unwrap_err();
    assert!(
        matches!(*error.fault, Fault::NoHeader { skip: Some(2), .. }),
        "{error:?}"
    );
    for skip in [Skip::Lines(2), Skip::ToHeader] {
        let options = Options { skip, ..options() };
        assert_eq!(rows(text, &options), ["2026-01-31 +5.00 main - []"]);
        let bad = text.replace("5,00", "x");
        assert!(wrong(&bad, &options).starts_with("line 4, column 2 (Betrag): "));
    }
}

#[test]
fn lines_are_counted_whatever_they_end_in() {
    for end in ["\n", "\r\n"] {
        let text = "Date,Amount\n2026-01-02,5\n\n\n\"2026-01-03\",\"6\"\n2026-01-04,\"x\ny\"\n"
            .replace('\n', end);
        let start = "line 6, column 2 (Amount): ";
        assert!(
            wrong(&text, &options()).starts_with(start),
            "{}",
            wrong(&text, &options())
        );
    }
}

#[test]
fn a_header_that_comes_again_is_no_row() {
    let text = "Date,Amount,Text\n2026-01-02,1.00,a\nDate,Amount,Text\n2026-01-03,2.00,b\n";
    assert_eq!(rows(text, &options()).len(), 2);
    let other = "Date,Amount,Text\n2026-01-02,1.00,a\nDate,Amount,Memo\n";
    assert_eq!(
        wrong(other, &options()),
        "line 3, column 1 (Date): `Date` is not a date that can be read in one way"
    );
}

#[test]
fn a_quote_that_takes_in_a_row_is_refused_where_it_opens() {
    let text = "Date,Amount,Text\n2026-01-02,1.00,\"a\n2026-01-03,1.00,b\n";
    assert_eq!(
        wrong(text, &options()),
        "line 2, column 3 (Text): a quote opens this field, and none closes it"
    );
    let text = "Date,Amount,Text\n2026-01-02,1.00,\"a\n2026-01-03,1.00,\"b\"\n";
    assert_eq!(
        wrong(text, &options()),
        "line 2, column 3 (Text): a quote closes this field, and `b\"` follows it"
    );
}

#[test]
fn a_field_may_hold_delimiters_quotes_and_line_ends() {
    let text = "Date,Amount,Description\n2026-01-02,1.50,\"a, \"\"b\"\"\nc\"\n2026-01-03,x,\n";
    assert_eq!(
        wrong(text, &options()),
        "line 4, column 2 (Amount): `x` is not a number"
    );
    let good = text.replace(",x,", ",2.50,");
    assert_eq!(
        rows(&good, &options())[0],
        "2026-01-02 +1.50 main a, \"b\" c []"
    );
}

#[test]
fn rows_of_nothing_are_counted_and_passed_over() {
    let imported = read(
        "Date,Amount\n2026-01-02,0.00\n2026-01-02,1.50\n",
        &options(),
    )
    .unwrap();
    assert_eq!((imported.rows.len(), imported.zeros), (1, 1));
}

fn keys(text: &str, options: &Options) -> Vec<String> {
    let rows = read(text, options).unwrap().rows;
    rows.iter()
        .map(|row| row.request.key.as_ref().unwrap().to_string())
        .collect()
}

#[test]
fn a_row_is_known_again_whatever_its_balance_its_form_and_its_columns() {
    let one = keys(
        "Date,Amount,Description,Balance\n2026-01-02,-3.50,coffee,100.00\n",
        &options(),
    );
    for same in [
        "Date,Amount,Description,Balance\n2026-01-02,-3.50,coffee,77.20\n",
        "Amount;Description;Date;New\n-3,50;  coffee ;02 Jan 2026;\n",
        "Date,Amount,Description\n2026-01-02,-3.5,coffee\n",
    ] {
        assert_eq!(keys(same, &options()), one, "{same}");
    }
    for other in [
        "Date,Amount,Description\n2026-01-03,-3.50,coffee\n",
        "Date,Amount,Description\n2026-01-02,3.50,coffee\n",
        "Date,Amount,Description\n2026-01-02,-3.50,tea\n",
    ] {
        assert_ne!(keys(other, &options()), one, "{other}");
    }
    let elsewhere = Options {
        account: AccountName::typed("giro").unwrap(),
        ..options()
    };
    let text = "Date,Amount,Description\n2026-01-02,-3.50,coffee\n";
    assert_ne!(keys(text, &elsewhere), one);
    // Another mapping is another content under the same key: a conflict, and nothing twice.
    let mapped = Options {
        map: Pair::parse_list("tag:what=Description").unwrap(),
        ..options()
    };
    assert_eq!(keys(text, &mapped), one);
}

/// Rows of few days, amounts and texts, so that many are alike.
fn row() -> impl Strategy<Value = (u8, u8, u8)> {
    (1_u8..4, 1_u8..3, 0_u8..2)
}

fn written(rows: &[(u8, u8, u8)]) -> String {
    let lines = rows
        .iter()
        .map(|(day, amount, what)| format!("2026-01-0{day},-{amount}.50,what {what}"));
    let lines: Vec<String> = lines.collect();
    format!("Date,Amount,Description\n{}\n", lines.join("\n"))
}

fn counts(rows: &[(u8, u8, u8)]) -> BTreeMap<(u8, u8, u8), usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(*row).or_default() += 1;
    }
    counts
}

proptest! {
    /// Compares a ledger that accepts every key once with a model without keys: afterwards each row
    /// exists as often as in the file that had most of it.
    #[test]
    fn overlapping_files_add_what_is_new_and_alike_rows_are_counted(
        files in proptest::collection::vec(proptest::collection::vec(row(), 0..12), 1..5),
    ) {
        let mut ledger = std::collections::BTreeSet::new();
        let mut most: BTreeMap<(u8, u8, u8), usize> = BTreeMap::new();
        for file in &files {
            ledger.extend(keys(&written(file), &options()));
            for (row, count) in counts(file) {
                let known = most.entry(row).or_default();
                *known = count.max(*known);
            }
        }
        prop_assert_eq!(ledger.len(), most.values().sum::<usize>());
    }

    #[test]
    fn what_is_printed_is_read_as_the_same(
        memo in "[a-zé;,\"'|#=. -]{0,12}",
        cents in 1_u32..1_000_000_000,
        out in any::<bool>(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
    ) {
        let amount = format!("{}{}.{:02}", if out { "-" } else { "" }, cents / 100, cents % 100);
        let mut writer = ::csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["Date", "Amount", "Description"]).unwrap();
        writer.write_record(["2026-01-31", &amount, &memo]).unwrap();
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let imported = read(&text, &options()).unwrap();
        let request = &imported.rows[0].request;
        let expected = on_one_line(&memo);
        prop_assert_eq!(request.memo.as_deref().unwrap_or_default(), expected);
        let sign = if out { '-' } else { '+' };
        let start = format!("2026-01-31 {sign}{} main", amount.trim_start_matches('-'));
        prop_assert!(shown(&imported.rows[0]).starts_with(&start), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(Date|Amount|[,;\n\"0-9.-]|2026-01-02|x){0,40}") {
        let _ = read(&text, &options());
        let _ = read(&format!("Date,Amount\n{text}"), &options());
    }
}

/// A file as our own export writes it: both sides of a transfer, an escaped formula, escapes.
const OWN: &str = "seq,date,effective,at,type,account,other_account,amount,currency,memo,tags,key,reverses,captures,corrects,refunds\r\n\
2,2026-01-02,2026-01-02T08:30:00.000000Z,2026-01-05T10:00:00.000000Z,deposit,giro,,50.00,EUR,\"'=1+1, \"\"x\"\"\ny\",\"{\"\"order\"\":\"\"7\"\"}\",one,,,,\r\n\
3,2026-01-03,2026-01-03T10:00:00.000000Z,2026-01-03T10:00:00.000000Z,transfer,giro,savings,-10.00,EUR,,,,,,,\r\n\
3,2026-01-03,2026-01-03T10:00:00.000000Z,2026-01-03T10:00:00.000000Z,transfer,savings,giro,10.00,EUR,,,,,,,\r\n\
4,2026-01-04,2026-01-04T10:00:00.000000Z,2026-01-04T10:00:00.000000Z,withdraw,giro,,-50.00,EUR,,,,2,,,\r\n";

#[test]
fn what_an_export_of_ours_says_is_what_was_recorded() {
    let imported = read(OWN, &options()).unwrap();
    let [deposit, transfer, reversal] = imported.rows.as_slice() else {
        panic!("{:?}", imported.rows);
    };
    assert_eq!(
        shown(deposit),
        "2026-01-02T08:30:00.000000Z +50.00 giro =1+1, \"x\"\ny [order=7]"
    );
    assert_eq!(
        shown(transfer),
        "2026-01-03T10:00:00.000000Z 10.00 EUR giro>savings - []"
    );
    let key = deposit.request.key.clone().unwrap();
    assert_eq!(key.as_str(), "one");
    assert_eq!(
        reversal.request.operation,
        Operation::Reverse {
            event: EventRef::Key(key)
        }
    );
    assert_eq!(
        wrong(
            &OWN.replace(",savings,giro,10.00", ",savings,giro,11.00"),
            &options()
        ),
        "line 5, column 1 (seq): found another movement with the same number, expected the other side of the transfer"
    );
    assert_eq!(
        wrong(&OWN.replace(",-50.00", ",50.00"), &options()),
        "line 6, column 5 (type): found `withdraw` of 50.00, expected a deposit above zero, a withdrawal below it or a transfer"
    );
}

#[test]
fn a_file_without_a_header_loses_no_row() {
    let mut options = Options {
        map: Pair::parse_list("date=#1,amount=#3,memo=#2").unwrap(),
        ..options()
    };
    let text = "2026-01-02,\"a, b\",1.50\n2026-01-03,c,2.50\n";
    assert_eq!(
        wrong(text, &options),
        "line 1: this is a row and not a header: `2026-01-02` is a date"
    );
    options.has_header = false;
    assert_eq!(
        rows(text, &options),
        [
            "2026-01-02 +1.50 main a, b []",
            "2026-01-03 +2.50 main c []"
        ]
    );
    assert_eq!(
        wrong("2026-01-02,a,1.50\n2026-01-03,c,x\n", &options),
        "line 2, column 3 (#3): `x` is not a number"
    );
}

#[test]
fn what_is_not_booked_yet_is_asked_about_whatever_its_column_is_called() {
    let text =
        "Date,Amount,Info\n2026-01-02,1.50,Umsatz gebucht\n2026-01-03,2.50,Umsatz vorgemerkt\n";
    let place = "line 3, column 3 (Info): rows say `Umsatz gebucht`, `Umsatz vorgemerkt` here";
    assert!(
        wrong(text, &options()).starts_with(place),
        "{}",
        wrong(text, &options())
    );
    let only = Options {
        only: vec![Pair::parse("Info=Umsatz gebucht").unwrap()],
        ..options()
    };
    assert_eq!(rows(text, &only), ["2026-01-02 +1.50 main - []"]);
    let all = "Date,Amount,State\n2026-01-02,1.50,PENDING\n";
    assert!(
        wrong(all, &options()).starts_with("line 2, column 3 (State): rows say `PENDING` here")
    );
    let free = "Date,Amount,Info\n2026-01-02,1.50,a\n2026-01-03,2.50,b\n";
    assert_eq!(rows(free, &options()).len(), 2);
}

#[test]
fn a_minus_in_a_debit_or_credit_column_is_decided_by_balances_or_asked_about() {
    let with_sign = "Date,Debit,Credit\n2026-01-02,-1.50,\n2026-01-03,,2.50\n";
    assert_eq!(
        wrong(with_sign, &options()),
        "line 2, column 2 (Debit): `-1.50` can be -1.50 or 1.50, and nothing else in the file decides"
    );
    let by = |direction| Options {
        direction: Some(direction),
        ..options()
    };
    let out = ["2026-01-02 -1.50 main - []", "2026-01-03 +2.50 main - []"];
    let back = ["2026-01-02 +1.50 main - []", "2026-01-03 +2.50 main - []"];
    assert_eq!(rows(with_sign, &by(SignRule::Word)), out);
    assert_eq!(rows(with_sign, &by(SignRule::Both)), back);
    let balance = |first: &str, second: &str| {
        format!(
            "Date,Debit,Credit,Balance\n2026-01-02,-1.50,,{first}\n2026-01-03,,2.50,{second}\n2026-01-04,-4.00,,{}\n",
            "8.50"
        )
    };
    let found = rows(&balance("10.00", "12.50"), &options());
    assert_eq!(found[2], "2026-01-04 -4.00 main - []");
    let usual = with_sign
        .replace("Debit", "Lastschrift in CHF")
        .replace("Credit", "Gutschrift in CHF");
    assert_eq!(rows(&usual, &options()), out);
    let mixed = "Date,Debit,Credit,Balance\n2026-01-02,5.00,,95.00\n2026-01-03,-2.00,,97.00\n2026-01-04,,-500.00,-403.00\n";
    assert_eq!(
        rows(mixed, &options()),
        [
            "2026-01-02 -5.00 main - []",
            "2026-01-03 +2.00 main - []",
            "2026-01-04 -500.00 main - []",
        ]
    );
}

#[test]
fn accounts_keys_currencies_and_tags_may_stand_in_columns() {
    let map = "account=Konto,key=Id,memo=Zweck,memo=Text,tag:order=Bestellung,currency=W";
    let asked = Options {
        map: Pair::parse_list(map).unwrap(),
        ..options()
    };
    let text = "Datum;Betrag;Konto;Id;Zweck;Text;Bestellung;W\n\
        31.01.2026;5,00;giro;a-1;for  this;and that;7;EUR\n\
        31.01.2026;-6,00;;;;;;USD\n";
    let imported = read(text, &asked).unwrap();
    assert_eq!(
        rows(text, &asked),
        [
            "2026-01-31 +5.00 giro for this and that [order=7]",
            "2026-01-31 -6.00 main - []",
        ]
    );
    assert_eq!(keys(text, &asked)[0], "a-1");
    let Operation::Withdraw { amount, .. } = &imported.rows[1].request.operation else {
        panic!();
    };
    assert_eq!(amount.currency, Currency::new("USD"));
    let error = wrong(&text.replace(";giro;", ";my giro;"), &asked);
    assert!(
        error.starts_with("line 2, column 3 (Konto): `my giro` is not an account name"),
        "{error}"
    );
    // The key is of the file's own sign: turned round, a row is known and not a second one.
    let inverted = Options {
        invert: true,
        ..asked.clone()
    };
    assert!(rows(text, &inverted)[1].starts_with("2026-01-31 +6.00 main"));
    assert_eq!(keys(text, &inverted), keys(text, &asked));
}
