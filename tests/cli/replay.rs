use crate::harness::{Shell, lines};
use crate::story::story;

#[test]
fn the_events_tell_the_story_and_the_state_they_add_up_to() {
    let shell = story();
    shell.ledger("replay --until 2026-01-31").prints(
        "\
until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
#  Time (effective)    Account              Change  Balance      Event
────────────────────────────────────────────────────────────────────────────────────────────────
0  2026-01-01 09:00                                              ledger, Europe/Vienna, EUR
1  2026-01-01 09:01    assets:giro                               open, EUR, floor -500.00
2  2026-01-02 09:00    assets:giro         2500.00  2500.00 EUR  deposit: salary [employer=acme]
3  2026-01-03 09:00    assets:giro         -900.00  1600.00 EUR  transfer: rent
                       expenses:rent        900.00   900.00 EUR
4  2026-02-03 09:00    assets:giro          -12.50  1587.50 EUR  withdraw: lunch
   (2026-01-30 09:00)
5  2026-02-04 09:00    assets:giro         -120.40  1467.10 EUR  transfer
   (2026-01-31 00:00)  expenses:groceries   120.40   120.40 EUR

5 events add up to:
Account             Balance
───────────────────────────────
assets:giro         1467.10 EUR
expenses:groceries   120.40 EUR
expenses:rent        900.00 EUR
───────────────────────────────
assets              1467.10 EUR
expenses            1020.40 EUR
",
    );
}

#[test]
fn events_that_move_no_money_and_reversals_say_what_they_are() {
    let shell = story();
    shell.ledger("replay --since 2026-02-06").prints(
        "\
since 2026-02-06 00:00:00 +01:00 (Europe/Vienna)
 #  Time (effective)  Account        Change  Balance      Event
──────────────────────────────────────────────────────────────────────────────────────────────────
 7  2026-02-06 09:00  assets:giro  -1900.00  -432.90 EUR  withdraw: overdraft [order=7 shop=north]
 8  2026-03-01 09:00  assets:giro     12.50  -420.40 EUR  deposit, reverses #4
 9  2026-03-02 09:00  old                                 open, EUR
10  2026-03-03 09:00  old                                 close

10 events add up to:
Account             Balance
───────────────────────────────
assets:giro         -420.40 EUR
assets:travel         30.00 USD
expenses:groceries   120.40 EUR
expenses:rent        900.00 EUR
old                    0.00 EUR
───────────────────────────────
assets              -420.40 EUR
assets                30.00 USD
expenses            1020.40 EUR
old                    0.00 EUR
",
    );
}

#[test]
fn json_has_a_line_an_event_and_last_the_state() {
    let shell = story();
    shell.ledger("replay --known-at seq:4 --json").prints(&lines(&[r#"{"event":{"v":1,"seq":0,"at":"2026-01-01T08:00:00.000000Z","type":"ledger","id":"<hex32>","currency":"EUR","zone":"Europe/Vienna","hash":"<hex64>"},"changes":[]}"#, r#"{"event":{"v":1,"seq":1,"at":"2026-01-01T08:01:00.000000Z","type":"open","account":"assets:giro","currency":"EUR","floor":"-500.00","hash":"<hex64>"},"changes":[]}"#, r#"{"event":{"v":1,"seq":2,"at":"2026-01-02T08:00:00.000000Z","type":"deposit","account":"assets:giro","amount":"2500.00","currency":"EUR","key":"salary-1","hash":"<hex64>","memo":"salary","tags":{"employer":"acme"}},"changes":[{"account":"assets:giro","change":"2500.00","balance":"2500.00","currency":"EUR"}]}"#, r#"{"event":{"v":1,"seq":3,"at":"2026-01-03T08:00:00.000000Z","type":"transfer","from":"assets:giro","to":"expenses:rent","amount":"900.00","currency":"EUR","hash":"<hex64>","memo":"rent"},"changes":[{"account":"assets:giro","change":"-900.00","balance":"1600.00","currency":"EUR"},{"account":"expenses:rent","change":"900.00","balance":"900.00","currency":"EUR"}]}"#, r#"{"event":{"v":1,"seq":4,"at":"2026-02-03T08:00:00.000000Z","effective":"2026-01-30T08:00:00.000000Z","type":"withdraw","account":"assets:giro","amount":"12.50","currency":"EUR","hash":"<hex64>","memo":"lunch"},"changes":[{"account":"assets:giro","change":"-12.50","balance":"1587.50","currency":"EUR"}]}"#, r#"{"state":{"ledger":"<hex32>","seq":4,"hash":"<hex64>","until":null,"known_at":"seq:4","as_of":"2026-02-03T08:00:00.000000Z","events":4,"balances":[{"account":"assets:giro","balance":"1587.50","pending_in":"0.00","pending_out":"0.00","available":"1587.50","currency":"EUR"},{"account":"expenses:rent","balance":"900.00","pending_in":"0.00","pending_out":"0.00","available":"900.00","currency":"EUR"}],"totals":[{"currency":"EUR","balance":"2487.50"}],"torn_bytes":0}}"#]));
}

#[test]
fn since_hides_events_and_the_state_is_of_all() {
    let shell = story();
    shell.ledger("replay --since seq:7 --until seq:8").prints(
        "\
since event 7, until event 8
times in Europe/Vienna, now +01:00
#  Time (effective)  Account        Change  Balance      Event
─────────────────────────────────────────────────────────────────────────────────────────────────
7  2026-02-06 09:00  assets:giro  -1900.00  -432.90 EUR  withdraw: overdraft [order=7 shop=north]
8  2026-03-01 09:00  assets:giro     12.50  -420.40 EUR  deposit, reverses #4

8 events add up to:
Account             Balance
───────────────────────────────
assets:giro         -420.40 EUR
assets:travel         30.00 USD
expenses:groceries   120.40 EUR
expenses:rent        900.00 EUR
───────────────────────────────
assets              -420.40 EUR
assets                30.00 USD
expenses            1020.40 EUR
",
    );
}

#[test]
fn a_replay_of_what_was_known_leaves_out_what_was_entered_later() {
    let shell = story();
    shell
        .ledger("replay --until 2026-01-31 --known-at 2026-01-31")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00, known at 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
#  Time (effective)  Account         Change  Balance      Event
─────────────────────────────────────────────────────────────────────────────────────────
0  2026-01-01 09:00                                       ledger, Europe/Vienna, EUR
1  2026-01-01 09:01  assets:giro                          open, EUR, floor -500.00
2  2026-01-02 09:00  assets:giro    2500.00  2500.00 EUR  deposit: salary [employer=acme]
3  2026-01-03 09:00  assets:giro    -900.00  1600.00 EUR  transfer: rent
                     expenses:rent   900.00   900.00 EUR

3 events add up to:
Account        Balance
──────────────────────────
assets:giro    1600.00 EUR
expenses:rent   900.00 EUR
──────────────────────────
assets         1600.00 EUR
expenses        900.00 EUR
",
        );
}

#[test]
fn a_log_of_a_first_line_alone_is_replayed_too() {
    let shell = Shell::given(&["init"]);
    shell.ledger("replay").prints(
        "\
times in UTC, now +00:00
#  Time (effective)  Account  Change  Balance    Event
────────────────────────────────────────────────────────────
0  2026-11-23 10:15                              ledger, UTC

0 events add up to:
no accounts
",
    );
    shell.ledger("replay --json").prints(&lines(&[r#"{"event":{"v":1,"seq":0,"at":"2026-11-23T10:15:02.000000Z","type":"ledger","id":"<hex32>","zone":"UTC","hash":"<hex64>"},"changes":[]}"#, r#"{"state":{"ledger":"<hex32>","seq":0,"hash":"<hex64>","until":null,"known_at":null,"as_of":"2026-11-23T10:15:02.000000Z","events":0,"balances":[],"totals":[],"torn_bytes":0}}"#]));
}

#[test]
fn before_the_log_began_there_are_no_events() {
    let shell = Shell::given(&["init", "deposit 5"]);
    shell.ledger("replay --until 2020").prints(
        "\
until 2020-12-31 23:59:59.999999 +00:00 (UTC)
no events

0 events add up to:
no accounts
",
    );
}

#[test]
fn quiet_leaves_out_all_but_the_tables() {
    let shell = Shell::given(&["init", "deposit 5"]);
    shell.ledger("replay -q --since 2020").prints(
        "\
#  Time (effective)  Account  Change  Balance    Event
────────────────────────────────────────────────────────────
0  2026-11-23 10:15                              ledger, UTC
1  2026-11-23 10:15  main          5        5    deposit

Account  Balance
──────────────────
main           5
",
    );
}

#[test]
fn no_figure_is_printed_from_a_damaged_log() {
    let shell = story();
    let log = String::from_utf8(shell.log()).unwrap();
    shell.set_log(log.replacen("\"120.40\"", "\"920.40\"", 1).as_bytes());
    for command in [
        "replay",
        "replay --json",
        "history assets:giro",
        "show 2",
        "accounts",
        "balance -q",
        "head",
        "diff seq:1 seq:2",
    ] {
        let ran = shell.ledger(command);
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (Some(6), ""),
            "{command}"
        );
        assert!(ran.stderr.contains("line 6"), "{command}: {}", ran.stderr);
    }
}

#[test]
fn a_torn_tail_does_not_count_and_is_warned_of() {
    let shell = Shell::given(&["init", "deposit 5"]);
    let mut log = shell.log();
    log.extend_from_slice(b"{\"v\":1,\"seq\":2,\"at\":\"2026");
    shell.set_log(&log);
    let warning =
        "warning: the log ends in 25 bytes of an append that never finished; they do not count\n";
    shell.ledger("balance -q").is(0, "5\n", warning);
    shell.ledger("head").is(0, "1:<hex64>\n", warning);
    for command in ["replay", "history", "show 1", "accounts", "diff head head"] {
        let ran = shell.ledger(command);
        assert_eq!(
            (ran.status, ran.stderr.as_str()),
            (Some(0), warning),
            "{command}"
        );
        let ran = shell.ledger(&format!("{command} --json"));
        let torn = ran.stdout.contains("\"torn_bytes\":25") || command == "history";
        assert!(torn, "{command}: {}", ran.stdout);
    }
    assert_eq!(shell.log(), log);
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_reader_that_goes_away_ends_the_replay_quietly() {
    let shell = story();
    for command in [
        "replay",
        "replay --json",
        "history assets:giro",
        "history assets:giro --json",
        "show 2",
        "accounts",
        "balance",
        "head",
        "diff seq:1 head",
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let words: Vec<&str> = command.split(' ').collect();
        let output = shell.command().args(words).stdout(writer).output().unwrap();
        let ended = (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr),
        );
        assert_eq!(ended, (Some(0), "".into()), "{command}");
    }
}
