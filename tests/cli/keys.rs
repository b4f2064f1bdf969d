use crate::harness::Shell;

/// A job of a run on GitHub.
fn job() -> Shell {
    let mut shell = Shell::new();
    shell
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_REPOSITORY", "us/shop")
        .with("GITHUB_RUN_ID", "17")
        .with("GITHUB_RUN_ATTEMPT", "1")
        .with("GITHUB_JOB", "build");
    shell.ledger("deposit 100 -q").succeeds();
    shell
}

#[test]
fn a_job_that_is_run_again_pays_once() {
    let mut shell = job();
    let head = shell.ledger("head -q").succeeds();
    let head = String::from_utf8(head.raw).unwrap();
    shell
        .ledger(&format!("withdraw 5 --key auto -q --if-head {head}"))
        .succeeds();
    let log = shell.log();
    shell
        .with("GITHUB_RUN_ATTEMPT", "2")
        .at("2026-11-24T10:00:00Z");
    let again = shell
        .ledger("withdraw 5 --key auto --json")
        .succeeds()
        .json();
    assert_eq!(
        (again["replayed"].as_bool(), again["seq"].as_u64()),
        (Some(true), Some(2))
    );
    // A job that asks for the head first has another one on its second attempt.
    let head = String::from_utf8(shell.ledger("head").succeeds().raw).unwrap();
    shell
        .ledger(&format!(
            "--file ./ledger.jsonl withdraw 5 --if-head {head} --key auto"
        ))
        .succeeds();
    assert_eq!(shell.log(), log);
    shell.ledger("balance main -q").prints("95\n");
}

#[test]
fn another_run_another_job_and_another_amount_pay_again() {
    let mut shell = job();
    shell.ledger("withdraw 5 --key auto -q").succeeds();
    shell.ledger("withdraw 6 --key auto -q").succeeds();
    shell
        .with("GITHUB_JOB", "test")
        .ledger("withdraw 5 --key auto -q")
        .succeeds();
    shell
        .with("GITHUB_RUN_ID", "18")
        .ledger("withdraw 5 --key auto -q")
        .succeeds();
    shell.ledger("balance main -q").prints("79\n");
}

#[test]
fn outside_of_a_job_there_is_no_key_to_be_had() {
    let shell = Shell::new();
    shell.ledger("deposit 5 --key auto").fails(
        2,
        "error: --key auto works in a CI job only, and none of GITHUB_ACTIONS, GITLAB_CI, BUILDKITE, JENKINS_URL and JENKINS_HOME is set; --key order-1234 names one yourself\nhint: ledger deposit --help\n",
    );
    let mut shell = job();
    shell.without("GITHUB_JOB").ledger("deposit 5 --key auto").fails(
        2,
        "error: --key auto needs GITHUB_JOB, which is not set in this job; --key order-1234 names one yourself\nhint: ledger deposit --help\n",
    );
}

#[test]
fn an_undo_that_is_asked_again_under_its_key_undoes_nothing_more() {
    let shell = Shell::given(&["deposit 1 -q", "deposit 2 -q", "undo --key u -q"]);
    let log = shell.log();
    shell.ledger("undo --key u").prints(
        "recorded before as #3 withdraw 2 from main, reversing #2; main is 1\nhead 3:<hex16>\n",
    );
    assert_eq!(shell.log(), log);
    shell.ledger("undo -q").succeeds();
    shell.ledger("balance main -q").prints("0\n");
    shell.ledger("undo --key u -q").succeeds();
    shell.ledger("reverse 2 --key u -q").succeeds();
    shell.ledger("reverse 1 --key u").fails(
        5,
        "error: the key `u` was used for event 3 with other content: reverses was 2, now 1\nhint: ledger show 3\n",
    );
}

#[test]
fn a_key_is_answered_before_every_rule() {
    let shell = Shell::given(&["deposit 5 -q", "withdraw 5 --key w -q", "close main -q"]);
    let receipt = shell.ledger("withdraw 5 --key w --json").succeeds().json();
    assert_eq!(receipt["replayed"], true);
    assert_eq!(receipt["balances"][0]["balance"], "0");
}
