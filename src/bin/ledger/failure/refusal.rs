//! Refusals of the rules, as a user and a script see them.

use event_ledger::accounts::{NotReversible, Refusal};
use event_ledger::event::{Event, Movement};
use event_ledger::time::Zone;

use super::{Correction, Failure};

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::refused(refusal, &Zone::utc())
    }
}

/// What happened, with times in the ledger's zone.
fn message(refusal: &Refusal, zone: &Zone) -> String {
    match refusal {
        Refusal::PeriodSealed { through } => {
            format!("everything up to {} is sealed", zone.local(*through))
        }
        Refusal::FinalSeal { through } => {
            format!("the seal up to {} is final", zone.local(*through))
        }
        Refusal::HoldExpired { seq, expired, .. } => {
            format!("hold {seq} expired at {}", zone.local(*expired))
        }
        Refusal::InvalidTime { reason, moment } => format!("{reason}: {}", zone.local(*moment)),
        other => other.to_string(),
    }
}

/// The words of the command that records a movement.
fn command(event: &Event<'_>) -> Option<Vec<String>> {
    let on_one = |verb: &str, movement: &Movement<'_>| {
        let (amount, account) = (movement.amount.to_string(), movement.account.to_string());
        vec![verb.to_owned(), amount, "--account".to_owned(), account]
    };
    Some(match event {
        Event::Deposit(movement) => on_one("deposit", movement),
        Event::Withdraw(movement) => on_one("withdraw", movement),
        Event::Transfer {
            from, to, amount, ..
        } => vec![
            "transfer".to_owned(),
            amount.to_string(),
            "--from".to_owned(),
            from.to_string(),
            "--to".to_owned(),
            to.to_string(),
        ],
        _ => return None,
    })
}

impl Failure {
    /// A refusal of the rules, of a ledger in this zone.
    pub(super) fn refused(refusal: Refusal, zone: &Zone) -> Failure {
        let failure = Failure::new(refusal.code(), message(&refusal, zone));
        match refusal {
            Refusal::KeyConflict { seq, .. } => failure.with_hint(format!("ledger show {seq}")),
            Refusal::HeadConflict { .. } => failure.with_hint("ledger head"),
            Refusal::NotReversible { reason, .. } => {
                // What no rule permits was not written by a ledger.
                let hint = match reason {
                    NotReversible::NotItsReplacement
                    | NotReversible::NotItsRefund
                    | NotReversible::NotItsOpposite => "ledger verify",
                    _ => "ledger replay",
                };
                failure.with_hint(hint.to_owned())
            }
            Refusal::AlreadyReversed {
                seq,
                by,
                replacement,
            } => {
                let instead =
                    replacement.map(|replacement| (seq.to_string(), replacement.to_string()));
                failure
                    .corrected(instead.map(|(seq, replacement)| Correction::word(seq, replacement)))
                    .with_hint(format!("ledger show {by}"))
            }
            Refusal::UnknownAccount {
                account,
                did_you_mean,
                ..
            } => match did_you_mean {
                Some(name) => failure
                    .with_advice(format!("did you mean {name}?"))
                    .corrected([Correction::word(account, name)])
                    .with_hint("ledger accounts"),
                None => failure.with_hint(format!("ledger open {account}")),
            },
            Refusal::AccountClosed { account } => {
                failure.with_hint(format!("ledger open {account}"))
            }
            Refusal::AccountExists { .. } => failure.with_hint("ledger accounts").corrected([
                Correction::Given("--floor"),
                Correction::word("open", "limit"),
                Correction::Drop("--currency"),
            ]),
            Refusal::CurrencyMismatch {
                account,
                holds,
                asked,
                ..
            } => {
                let asked = asked.map_or_else(String::new, |asked| asked.to_string());
                let other = format!("{account}-{}", asked.to_lowercase());
                let in_another = [
                    Correction::Given("deposit"),
                    Correction::flag("--account", other),
                ];
                let failure = failure.with_hint("ledger accounts");
                let without = holds.is_none().then(|| Correction::without(asked));
                failure.corrected(without).corrected(in_another)
            }
            Refusal::AccountNotEmpty {
                account,
                balance,
                scale,
                ..
            } => {
                let figure = balance.to_text(scale);
                failure.with_hint(match figure.strip_prefix('-') {
                    Some(owed) => format!("ledger deposit {owed} --account {account}"),
                    None => format!("ledger withdraw {figure} --account {account}"),
                })
            }
            Refusal::InsufficientFunds(shortfall) => {
                failure.with_hint(format!("ledger history {}", shortfall.account))
            }
            Refusal::AccountHasHold { hold, .. } => {
                failure.with_hint(format!("ledger release {hold}"))
            }
            Refusal::PeriodSealed { .. } => failure
                .with_advice("`effective` may be `now`")
                .corrected([Correction::flag("--effective", "now")]),
            Refusal::FinalSeal { .. } => failure.with_hint("ledger replay --type seal"),
            Refusal::UnknownHold { .. } | Refusal::HoldClosed { .. } => {
                failure.with_hint("ledger holds --all")
            }
            Refusal::HoldExpired { instead, .. } => {
                let instead = instead.and_then(|movement| command(&movement));
                failure
                    .corrected(instead.map(Correction::Instead))
                    .with_hint("ledger holds --all")
            }
            Refusal::ExceedsHold {
                seq, rest, scale, ..
            } => failure
                .corrected([Correction::Operands(vec![
                    seq.to_string(),
                    rest.to_text(scale),
                ])])
                .with_hint("ledger holds"),
            Refusal::ExceedsRefundable { seq, .. } => {
                failure.with_hint(format!("ledger show {seq}"))
            }
            // It may be an event that is not there.
            Refusal::NothingToRedact { .. } => failure.with_hint("ledger replay"),
            Refusal::CurrencyNeeded { .. }
            | Refusal::SameCurrency { .. }
            | Refusal::CaptureTo { .. }
            | Refusal::CaptureWithoutFrom { .. }
            | Refusal::NotCorrectable { .. }
            | Refusal::InvalidTime { .. }
            | Refusal::BalanceOverflow { .. }
            | Refusal::SelfTransfer { .. } => failure,
            Refusal::NothingToCorrect { .. } => failure.with_advice(
                "name what changes: --amount, --account, --from, --to, -m, --tag, --effective",
            ),
            Refusal::Amount(error) => error.into(),
        }
    }
}
