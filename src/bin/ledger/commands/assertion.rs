//! An assertion: `ACCOUNT OP AMOUNT`, with or without spaces around the operator. In place of the account
//! there can be `available(ACCOUNT)`, `pending_in(ACCOUNT)` or `pending_out(ACCOUNT)`.

use anyhow::{Context as _, bail};
use event_ledger::accounts::{Pending, Refusal};
use event_ledger::ledger::Replayed;
use event_ledger::money::{Balance, Currency, Figure, Scale};
use event_ledger::replay::{Comparison, Measure};

use super::subject::Subject;
use crate::failure::{Corrected, Correction, Failure};
use crate::flags::nearest;

/// An assertion as it was typed and as it was understood.
#[derive(Clone, Debug)]
pub(crate) struct Assertion {
    /// Without spaces around it, otherwise as typed.
    pub(crate) text: String,
    pub(crate) measure: Measure,
    pub(crate) subject: Subject,
    pub(crate) comparison: Comparison,
    pub(crate) expected: Figure,
}

/// The figure of an assertion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    /// Whether the assertion is true of it.
    pub(crate) holds: bool,
    pub(crate) value: Balance,
    /// The digits to show.
    pub(crate) scale: Scale,
    pub(crate) currency: Option<Currency>,
    /// The last event that touched the accounts.
    pub(crate) last: Option<u64>,
}

/// The words for the figures of an account beside its balance.
const MEASURES: [(&str, Measure); 3] = [
    ("available", Measure::Available),
    ("pending_in", Measure::PendingIn),
    ("pending_out", Measure::PendingOut),
];

impl Assertion {
    pub(crate) fn parse_all(typed: &[String], command: &str) -> anyhow::Result<Vec<Assertion>> {
        let parsed = typed.iter().map(|text| Assertion::parse(text, command));
        parsed.collect::<anyhow::Result<Vec<_>>>().map_err(|error| {
            // `assert main == 5`: one assertion in several words.
            let joined = typed.join(" ");
            match typed.split_first() {
                Some((first, rest)) if Assertion::parse(&joined, command).is_ok() => {
                    let gone = |word: &String| Correction::without(word);
                    let mut corrections: Vec<Correction> = rest.iter().map(gone).collect();
                    corrections.push(Correction::word(first, joined));
                    error.context(Corrected(corrections))
                }
                _ => error,
            }
        })
    }

    /// Parses an assertion for a command, whose name is in the hints.
    pub(crate) fn parse(typed: &str, command: &str) -> anyhow::Result<Assertion> {
        let text = typed.trim();
        // No account name and no amount holds one of these.
        let is_sign = |c: char| matches!(c, '=' | '!' | '<' | '>' | '~' | '≤' | '≥' | '≠');
        let (left, rest) = text
            .find(is_sign)
            .and_then(|start| text.split_at_checked(start))
            .ok_or_else(|| no_operator(text, command))?;
        let right = rest.trim_start_matches(is_sign);
        let sign = rest.strip_suffix(right).unwrap_or_default();
        let (left, right) = (left.trim(), right.trim());
        let Some(comparison) = Comparison::ALL.into_iter().find(|one| one.as_str() == sign) else {
            let meant = meant(sign).map(|op| format!("{left} {op} {right}"));
            bail!(
                Failure::usage(format!(
                    "`{sign}` is not one of == != < <= > >= in `{text}`"
                ))
                .corrected(meant.map(|meant| Correction::word(typed, meant)))
            );
        };
        if left.is_empty() || right.is_empty() {
            bail!(incomplete(text, command));
        }
        let (measure, account) = measured(left);
        if let Some((word, account)) = call(account) {
            let figure = meant_figure(word, account);
            let meant = figure.map(|figure| format!("{figure} {sign} {right}"));
            bail!(
                Failure::usage(format!(
                    "`{word}(…)` is not available(…), pending_in(…) or pending_out(…)"
                ))
                .corrected(meant.map(|meant| Correction::word(typed, meant)))
            );
        }
        let subject = Subject::parse(account)?;
        let expected = Figure::parse_sum(right).with_context(|| text.to_owned())?;
        Ok(Assertion {
            text: text.to_owned(),
            measure,
            subject,
            comparison,
            expected,
        })
    }

    /// The figure that it is about, as text: `main`, `available(main)`.
    pub(crate) fn figure_text(&self) -> String {
        let account = self.subject.text();
        let mut words = MEASURES.iter();
        match words.find(|(_, measure)| *measure == self.measure) {
            Some((word, _)) => format!("{word}({account})"),
            None => account.to_owned(),
        }
    }

    /// Looks up its figure in a state.
    ///
    /// # Errors
    /// `unknown_account` if there is no such account, `currency_mismatch` if the accounts cannot be
    /// added up or hold another currency.
    pub(crate) fn judge(&self, replayed: &Replayed) -> anyhow::Result<Judged> {
        let subject = &self.subject;
        let accounts = subject.accounts(replayed)?;
        if accounts.is_empty() {
            // A typing mistake must not pass.
            bail!(Failure::no_account_matches(subject.text()));
        }
        let total = subject.total(&accounts, self.expected.currency)?;
        if let asked @ Some(_) = self.expected.currency
            && asked != total.currency
        {
            return Err(Refusal::CurrencyMismatch {
                account: subject.text().to_owned(),
                holds: total.currency,
                asked,
                since: None,
            }
            .into());
        }
        let mut value = Balance::ZERO;
        let as_of = replayed.replay.as_of();
        let pending = replayed.state().commitments().pending(as_of);
        for (name, account) in &accounts {
            let pending = pending.get(name.as_str()).copied().unwrap_or_default();
            let figure = self.measured(account.balance, pending);
            value = value.plus(figure).unwrap_or(value);
        }
        let seqs = accounts.iter().map(|(_, account)| account.last);
        Ok(Judged {
            holds: self.comparison.holds(value, self.expected.balance),
            value,
            scale: total.scale.max(self.expected.scale),
            currency: total.currency,
            last: seqs.max().filter(|seq| *seq > 0),
        })
    }

    /// The figure of one account that it is about.
    pub(crate) fn measured(&self, balance: Balance, pending: Pending) -> Balance {
        match self.measure {
            Measure::Balance => balance,
            Measure::Available => pending.available(balance),
            Measure::PendingIn => pending.incoming,
            Measure::PendingOut => pending.outgoing,
        }
    }
}

/// Which figure, and of which account.
fn measured(text: &str) -> (Measure, &str) {
    let inner = |word: &str| {
        let rest = text.strip_prefix(word)?.trim_start();
        rest.strip_prefix('(')?.strip_suffix(')')
    };
    MEASURES
        .iter()
        .find_map(|(word, measure)| Some((*measure, inner(word)?.trim())))
        .unwrap_or((Measure::Balance, text))
}

/// A word and the text in the parentheses after it. Account names have no parentheses.
fn call(text: &str) -> Option<(&str, &str)> {
    let (word, inner) = text.split_once('(')?;
    Some((word.trim(), inner.strip_suffix(')')?.trim()))
}

/// The figure that was probably meant by another word.
fn meant_figure(word: &str, account: &str) -> Option<String> {
    if word == "balance" {
        return Some(account.to_owned());
    }
    let words = || MEASURES.iter().map(|(known, _)| *known);
    let mut begun = words().filter(|known| word.len() > 2 && known.starts_with(word));
    let only = begun.next().filter(|_| begun.next().is_none());
    let known = only.or_else(|| nearest(word, words()))?;
    Some(format!("{known}({account})"))
}

/// What other languages write.
fn meant(sign: &str) -> Option<&'static str> {
    match sign {
        "=" | "===" => Some("=="),
        "=<" | "≤" => Some("<="),
        "=>" | "≥" => Some(">="),
        "<>" | "!" | "!==" | "~=" | "≠" => Some("!="),
        _ => None,
    }
}

fn no_operator(text: &str, command: &str) -> Failure {
    Failure::usage(format!("`{text}` has no operator: == != < <= > or >="))
        .with_hint(format!("ledger {command} 'main >= 0'"))
}

fn incomplete(text: &str, command: &str) -> Failure {
    Failure::usage(format!(
        "`{text}` is not an assertion: an account, an operator and an amount"
    ))
    .with_hint(format!("ledger {command} 'main >= 0'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_the_operator_are_optional_and_all_six_are_known() {
        for comparison in Comparison::ALL {
            let sign = comparison.as_str();
            for text in [
                format!("a:b {sign} -5 EUR"),
                format!("a:b{sign}-5 EUR"),
                format!("  a:b  {sign}  -5EUR "),
            ] {
                let assertion = Assertion::parse(&text, "assert").unwrap();
                assert_eq!(assertion.comparison, comparison, "{text}");
                assert_eq!(assertion.figure_text(), "a:b");
                assert_eq!(
                    assertion.expected.balance.to_text(assertion.expected.scale),
                    "-5"
                );
            }
        }
    }

    #[test]
    fn a_figure_beside_the_balance_is_named_like_a_function() {
        for (text, measure, account, shown) in [
            ("available(a) >= 0", Measure::Available, "a", "available(a)"),
            (
                "pending_in( a:* )==0",
                Measure::PendingIn,
                "a:*",
                "pending_in(a:*)",
            ),
            (
                "pending_out (a) < 5",
                Measure::PendingOut,
                "a",
                "pending_out(a)",
            ),
            ("available >= 0", Measure::Balance, "available", "available"),
        ] {
            let assertion = Assertion::parse(text, "assert").unwrap();
            assert_eq!(assertion.measure, measure, "{text}");
            assert_eq!(assertion.subject.text(), account);
            assert_eq!(assertion.figure_text(), shown);
        }
        assert!(Assertion::parse("available() >= 0", "assert").is_err());
        assert!(Assertion::parse("balance(a) >= 0", "assert").is_err());
    }
}
