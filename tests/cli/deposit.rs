use crate::harness::{Shell, lines};

#[test]
fn the_first_deposit_in_an_empty_directory_starts_the_ledger() {
    let shell = Shell::new();
    shell.ledger("deposit 50").is(
        0,
        "\
recorded #1 deposit 50 to main; main (new account) is 50
head 1:<hex16>
",
        "note: started a new ledger at ./ledger.jsonl\n",
    );
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_first_write_that_is_refused_leaves_no_file() {
    let shell = Shell::new();
    shell.ledger("withdraw 50").fails(
        4,
        "\
error: there is no account main
hint: ledger open main
",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn the_receipt_in_json_has_the_keys_of_the_log_and_the_balances() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell.ledger("deposit 50 -m lunch --tag order=1234 --tag a=b=c --key k1 --effective 2026-01-01 --json").prints(&lines(&[r#"{"v":1,"seq":1,"at":"2026-11-23T10:15:02.000000Z","effective":"2026-01-01T00:00:00.000000Z","type":"deposit","account":"main","amount":"50.00","currency":"EUR","key":"k1","hash":"<hex64>","memo":"lunch","tags":{"a":"b=c","order":"1234"},"replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"50.00","pending_in":"0.00","pending_out":"0.00","available":"50.00","currency":"EUR"}],"opened":["main"],"started":false}"#]));
}

#[test]
fn an_amount_below_zero_is_refused_with_the_command_that_was_meant() {
    let shell = Shell::new();
    shell.ledger("deposit -5").fails(
        2,
        "\
error: an amount must be greater than zero, `-5` is not
hint: ledger withdraw 5
",
    );
}

#[test]
fn nothing_is_printed_when_it_is_quiet() {
    let shell = Shell::new();
    shell
        .ledger("deposit 5 -q")
        .is(0, "", "note: started a new ledger at ./ledger.jsonl\n");
    shell.ledger("deposit 5 -q --json").prints(&lines(&[r#"{"v":1,"seq":2,"at":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","amount":"5","currency":null,"hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"10","pending_in":"0","pending_out":"0","available":"10","currency":null}],"opened":[],"started":false}"#]));
}

#[test]
fn amounts_are_read_as_people_write_them() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell.ledger("deposit 1_000").prints(
        "\
recorded #1 deposit 1000.00 EUR to main; main (new account) is 1000.00 EUR
head 1:<hex16>
",
    );
    shell.ledger("deposit +50").prints(
        "\
recorded #2 deposit 50.00 EUR to main; main is 1050.00 EUR
head 2:<hex16>
",
    );
    shell.ledger("deposit '50 EUR'").prints(
        "\
recorded #3 deposit 50.00 EUR to main; main is 1100.00 EUR
head 3:<hex16>
",
    );
    shell.ledger("deposit 50EUR").prints(
        "\
recorded #4 deposit 50.00 EUR to main; main is 1150.00 EUR
head 4:<hex16>
",
    );
    shell.ledger("deposit EUR50").prints(
        "\
recorded #5 deposit 50.00 EUR to main; main is 1200.00 EUR
head 5:<hex16>
",
    );
    shell.ledger("deposit 50.00").prints(
        "\
recorded #6 deposit 50.00 EUR to main; main is 1250.00 EUR
head 6:<hex16>
",
    );
    shell.ledger("deposit 7 USD -a usd").prints(
        "\
recorded #7 deposit 7.00 USD to usd; usd (new account) is 7.00 USD
head 7:<hex16>
",
    );
    shell.ledger("deposit 5 JPY -a yen").prints(
        "\
recorded #8 deposit 5 JPY to yen; yen (new account) is 5 JPY
head 8:<hex16>
",
    );
    shell.ledger("deposit 0.00000001 BTC -a coins").is(
        0,
        "\
recorded #9 deposit 0.00000001 BTC to coins; coins (new account) is 0.00000001 BTC
head 9:<hex16>
",
        "warning: ISO 4217 has no currency BTC\n",
    );
    shell.ledger("balance").prints(
        "\
Account        Balance
──────────────────────────
coins       0.00000001 BTC
main     1250.00       EUR
usd         7.00       USD
yen         5          JPY
──────────────────────────
Total       0.00000001 BTC
         1250.00       EUR
            5          JPY
            7.00       USD
",
    );
}

#[test]
fn an_amount_that_can_be_misread_is_refused_with_the_reading_to_use() {
    let shell = Shell::new();
    shell.ledger("deposit 1,000").fails(
        2,
        "\
error: a comma can mean two things in `1,000`
hint: ledger deposit 1000
",
    );
    shell.ledger("deposit 1,5").fails(
        2,
        "\
error: a comma can mean two things in `1,5`
hint: ledger deposit 1.5
",
    );
    shell.ledger("deposit 1e3").fails(
        2,
        "\
error: `1e3` has an exponent; amounts are plain decimals
hint: ledger deposit 1000
",
    );
    shell.ledger("deposit 1E30").fails(
        2,
        "\
error: `1E30` has an exponent; amounts are plain decimals; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 0").fails(
        2,
        "\
error: an amount must be greater than zero; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 0.00").fails(
        2,
        "\
error: an amount must be greater than zero; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit NaN").fails(
        2,
        "\
error: `NaN` is not an amount; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit ٥").fails(
        2,
        "\
error: `٥` is not written with the digits 0 to 9
hint: ledger deposit 5
",
    );
    shell.ledger("deposit ''").fails(
        2,
        "\
error: the amount is empty; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 0x10").fails(
        2,
        "\
error: `0x10` is not an amount; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 1.0000000001").fails(
        2,
        "\
error: `1.0000000001` has 10 decimals, an amount has 9; nothing is ever rounded: write the figure you mean
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 1234567890123456789").fails(
        2,
        "\
error: `1234567890123456789` has more than 18 digits before the point; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 1.005EUR").fails(
        2,
        "\
error: `1.005EUR` has 3 decimals, EUR has 2; nothing is ever rounded: write the figure you mean
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 50.5JPY").fails(
        2,
        "\
error: `50.5JPY` has 1 decimal, JPY has 0; nothing is ever rounded: write the figure you mean
hint: ledger deposit --help
",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn a_currency_that_is_none_is_refused() {
    let shell = Shell::new();
    shell.ledger("deposit 5 eur").fails(
        2,
        "\
error: `eur` is not a currency: 3 to 8 of A-Z and 0-9, starting with a letter
hint: ledger deposit 5 EUR
",
    );
    shell.ledger("deposit 5 E").fails(
        2,
        "\
error: `E` is not a currency: 3 to 8 of A-Z and 0-9, starting with a letter
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 5EUR USD").fails(
        2,
        "error: two currencies are named, EUR and USD\nhint: ledger deposit --help\n",
    );
    shell.ledger("deposit 5€ --json").fails(2, &lines(&[r#"{"error":{"code":"invalid_amount","message":"`5€` is not a plain decimal","hint":"ledger deposit 5EUR --json","exit_code":2,"recorded":"no"}}"#]));
}

#[test]
fn an_account_keeps_its_currency() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5"]);
    shell.ledger("deposit 5 USD").fails(
        4,
        "\
error: main holds EUR, not USD
hint: ledger deposit 5 USD --account main-usd
",
    );
    shell.ledger("deposit 5 USD --json").fails(4, &lines(&[r#"{"error":{"code":"currency_mismatch","message":"main holds EUR, not USD","hint":"ledger deposit 5 USD --json --account main-usd","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn a_closed_account_takes_nothing() {
    let shell = Shell::given(&["open a", "close a"]);
    shell.ledger("deposit 5 -a a").fails(
        4,
        "\
error: the account a is closed
hint: ledger open a
",
    );
}

#[test]
fn an_effective_time_of_a_day_or_longer_means_its_start() {
    let shell = Shell::given(&["init --zone Europe/Vienna"]);
    shell.ledger("deposit 1 --effective 2026-03 --json").prints(&lines(&[r#"{"v":1,"seq":1,"at":"2026-11-23T10:15:02.000000Z","effective":"2026-02-28T23:00:00.000000Z","type":"deposit","account":"main","amount":"1","currency":null,"hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"1","pending_in":"0","pending_out":"0","available":"1","currency":null}],"opened":["main"],"started":false}"#]));
    shell
        .ledger("deposit 2 --effective '2026-03-29 02:30' -q")
        .prints("");
    shell
        .ledger("deposit 3 --effective yesterday -q")
        .prints("");
    shell.ledger("deposit 4 --effective 2026-11-23T10:15:02Z --json").prints(&lines(&[r#"{"v":1,"seq":4,"at":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","amount":"4","currency":null,"hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"10","pending_in":"0","pending_out":"0","available":"10","currency":null}],"opened":[],"started":false}"#]));
    shell.ledger("history").prints(
        "\
times in Europe/Vienna, now +01:00
#  Effective         Type     Change  Balance    Details
──────────────────────────────────────────────────────────────────────────
1  2026-03-01 00:00  deposit       1        1    recorded 2026-11-23 11:15
2  2026-03-29 03:30  deposit       2        3    recorded 2026-11-23 11:15
3  2026-11-22 00:00  deposit       3        6    recorded 2026-11-23 11:15
4  2026-11-23 11:15  deposit       4       10
",
    );
}

#[test]
fn an_effective_position_is_refused() {
    let shell = Shell::given(&["deposit 5"]);
    shell.ledger("deposit 5 --effective seq:1").fails(
        2,
        "\
error: `seq:1` is a position in the log, but a time is required here
hint: ledger show 1
",
    );
    shell.ledger("deposit 5 --effective head --json").fails(2, &lines(&[r#"{"error":{"code":"invalid_time","message":"`head` is a position in the log, but a time is required here","hint":"ledger show head","exit_code":2,"recorded":"no"}}"#]));
    shell.ledger("deposit 5 --effective 03/04/2026").fails(
        2,
        "\
error: `03/04/2026` can be read as more than one date
hint: ledger deposit 5 --effective 2026-04-03
hint: ledger deposit 5 --effective 2026-03-04
",
    );
}

#[test]
fn tags_have_a_key_and_a_value_and_no_key_stands_twice() {
    let shell = Shell::new();
    shell.ledger("deposit 5 --tag order").fails(
        2,
        "\
error: the tag `order` has no value; a tag is like order=1234
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 5 --tag =x").fails(
        2,
        "\
error: a tag's key is empty; a tag is like order=1234
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 5 --tag a=1 --tag a=2").fails(
        2,
        "\
error: the tag `a` is given twice; a tag is like order=1234
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 5 --tag a= --json").is(0, &lines(&[r#"{"v":1,"seq":1,"at":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","amount":"5","currency":null,"hash":"<hex64>","tags":{"a":""},"replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"5","pending_in":"0","pending_out":"0","available":"5","currency":null}],"opened":["main"],"started":true}"#]), &lines(&[r#"{"note":{"code":"started","message":"started a new ledger at ./ledger.jsonl"}}"#]));
}

#[test]
fn an_empty_memo_is_none() {
    let shell = Shell::new();
    shell.ledger("deposit 5 -m '' --json").is(0, &lines(&[r#"{"v":1,"seq":1,"at":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","amount":"5","currency":null,"hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"5","pending_in":"0","pending_out":"0","available":"5","currency":null}],"opened":["main"],"started":true}"#]), &lines(&[r#"{"note":{"code":"started","message":"started a new ledger at ./ledger.jsonl"}}"#]));
}

#[test]
fn the_same_key_with_the_same_content_is_recorded_once() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell.ledger("deposit 5 --key k -m rent").prints(
        "\
recorded #1 deposit 5.00 EUR to main; main (new account) is 5.00 EUR
head 1:<hex16>
",
    );
    shell.ledger("deposit 5 --key k -m rent").prints(
        "\
recorded before as #1 deposit 5.00 EUR to main; main is 5.00 EUR
head 1:<hex16>
",
    );
    shell.ledger("deposit 5.00 EUR --key k -m rent -a main --json").prints(&lines(&[r#"{"v":1,"seq":1,"at":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","amount":"5.00","currency":"EUR","key":"k","hash":"<hex64>","memo":"rent","replayed":true,"dry_run":false,"balances":[{"account":"main","balance":"5.00","pending_in":"0.00","pending_out":"0.00","available":"5.00","currency":"EUR"}],"opened":[],"started":false}"#]));
    shell.ledger("deposit 5 --key k -m rent -q").prints("");
    shell.ledger("balance -q").prints("5.00\n");
}

#[test]
fn the_same_key_with_other_content_is_a_conflict_that_shows_both() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell
        .ledger("deposit 5 --key k -m rent --tag a=1")
        .succeeds();
    shell.ledger("deposit 6 --key k -m rent --tag a=1").fails(
        5,
        "\
error: the key `k` was used for event 1 with other content: amount was 5.00, now 6
hint: ledger show 1
",
    );
    shell.ledger("withdraw 5 --key k").fails(5, "\
error: the key `k` was used for event 1 with other content: type was deposit, now withdraw; memo was rent, now none; tags.a was 1, now none
hint: ledger show 1
");
    shell.ledger("deposit 5 --key k -m rent --tag a=1 --effective 2026 --json").fails(5, &lines(&[r#"{"error":{"code":"key_conflict","message":"the key `k` was used for event 1 with other content: effective was 2026-11-23T10:15:02.000000Z, now 2026-01-01T00:00:00.000000Z","hint":"ledger show 1","exit_code":5,"recorded":"no"}}"#]));
}

#[test]
fn a_replayed_receipt_shows_the_balances_right_after_its_event() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5 --key k", "deposit 7"]);
    shell.ledger("deposit 5 --key k").prints(
        "\
recorded before as #1 deposit 5.00 EUR to main; main is 5.00 EUR
head 2:<hex16>
",
    );
}

#[test]
fn a_key_has_some_characters_and_no_controls() {
    let shell = Shell::new();
    shell.ledger("deposit 5 --key ''").fails(
        2,
        "\
error: the key is empty; a key is like order-1234
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 5 --key 'a\x09b'").fails(
        2,
        "\
error: the key contains the control character '\\t'; a key is like order-1234
hint: ledger deposit --help
",
    );
}

#[test]
fn a_clock_that_runs_behind_takes_the_last_events_time() {
    let mut shell = Shell::new();
    shell.ledger("deposit 5").succeeds();
    shell.at("2026-11-22T00:00:00Z");
    shell.ledger("deposit 6 --json").is(0, &lines(&[r#"{"v":1,"seq":2,"at":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","amount":"6","currency":null,"hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"11","pending_in":"0","pending_out":"0","available":"11","currency":null}],"opened":[],"started":false}"#]), "\
{\"warning\":{\"code\":\"clock_behind\",\"message\":\"the clock (2026-11-22 00:00:00 +00:00) is behind the last event; 2026-11-23 10:15:02 +00:00 was used instead\"}}
");
}

#[test]
fn text_from_the_command_line_cannot_act_on_a_terminal() {
    let shell = Shell::given(&["init"]);
    shell.ledger("deposit 5 -a '\x1b[31m'").fails(
        2,
        "\
error: `\\u{1b}[31m` is not an account name: it holds '\\u{1b}'; did you mean 31m?
hint: ledger deposit --help
",
    );
    shell.ledger("deposit '\x1b]0;x\x07'").fails(
        2,
        "\
error: `\\u{1b}]0;x\\u{7}` is not an amount; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger deposit --help
",
    );
    shell.ledger("deposit 5 --tag '\x1b[2J'").fails(
        2,
        "\
error: the tag `\\u{1b}[2J` has no value; a tag is like order=1234
hint: ledger deposit --help
",
    );
}

#[test]
fn a_head_that_is_still_the_head_lets_the_event_in() {
    let shell = Shell::given(&["init", "deposit 5"]);
    let head = String::from_utf8(shell.ledger("head").raw).unwrap();
    let short = head.get(..10).unwrap();
    shell
        .ledger(&format!("deposit 1 --if-head {short}"))
        .prints("recorded #2 deposit 1 to main; main is 6\nhead 2:<hex16>\n");
}

#[test]
fn a_head_that_was_passed_is_a_conflict_that_says_what_came_since() {
    let shell = Shell::given(&["init", "deposit 5"]);
    let old = String::from_utf8(shell.ledger("head").raw).unwrap();
    let old = old.trim();
    shell.ledger("withdraw 2").succeeds();
    shell.ledger("deposit 9 -a savings").succeeds();
    let log = shell.log();
    let head = String::from_utf8(shell.ledger("head").raw).unwrap();
    let (short, shorter) = (head.get(..18).unwrap(), head.get(..14).unwrap());
    let stderr = format!(
        "error: the head is {shorter}, not {old}; 2 events since: #2 withdraw 2 from main, #3 deposit 9 to savings\n\
         hint: ledger deposit 1 --if-head {short}\n"
    );
    let ran = shell.ledger(&format!("deposit 1 --if-head {old}"));
    ran.fails(5, &crate::harness::without_hashes(&stderr));
    let error = shell
        .ledger(&format!("deposit 1 --if-head {old} --json"))
        .error();
    assert_eq!(
        (&error["code"], &error["exit_code"]),
        (&"head_conflict".into(), &5.into())
    );
    assert_eq!(shell.log(), log);
}

#[test]
fn a_head_of_another_log_is_a_conflict() {
    let shell = Shell::given(&["init", "deposit 5"]);
    let ran = shell.ledger("deposit 1 --if-head 1:00000000");
    assert_eq!(ran.status, Some(5));
    assert!(
        ran.stderr
            .contains("not 1:00000000; that head is not in this log"),
        "{}",
        ran.stderr
    );
    let nowhere = Shell::new();
    let ran = nowhere.ledger("deposit 1 --if-head 1:00000000");
    assert_eq!(ran.status, Some(5), "{}", ran.stderr);
    assert_eq!(nowhere.names(), [""; 0]);
    nowhere.ledger("deposit 1 --if-head x").fails(2, "error: `x` is not a head: SEQ:HASH as `ledger head` prints it, the hash with 8 to 64 hex digits\nhint: ledger head\n");
}

#[test]
fn the_key_is_asked_before_the_head() {
    let shell = Shell::given(&["init", "deposit 5 --key k"]);
    shell
        .ledger("deposit 5 --key k --if-head 0:00000000")
        .succeeds();
    assert_eq!(
        shell
            .ledger("deposit 6 --key k --if-head 0:00000000 --json")
            .error()["code"],
        "key_conflict"
    );
}

#[test]
fn a_receipt_that_cannot_be_printed_is_a_warning_and_the_event_is_recorded() {
    let shell = Shell::given(&["init"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let output = shell
        .command()
        .args(["deposit", "5"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.starts_with("warning: the event was recorded, but the answer could not be printed"),
        "{stderr}"
    );
    shell.ledger("balance -q").prints("5\n");
}
