use crate::harness::{Shell, lines};
use crate::story::story;

#[test]
fn each_period_has_what_came_in_what_went_out_and_what_was_there_in_the_end() {
    story().ledger("report --account 'assets:*'").prints(
        "\
times in Europe/Vienna, now +01:00
Month         In      Out       Net  Balance
────────────────────────────────────────────────
2026-01  2500.00  1032.90   1467.10  1467.10 EUR
2026-02     0.00  1900.00  -1900.00  -432.90 EUR
2026-03    12.50     0.00     12.50  -420.40 EUR
────────────────────────────────────────────────
Total    2512.50  2932.90   -420.40  -420.40 EUR

Month       In   Out    Net  Balance
────────────────────────────────────────
2026-02  30.00  0.00  30.00    30.00 USD
",
    );
}

#[test]
fn a_period_without_events_is_shown_between_others_and_not_at_the_ends() {
    story()
        .ledger("report --by week --account expenses:rent assets:giro --until 2026-02")
        .prints(
            "\
until 2026-02-28 23:59:59.999999 +01:00 (Europe/Vienna)
Week           In      Out       Net  Balance
─────────────────────────────────────────────────
2026-W01  2500.00     0.00   2500.00  2500.00 EUR
2026-W02     0.00     0.00      0.00  2500.00 EUR
2026-W03     0.00     0.00      0.00  2500.00 EUR
2026-W04     0.00     0.00      0.00  2500.00 EUR
2026-W05     0.00   132.90   -132.90  2367.10 EUR
2026-W06     0.00  1900.00  -1900.00   467.10 EUR
─────────────────────────────────────────────────
Total     2500.00  2032.90    467.10   467.10 EUR
",
        );
}

#[test]
fn a_transfer_between_two_of_the_accounts_is_neither_in_nor_out() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 100 -a a:x",
        "transfer 40 --from a:x --to a:y",
        "transfer 5 --from a:y --to shop",
    ]);
    let figures = |accounts: &str| {
        let answer = shell.ledger(&format!("report --json {accounts}")).json();
        let block = &answer["currencies"][0];
        let text = |key: &str| block[key].as_str().unwrap().to_owned();
        [text("in"), text("out"), text("balance")]
    };
    assert_eq!(figures("-a 'a:*'"), ["100.00", "5.00", "95.00"]);
    assert_eq!(figures("-a a:x"), ["100.00", "40.00", "60.00"]);
    assert_eq!(figures("-a a:y -a shop"), ["40.00", "0.00", "40.00"]);
    assert_eq!(figures(""), ["100.00", "0.00", "100.00"]);
}

#[test]
fn since_hides_rows_and_says_what_was_there_before() {
    story()
        .ledger("report --by month --account assets:giro --since 2026-02-10")
        .prints(
            "\
since 2026-02-10 00:00:00 +01:00 (Europe/Vienna)
Month       In   Out    Net  Balance
────────────────────────────────────────
before                       -432.90 EUR
2026-02   0.00  0.00   0.00  -432.90 EUR
2026-03  12.50  0.00  12.50  -420.40 EUR
────────────────────────────────────────
Total    12.50  0.00  12.50  -420.40 EUR
",
        );
}

#[test]
fn every_closing_balance_is_what_balance_says_of_the_end_of_the_period() {
    let shell = Shell::new();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data/household.jsonl");
    std::fs::copy(sample, shell.file("ledger.jsonl")).unwrap();
    let total = |period: &str| {
        let answer = shell
            .ledger(&format!("balance 'assets:*' --json --until {period}"))
            .json();
        let totals = answer["totals"].as_array().unwrap();
        let eur = totals.iter().find(|total| total["currency"] == "EUR");
        eur.unwrap()["balance"].clone()
    };
    for (by, more) in [
        ("day", "--since 2026-03-25 --until 2026-04-03"),
        ("week", "--since 2026-03"),
        ("month", "--known-at 2026-04-01"),
        ("quarter", ""),
        ("year", "--net"),
    ] {
        let answer = shell
            .ledger(&format!("report -a 'assets:*' --json --by {by} {more}"))
            .json();
        let rows = answer["currencies"][0]["periods"]
            .as_array()
            .unwrap()
            .clone();
        assert!(rows.len() >= 2, "{by}");
        for row in rows {
            let period = row["period"].as_str().unwrap();
            let until = if more.starts_with("--known-at") {
                format!("{period} {more}")
            } else {
                period.to_owned()
            };
            assert_eq!(row["balance"], total(&until), "{by} {period}");
        }
    }
}

#[test]
fn a_reversal_counts_as_it_is_and_with_net_it_is_taken_back() {
    let row = |more: &str| {
        let answer = story()
            .ledger(&format!("report -a assets:giro --json {more}"))
            .json();
        let march = answer["currencies"][0]["periods"][2].clone();
        (
            march["in"].clone(),
            march["out"].clone(),
            march["net"].clone(),
        )
    };
    assert_eq!(row(""), ("12.50".into(), "0.00".into(), "12.50".into()));
    assert_eq!(
        row("--net"),
        ("0.00".into(), "-12.50".into(), "12.50".into())
    );
}

#[test]
fn what_was_known_then_is_reported_as_it_was_known_then() {
    story()
        .ledger("report -a assets:giro --until 2026-01 --known-at 2026-01-31")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00, known at 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
Month         In     Out      Net  Balance
──────────────────────────────────────────────
2026-01  2500.00  900.00  1600.00  1600.00 EUR
",
        );
}

#[test]
fn events_of_the_future_count_and_a_line_says_so() {
    let shell = Shell::given(&["deposit 5", "deposit 7 --effective 2027-02-01"]);
    shell.ledger("report --by year").prints(
        "\
times in UTC, now +00:00
1 event counted here takes effect in the future; --until now leaves it out
Year   In  Out  Net  Balance
──────────────────────────────
2026    5    0    5        5
2027    7    0    7       12
──────────────────────────────
Total  12    0   12       12
",
    );
}

#[test]
fn in_json_every_figure_is_a_text_and_every_period_has_its_ends() {
    let shell = Shell::given(&[
        "init --currency EUR --zone Europe/Vienna",
        "deposit 5 --effective '2026-03-29 12:00'",
    ]);
    shell.ledger("report --by day --json").prints(&lines(&[
        "{\"ledger\":\"<hex32>\",\"seq\":1,\"hash\":\"<hex64>\",\"since\":null,\"until\":null,\
         \"known_at\":null,\"zone\":\"Europe/Vienna\",\"by\":\"day\",\"netted\":false,\
         \"accounts\":[\"main\"],\"currencies\":[{\"currency\":\"EUR\",\"opening\":\"0.00\",\
         \"in\":\"5.00\",\"out\":\"0.00\",\"net\":\"5.00\",\"balance\":\"5.00\",\"periods\":[\
         {\"period\":\"2026-03-29\",\"start\":\"2026-03-28T23:00:00.000000Z\",\
         \"end\":\"2026-03-29T21:59:59.999999Z\",\"events\":1,\"in\":\"5.00\",\"out\":\"0.00\",\
         \"net\":\"5.00\",\"balance\":\"5.00\"}]}],\"torn_bytes\":0}",
    ]));
}

#[test]
fn where_nothing_happened_there_is_nothing_to_show() {
    let shell = Shell::given(&["init", "open a"]);
    shell
        .ledger("report")
        .prints(&lines(&["times in UTC, now +00:00", "no events to show"]));
    shell.ledger("report -a 'b:*'").is(
        0,
        &lines(&["times in UTC, now +00:00", "no events to show"]),
        "warning: no account matches 'b:*'\n",
    );
    shell
        .ledger("report -a b")
        .fails(4, "error: there is no account b\nhint: ledger accounts\n");
}

#[test]
fn more_days_than_anybody_reads_are_refused() {
    let shell = Shell::given(&["deposit 5", "deposit 7 --effective 0202-01-01"]);
    shell.ledger("report --by day").fails(
        2,
        "error: from 0202-01-01 to 2026-11-23 there are more than 75000 rows\n\
         hint: ledger report --by year\n",
    );
    shell.ledger("report --by year -q").succeeds();
}

#[test]
fn a_chart_in_a_pipe_is_as_wide_as_an_old_terminal_and_says_the_same_in_ascii() {
    let mut shell = story();
    let chart = |shell: &Shell, more: &str| {
        let text = shell
            .ledger(&format!("report -a assets:giro --chart {more}"))
            .succeeds()
            .stdout;
        let (_, chart) = text.split_once("\n\n").unwrap();
        assert!(
            chart.lines().all(|line| line.chars().count() <= 80),
            "{chart}"
        );
        chart.to_owned()
    };
    let drawn = chart(&shell, "");
    let expected = "\
balance, EUR, by month
1500.00 ┤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⡆
        │          ⡇
1000.00 ┤          ⡇
        │          ⡇
 500.00 ┤          ⡇
        │          ⡇
   0.00 ┤          ⡇
        │          ⡇
-500.00 ┤          ⠧⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤
in (up) and out (down), EUR, by month
";
    assert!(drawn.starts_with(expected), "{drawn}");
    assert!(drawn.contains("0.00 ┼───"), "{drawn}");
    let plain = chart(&shell, "--ascii");
    assert!(plain.is_ascii(), "{plain}");
    for (name, value) in [
        ("LC_ALL", "C"),
        ("TERM", "dumb"),
        ("LANG", "de_AT.ISO-8859-1"),
    ] {
        shell.with(name, value);
        assert_eq!(chart(&shell, ""), plain, "{name}");
        shell.without(name);
    }
    shell.with("LANG", "C").with("LC_ALL", "C.UTF-8");
    assert_eq!(chart(&shell, ""), drawn);
}

#[test]
fn mistakes_are_found_before_a_file_is_opened() {
    let shell = Shell::new();
    shell.ledger("report --chart --json").is(
        2,
        "",
        "{\"error\":{\"code\":\"usage\",\"message\":\"a chart is not JSON\",\"hint\":\"ledger report \
         --json\",\"hints\":[\"ledger report --json\",\"ledger report --chart\"],\"exit_code\":2,\"recorded\":null}}\n",
    );
    shell.ledger("report --chart --csv").fails(
        2,
        "error: a chart is not CSV\nhint: ledger report --csv\nhint: ledger report --chart\n",
    );
    for line in [
        "report --by fortnight",
        "report --ascii",
        "report --by tag:",
        "report --by account --chart",
        "report --by type --html x.html",
        "report --by month --depth 2",
        "report --chart --html x.html",
        "report -a 'no name'",
        "report --since 03/04/2026",
    ] {
        assert_eq!(shell.ledger(line).status, Some(2), "{line}");
    }
    assert_eq!(shell.ledger("report").status, Some(10));
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn groups_are_tags_accounts_or_types() {
    let shell = Shell::given(&[
        "init --currency EUR -q",
        "deposit 90 -a a:x --tag shop=north -q",
        "transfer 30 --from a:x --to a:y --tag shop=east -q",
        "transfer 20 --from a:y --to b -q",
        "deposit '3 USD' -a u:z -q",
    ]);
    shell.ledger("report --by account").prints(
        "\
Account  Events     In    Out    Net  Balance
─────────────────────────────────────────────────
a:x           2  90.00  30.00  60.00    60.00 EUR
a:y           2  30.00  20.00  10.00    10.00 EUR
b             1  20.00   0.00  20.00    20.00 EUR
─────────────────────────────────────────────────
Total            90.00   0.00  90.00    90.00 EUR

Account  Events    In   Out   Net  Balance
──────────────────────────────────────────────
u:z           1  3.00  0.00  3.00     3.00 USD
",
    );
    shell
        .ledger("report --by account --depth 1 -a 'a:*' b")
        .prints(
            "\
Account  Events     In    Out    Net  Balance
─────────────────────────────────────────────────
a             3  90.00  20.00  70.00    70.00 EUR
b             1  20.00   0.00  20.00    20.00 EUR
─────────────────────────────────────────────────
Total            90.00   0.00  90.00    90.00 EUR
",
        );
    shell.ledger("report --by tag:shop -a a").prints(
        "\
shop    Events     In    Out     Net
────────────────────────────────────────
east         1   0.00   0.00    0.00 EUR
north        1  90.00   0.00   90.00 EUR
(none)       1   0.00  20.00  -20.00 EUR
────────────────────────────────────────
Total           90.00  20.00   70.00 EUR
",
    );
    shell.ledger("report --by type --since seq:2 --csv").prints(
        "\
group,events,in,out,net,balance,currency\r
deposit,0,0.00,0.00,0.00,90.00,EUR\r
transfer,2,0.00,0.00,0.00,0.00,EUR\r
deposit,1,3.00,0.00,3.00,3.00,USD\r
",
    );
    let answer = shell.ledger("report --by tag:shop --json -a a").json();
    assert_eq!(answer["by"], "tag:shop");
    assert_eq!(answer["currencies"][0]["periods"], serde_json::json!([]));
    assert_eq!(
        answer["currencies"][0]["groups"][1],
        serde_json::json!({
            "group": "north", "events": 1, "in": "90.00", "out": "0.00", "net": "90.00",
            "balance": "90.00"
        })
    );
    shell.ledger("report --by account --chart").fails(
        2,
        "error: --chart shows periods, not --by account\nhint: ledger report --chart --by month\n",
    );
    shell.ledger("report --by type --depth 2").fails(
        2,
        "error: --depth is for --by account\nhint: ledger report --by account --depth 1\n",
    );
    shell.ledger("report --by shop").fails(
        2,
        "error: invalid value 'shop' for '--by <BY>': use day, week, month, quarter, year, tag:KEY, account or type\nhint: ledger report --help\n",
    );
}

#[test]
fn a_corrected_pair_is_its_replacement_with_net() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 50 --effective 2026-10-01",
        "withdraw 20 --effective 2026-10-02",
        "correct 1 --amount 46",
        "correct 2 --amount 25 --effective 2026-11-01",
        "deposit 9 --effective 2026-11-02",
        "refund 7 4 --effective 2026-11-03",
    ]);
    let sums = |net: &str| -> Vec<String> {
        let report = shell
            .ledger(&format!("report --by month --json{net}"))
            .succeeds()
            .json();
        let periods = report["currencies"][0]["periods"]
            .as_array()
            .unwrap()
            .clone();
        let sum = |period: &serde_json::Value| format!("{} {}", period["in"], period["out"]);
        periods.iter().map(sum).collect()
    };
    assert_eq!(sums(""), [r#""116.00" "70.00""#, r#""9.00" "29.00""#]);
    // A refund counts as it is.
    assert_eq!(sums(" --net"), [r#""46.00" "0.00""#, r#""9.00" "29.00""#]);
}

#[test]
fn by_account_the_total_is_what_enters_or_leaves_all_of_them_together() {
    let shell = Shell::given(&[
        "deposit 90 -a x -q",
        "transfer 30 --from x --to y -q",
        "withdraw 5 -a y -q",
    ]);
    let total = |by: &str| {
        let answer = shell.ledger(&format!("report --by {by} --json")).json();
        let block = &answer["currencies"][0];
        format!("{} {} {}", block["in"], block["out"], block["balance"])
    };
    for by in ["account", "type", "month", "tag:shop"] {
        assert_eq!(total(by), r#""90" "5" "85""#, "{by}");
    }
}

#[test]
fn with_a_filter_it_says_that_only_matching_events_count_in_the_balance_too() {
    let shell = Shell::given(&["deposit 90 -q", "withdraw 5 --tag shop=north -m tea -q"]);
    let note = "note: only events that match the filters count, in the balances too\n";
    shell.ledger("report --tag shop --csv").is(
        0,
        "period,in,out,net,balance,currency\r\n2026-11,0,5,-5,-5,\r\n",
        note,
    );
    for line in [
        "report --type withdraw",
        "report --memo tea --by account",
        "report --tag shop --html report.html",
    ] {
        assert_eq!(shell.ledger(line).succeeds().stderr, note, "{line}");
    }
    let page = std::fs::read_to_string(shell.file("report.html")).unwrap();
    assert!(page.contains("only events that match the filters count"));
    assert_eq!(shell.ledger("report").stderr, "");
    let ran = shell.ledger("report --tag shop=north --json");
    assert_eq!(ran.stderr, "");
    let answer = ran.json();
    let filter = serde_json::json!({ "tags": ["shop=north"], "types": [], "memos": [] });
    assert_eq!(answer["filter"], filter);
    assert_eq!(shell.ledger("report --json").json().get("filter"), None);
}
