mod assertion;

use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Refusal;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::replay::{AccountFilter, Cutoff};

use super::reading::{self, Moments};
use super::writing;
use crate::failure::Failure;
use crate::flags::{UntilFlags, WithoutFlags};
use crate::output::check_report::{Check, CheckFormat, CheckReport};
use crate::output::json::{self, OmittedAnswer, bound_text, currency_text};
use crate::output::json_assert::{AssertAnswer, AssertionAnswer};
use crate::output::sentence;
use crate::session::{Done, Session};
use assertion::Assertion;

/// Check balances against assertions
///
/// An assertion is one argument: an account or a glob, whose accounts are added up, then an
/// operator (== != < <= > >=), then an amount. Prints nothing if all are true. Otherwise prints
/// each assertion that is false with the actual figure and the event that last changed it, with
/// exit code 3.
#[derive(Debug, Args)]
#[command(after_help = super::help::asserting!("ledger assert 'main >= 0' 'expenses:* < 500 EUR'"))]
pub(crate) struct AssertArgs {
    /// What should be true, quoted: 'ACCOUNT OP AMOUNT'
    #[arg(value_name = "ASSERTION", required = true)]
    assertions: Vec<String>,
    /// How the answer is written
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        help = "How the answer is written: text, json, github, junit or tap"
    )]
    format: Option<CheckFormat>,
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

pub(crate) fn run(arguments: &AssertArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?.without(&arguments.without)?;
    let format = format(arguments, session)?;
    session.json = format == CheckFormat::Json;
    let assertions = arguments
        .assertions
        .iter()
        .map(|text| Assertion::parse(text))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let subjects = assertions.iter().map(|assertion| assertion.subject.name());
    let wanted: Option<Vec<&str>> = subjects.collect();
    let replayed = reading.query(cutoff.clone(), None, wanted.as_deref().into())?;
    let mut verdicts = assertions
        .iter()
        .map(|assertion| verdict(assertion, &replayed))
        .collect::<anyhow::Result<Vec<_>>>()?;
    find_last_changes(&mut verdicts, &reading, &cutoff)?;
    writing::torn(session, replayed.torn_bytes());
    let failed: Vec<&Verdict<'_>> = verdicts.iter().filter(|verdict| !verdict.ok).collect();
    match format {
        CheckFormat::Text => {
            if !failed.is_empty()
                && !session.quiet
                && let Some(resolved) = sentence::of_cutoff(&cutoff, reading.zone())
            {
                session.printer.note("resolved", &resolved);
            }
            if !failed.is_empty() && !session.quiet {
                reading::note_omitted(session, &replayed);
            }
            for verdict in &failed {
                session.printer.error(&verdict.sentence());
            }
        }
        CheckFormat::Json => {
            let answer = AssertAnswer {
                ok: failed.is_empty(),
                until: bound_text(cutoff.until),
                known_at: bound_text(cutoff.known_at),
                assertions: verdicts.iter().map(Verdict::answer).collect(),
                omitted: OmittedAnswer::of(&replayed.omitted),
                torn_bytes: replayed.torn_bytes(),
            };
            let _ = session.printer.json(&json::text(&answer));
            if let Some(first) = failed.first() {
                bail!(Failure::assertion(match failed.len() {
                    1 => first.sentence(),
                    count => format!("{count} assertions are not true; {}", first.sentence()),
                }));
            }
        }
        CheckFormat::Github | CheckFormat::Junit | CheckFormat::Tap => {
            let report = CheckReport {
                suite: "ledger assert".to_owned(),
                file: session.path().display().to_string(),
                checks: verdicts.iter().map(Verdict::check).collect(),
            };
            let _ = session
                .printer
                .rendered(&report.render(format).unwrap_or_default());
        }
    }
    Ok(if failed.is_empty() { 0 } else { 3 })
}

fn format(arguments: &AssertArgs, session: &Session) -> anyhow::Result<CheckFormat> {
    match (arguments.format, session.json) {
        (None | Some(CheckFormat::Json), true) => Ok(CheckFormat::Json),
        (Some(_), true) => Err(Failure::usage("--json and --format name two forms")
            .with_hint(Some("ledger assert --format json 'main >= 0'".to_owned()))
            .into()),
        (format, false) => Ok(format.unwrap_or_default()),
    }
}

/// An assertion with its actual figure.
struct Verdict<'a> {
    assertion: &'a Assertion,
    ok: bool,
    actual: Balance,
    scale: Scale,
    currency: Option<Currency>,
    /// The last event that changed the accounts of the assertion.
    seq: Option<u64>,
}

fn verdict<'a>(assertion: &'a Assertion, replayed: &Replayed) -> anyhow::Result<Verdict<'a>> {
    let subject = &assertion.subject;
    let accounts = subject.accounts(replayed)?;
    if accounts.is_empty() {
        // A typing mistake must not pass.
        bail!(Failure::no_account_matches(subject.text()));
    }
    let total = subject.total(&accounts, assertion.expected.currency)?;
    if let asked @ Some(_) = assertion.expected.currency
        && asked != total.currency
    {
        return Err(Refusal::CurrencyMismatch {
            account: assertion.subject_text().to_owned(),
            holds: total.currency,
            asked,
        }
        .into());
    }
    Ok(Verdict {
        assertion,
        ok: assertion
            .operator
            .holds(total.balance, assertion.expected.balance),
        actual: total.balance,
        scale: total.scale.max(assertion.expected.scale),
        currency: total.currency,
        seq: accounts
            .iter()
            .map(|(_, account)| account.last)
            .max()
            .filter(|seq| *seq > 0),
    })
}

/// Finds the last event that changed each figure that is not as asserted. A change of a floor is none.
fn find_last_changes(
    verdicts: &mut [Verdict<'_>],
    reading: &Reader,
    cutoff: &Cutoff,
) -> anyhow::Result<()> {
    let mut failed: Vec<(&mut Verdict<'_>, AccountFilter)> = verdicts
        .iter_mut()
        .filter(|verdict| !verdict.ok)
        .map(|verdict| {
            let filter = verdict.assertion.subject.filter();
            verdict.seq = None;
            (verdict, filter)
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let options = ReadOptions::default();
    reading.scan::<LedgerError>(cutoff.clone(), None, options, |entry, _, counted| {
        for (verdict, filter) in failed.iter_mut().filter(|_| counted) {
            let mut postings = entry.event.postings();
            if postings.any(|posting| filter.takes(posting.account.as_str())) {
                verdict.seq = Some(entry.seq);
            }
        }
        Ok(())
    })?;
    Ok(())
}

impl Verdict<'_> {
    /// The line of an event: the first line is event 0.
    fn line(&self) -> Option<u64> {
        self.seq.map(|seq| seq.saturating_add(1))
    }

    fn actual(&self) -> String {
        self.actual.to_text(self.scale)
    }

    /// `main is 50.00 EUR, not == 60.00 EUR; event 3 (line 4) changed it last`
    fn sentence(&self) -> String {
        let subject = self.assertion.subject_text();
        let expected = self.assertion.expected.balance.to_text(self.scale);
        let behind = match (self.seq, self.line()) {
            (Some(seq), Some(line)) => format!("; event {seq} (line {line}) changed it last"),
            _ => String::new(),
        };
        format!(
            "{subject} is {}, not {} {}{behind}",
            sentence::with_currency(&self.actual(), self.currency),
            self.assertion.operator.as_str(),
            sentence::with_currency(&expected, self.currency),
        )
    }

    fn check(&self) -> Check {
        if self.ok {
            Check::passed(&self.assertion.text)
        } else {
            Check::failed(&self.assertion.text, self.line(), self.sentence())
        }
    }

    fn answer(&self) -> AssertionAnswer {
        AssertionAnswer {
            assertion: self.assertion.text.clone(),
            ok: self.ok,
            account: self.assertion.subject_text().to_owned(),
            operator: self.assertion.operator.as_str().to_owned(),
            expected: self.assertion.expected.balance.to_text(self.scale),
            actual: self.actual(),
            currency: currency_text(self.currency),
            line: self.line(),
            seq: self.seq,
        }
    }
}
