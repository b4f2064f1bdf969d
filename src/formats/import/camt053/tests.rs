use super::super::tests::shown;
use super::*;

fn rows(text: &str, options: &Options) -> Vec<String> {
    let imported = read(text, options).unwrap();
    imported.rows.iter().map(shown).collect()
}

fn document(version: &str, inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<ns:Document xmlns:ns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}\"><ns:BkToCstmrStmt><ns:Stmt>{inner}</ns:Stmt></ns:BkToCstmrStmt></ns:Document>"
    )
}

fn entry(amount: &str, indicator: &str, more: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd>{more}<BookgDt><Dt>2026-01-13</Dt></BookgDt></Ntry>"
    )
}

fn balance(kind: &str, amount: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-13</Dt></Dt></Bal>"
    )
}

#[test]
fn entries_of_both_versions_are_movements_and_pending_ones_are_not() {
    let text = document(
        "02",
        &[
            entry(
                "5.00",
                "DBIT",
                "<Sts>BOOK</Sts><AddtlNtryInf>R &amp; D</AddtlNtryInf>",
            ),
            entry("7.00", "CRDT", "<Sts><Cd>BOOK</Cd></Sts>"),
            entry("9.00", "CRDT", "<Sts><Cd>PDNG</Cd></Sts>"),
        ]
        .concat(),
    );
    assert_eq!(
        rows(&text, &Options::default()),
        [
            "2026-01-13 -5.00 main R & D []",
            "2026-01-13 +7.00 main - []"
        ]
    );
    assert_eq!(read(&text, &Options::default()).unwrap().left_out, 1);
}

#[test]
fn a_batch_is_split_if_its_details_add_up_to_it() {
    let detail = |amount: &str, text: &str| {
        format!(
            "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">{amount}</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
        )
    };
    let batch = |one: &str, other: &str| {
        let details = format!(
            "<NtryDtls>{}{}</NtryDtls>",
            detail(one, "a"),
            detail(other, "b")
        );
        document("08", &entry("5.00", "DBIT", &details))
    };
    assert_eq!(
        rows(&batch("2.00", "3.00"), &Options::default()),
        ["2026-01-13 -2.00 main a []", "2026-01-13 -3.00 main b []"]
    );
    assert_eq!(
        rows(&batch("2.00", "3.50"), &Options::default()),
        ["2026-01-13 -5.00 main a []"]
    );
}

#[test]
fn balances_decide_over_reversals_and_refuse_what_does_not_add_up() {
    let text = |closing: &str| {
        let reversal = entry("5.00", "DBIT", "<RvslInd>true</RvslInd>");
        document(
            "02",
            &[
                balance("OPBD", "100.00"),
                balance("CLBD", closing),
                reversal,
            ]
            .concat(),
        )
    };
    let options = Options::default();
    assert_eq!(
        rows(&text("95.00"), &options),
        ["2026-01-13 -5.00 main - [kind=reversal]"]
    );
    assert_eq!(
        rows(&text("105.00"), &options),
        ["2026-01-13 +5.00 main - [kind=reversal]"]
    );
    let error = read(&text("100.00"), &options).unwrap_err();
    assert_eq!(
        error.fault.to_string(),
        "the balance is 100.00 here, but the rows lead to 95.00"
    );
    let unchecked = Options {
        checks_balances: false,
        ..options
    };
    assert_eq!(
        rows(&text("100.00"), &unchecked),
        ["2026-01-13 -5.00 main - [kind=reversal]"]
    );
}

#[test]
fn references_are_keys_only_if_each_entry_has_its_own() {
    let keys = |one: &str, other: &str| {
        let reference = |text: &str| format!("<AcctSvcrRef>{text}</AcctSvcrRef>");
        let text = document(
            "02",
            &[
                entry("5.00", "DBIT", &reference(one)),
                entry("5.00", "DBIT", &reference(other)),
            ]
            .concat(),
        );
        let rows = read(&text, &Options::default()).unwrap().rows;
        let keys = rows
            .iter()
            .map(|row| (row.identity, row.request.key.clone().unwrap()));
        keys.collect::<Vec<_>>()
    };
    let own = keys("a", "b");
    assert!(own[0].0 == RowIdentity::Number && own[0].1 != own[1].1);
    let same = keys("NONREF", "NONREF");
    assert!(same[0].0 == RowIdentity::Content && same[0].1 != same[1].1);
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let text = document("02", &entry("5.00", "DBIT", ""));
    for end in [20, 200, text.len() - 5] {
        assert!(read(&text[..end], &Options::default()).is_err());
    }
}
