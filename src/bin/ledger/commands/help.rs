//! What the help of every command ends with: its exit codes and one example.

fn ending(codes: &str, example: &str) -> String {
    format!("Exit codes: {codes}\n\nExample: {example}")
}

/// Of a writing command.
pub(crate) fn writing(example: &str) -> String {
    let codes = "0 done, a repeated key included · 1 I/O · 2 usage · 4 refused by a rule
            5 conflict · 6 damaged or not a ledger · 10 no ledger here · 11 lock timeout
            12 outcome unknown · 13 engine unreachable";
    ending(codes, example)
}

/// Of a reading command.
pub(crate) fn reading(example: &str) -> String {
    let codes = "0 done · 1 I/O · 2 usage · 4 unknown account · 6 damaged or not a ledger
            10 no ledger here · 11 lock timeout · 13 engine unreachable";
    ending(codes, example)
}

/// Of a command whose answer can be no.
pub(crate) fn asserting(example: &str) -> String {
    let codes = "0 all true · 1 I/O · 2 usage · 3 not true · 4 unknown account, other currency
            6 damaged or not a ledger · 10 no ledger here · 11 lock timeout · 13 engine unreachable";
    ending(codes, example)
}

/// Of a command that looks for an event.
pub(crate) fn bisecting(example: &str) -> String {
    let codes = "0 found · 1 I/O, or the command failed · 2 usage · 3 there is no such event
            4 unknown account, other currency · 6 damaged or not a ledger · 10 no ledger here
            11 lock timeout · 13 engine unreachable";
    ending(codes, example)
}

/// Of a command that judges the file.
pub(crate) fn judging(six: &str, example: &str) -> String {
    let codes = format!(
        "0 sound, a torn tail included · 1 I/O · 2 usage
            6 {six}
            10 no ledger here · 11 lock timeout · 13 engine unreachable"
    );
    ending(&codes, example)
}

/// Of a command that follows the log.
pub(crate) fn following(example: &str) -> String {
    let codes = "0 done, or ended by a signal · 1 I/O · 2 usage · 11 lock timeout
            6 damaged, cut, replaced or not a ledger · 10 no ledger here
            13 engine unreachable";
    ending(codes, example)
}

/// Of the command that copies a log.
pub(crate) fn copying(example: &str) -> String {
    let codes = "0 done · 1 I/O · 2 usage · 5 TO is not the beginning of FROM
            6 damaged or not a ledger · 10 no ledger here · 11 lock timeout
            12 outcome unknown · 13 engine unreachable";
    ending(codes, example)
}

/// Of a command that opens no log.
pub(crate) fn offline(example: &str) -> String {
    ending("0 done · 1 I/O · 2 usage", example)
}

/// Of a command that makes a proof.
pub(crate) fn proving(example: &str) -> String {
    let codes = "0 done · 1 I/O, or ssh-keygen did not sign · 2 usage
            6 another head, damaged or not a ledger · 10 no ledger here · 11 lock timeout
            13 engine unreachable";
    ending(codes, example)
}

/// Of a command that checks a proof.
pub(crate) fn checking(example: &str) -> String {
    let codes = "0 right · 1 I/O · 2 usage · 6 wrong, another head, or no known signer";
    ending(codes, example)
}
