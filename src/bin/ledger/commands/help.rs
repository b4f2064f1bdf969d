//! What the help of every command ends with: its exit codes and one example.

/// Behind the help of a writing command.
macro_rules! writing {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 done, a repeated key included · 1 I/O · 2 usage · 4 refused by a rule\n",
            "            5 conflict · 6 damaged or not a ledger · 10 no ledger here · 11 lock timeout\n",
            "            12 outcome unknown · 13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// Behind the help of a reading command.
macro_rules! reading {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 done · 1 I/O · 2 usage · 4 unknown account · 6 damaged or not a ledger\n",
            "            10 no ledger here · 11 lock timeout · 13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// The end of the help of commands whose answer can be no.
macro_rules! asserting {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 all true · 1 I/O · 2 usage · 3 not true · 4 unknown account, other currency\n",
            "            6 damaged or not a ledger · 10 no ledger here · 11 lock timeout · 13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// After the help of a command that looks for an event.
macro_rules! bisecting {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 found · 1 I/O, or the command failed · 2 usage · 3 there is no such event\n",
            "            4 unknown account, other currency · 6 damaged or not a ledger · 10 no ledger here\n",
            "            11 lock timeout · 13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// Behind the help of a command that judges the file.
macro_rules! judging {
    ($six:literal, $example:literal) => {
        concat!(
            "Exit codes: 0 sound, a torn tail included · 1 I/O · 2 usage\n",
            "            6 ",
            $six,
            "\n            10 no ledger here · 11 lock timeout · 13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// The end of the help of commands that follow the log.
macro_rules! following {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 done, or ended by a signal · 1 I/O · 2 usage · 11 lock timeout\n",
            "            6 damaged, cut, replaced or not a ledger · 10 no ledger here\n",
            "            13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// After the help of the command that copies a log.
macro_rules! copying {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 done · 1 I/O · 2 usage · 5 TO is not the beginning of FROM\n",
            "            6 damaged or not a ledger · 10 no ledger here · 11 lock timeout\n",
            "            12 outcome unknown · 13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// Behind the help of a command that opens no log.
macro_rules! offline {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 done · 1 I/O · 2 usage\n\n",
            "Example: ",
            $example
        )
    };
}

/// After the help of a command that makes a proof.
macro_rules! proving {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 done · 1 I/O, or ssh-keygen did not sign · 2 usage\n",
            "            6 another head, damaged or not a ledger · 10 no ledger here · 11 lock timeout\n",
            "            13 engine unreachable\n\n",
            "Example: ",
            $example
        )
    };
}

/// After the help of a command that checks a proof.
macro_rules! checking {
    ($example:literal) => {
        concat!(
            "Exit codes: 0 right · 1 I/O · 2 usage · 6 wrong, another head, or no known signer\n\n",
            "Example: ",
            $example
        )
    };
}

pub(crate) use {
    asserting, bisecting, checking, copying, following, judging, offline, proving, reading, writing,
};
