//! The log that the tests of the reading commands look at: a winter in Vienna, entered partly late.

use crate::harness::{NOW, Shell};

/// Ten events: some took effect before they were recorded, one was reversed, one account closed.
pub(crate) fn story() -> Shell {
    let mut shell = Shell::new();
    for (now, command) in [
        (
            "2026-01-01T08:00:00Z",
            "init --currency EUR --zone Europe/Vienna",
        ),
        ("2026-01-01T08:01:00Z", "open assets:giro --floor -500"),
        (
            "2026-01-02T08:00:00Z",
            "deposit 2500 -a assets:giro -m salary --tag employer=acme --key salary-1",
        ),
        (
            "2026-01-03T08:00:00Z",
            "transfer 900 --from assets:giro --to expenses:rent -m rent",
        ),
        (
            "2026-02-03T08:00:00Z",
            "withdraw 12.5 -a assets:giro --effective '2026-01-30 09:00' -m lunch",
        ),
        (
            "2026-02-04T08:00:00Z",
            "transfer 120.40 --from assets:giro --to expenses:groceries --effective 2026-01-31",
        ),
        ("2026-02-05T08:00:00Z", "deposit 30 USD -a assets:travel"),
        (
            "2026-02-06T08:00:00Z",
            "withdraw 1900 -a assets:giro -m overdraft --tag order=7 --tag shop=north",
        ),
        ("2026-03-01T08:00:00Z", "reverse 4"),
        ("2026-03-02T08:00:00Z", "open old"),
        ("2026-03-03T08:00:00Z", "close old"),
    ] {
        shell.at(now).ledger(command).succeeds();
    }
    shell.at(NOW);
    shell
}
