use anyhow::bail;
use clap::Args;
use event_ledger::accounts::HoldState;
use event_ledger::event::Event;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::money::Balance;
use event_ledger::replay::{AccountFilter, Cutoff, EventOrder, Measure};
use event_ledger::time::Timestamp;

use super::assertion::{Assertion, Judged};
use super::reading::{self, Moments};
use super::turning::{self, Turns};
use crate::failure::Failure;
use crate::flags::{UntilFlags, WithoutFlags};
use crate::output::check_report::{Check, CheckFormat, CheckReport};
use crate::output::json::{OmittedAnswer, bound_text, currency_text};
use crate::output::json_assert::{AssertAnswer, AssertionAnswer};
use crate::output::sentence;
use crate::session::{Done, Session};

/// Check balances against assertions
///
/// An assertion is one argument: an account or a glob, whose accounts are added up, then an
/// operator (== != < <= > >=), then an amount. In place of the account there can be
/// `available(ACCOUNT)`, `pending_in(ACCOUNT)` or `pending_out(ACCOUNT)`. Prints nothing if all are true.
/// Otherwise prints each assertion that is false with the actual figure and the event that last
/// changed it, with exit code 3.
#[derive(Debug, Args)]
#[command(after_help = super::help::asserting("ledger assert 'main >= 0' 'expenses:* < 500 EUR'"))]
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
    /// Check after every event, from the first that touches an account of the assertion
    #[arg(long)]
    always: bool,
    /// With --always, in the order in which events were recorded or took effect
    #[arg(
        long,
        value_name = "ORDER",
        value_parser = turning::order_parser(),
        requires = "always",
        hide_possible_values = true,
        help = "With --always, the order of events: recorded or effective"
    )]
    by: Option<EventOrder>,
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

pub(crate) fn run(arguments: &AssertArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?.without(&arguments.without)?;
    let format = reading::check_format(
        arguments.format,
        session,
        "ledger assert --format json 'main >= 0'",
    )?;
    session.json = format == CheckFormat::Json;
    let assertions = Assertion::parse_all(&arguments.assertions, "assert")?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let by = arguments.by.unwrap_or_default();
    let (verdicts, replayed) = if arguments.always {
        always(&assertions, &reading, &cutoff, by, now)?
    } else {
        at_the_end(&assertions, &reading, &cutoff, now)?
    };
    reading::warn(session, &reading, &replayed);
    let failed: Vec<&Verdict<'_>> = verdicts
        .iter()
        .filter(|verdict| !verdict.judged.holds)
        .collect();
    match format {
        CheckFormat::Text => {
            // If all are true, nothing is printed.
            if !failed.is_empty() && !session.quiet {
                reading::note_future(session, &replayed);
                reading::note_resolved(session, &cutoff, &reading);
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
                always: arguments.always.then(|| turning::order_word(by).to_owned()),
                assertions: verdicts.iter().map(Verdict::answer).collect(),
                omitted: OmittedAnswer::of(&replayed.omitted),
                torn_bytes: replayed.torn_bytes(),
            };
            session.answer(&answer);
            if let Some(first) = failed.first() {
                bail!(Failure::new(
                    "assertion_failed",
                    match failed.len() {
                        1 => first.sentence(),
                        count => format!("{count} assertions are not true; {}", first.sentence()),
                    }
                ));
            }
        }
        CheckFormat::Github | CheckFormat::Junit | CheckFormat::Tap => {
            let report = CheckReport {
                suite: "ledger assert".to_owned(),
                file: session.path().display().to_string(),
                checks: verdicts.iter().map(Verdict::check).collect(),
            };
            session.rendered(&report.render(format).unwrap_or_default());
        }
    }
    Ok(if failed.is_empty() { 0 } else { 3 })
}

/// An assertion with its actual figure.
struct Verdict<'a> {
    assertion: &'a Assertion,
    judged: Judged,
    /// The last event that changed the figure; with --always, the first after which it is not as
    /// asserted.
    seq: Option<u64>,
    is_first: bool,
}

fn at_the_end<'a>(
    assertions: &'a [Assertion],
    reading: &Reader,
    cutoff: &Cutoff,
    now: Timestamp,
) -> anyhow::Result<(Vec<Verdict<'a>>, Replayed)> {
    let subjects = assertions.iter().map(|assertion| assertion.subject.name());
    let wanted: Option<Vec<&str>> = subjects.collect();
    let replayed = reading.query(cutoff.clone(), Some(now), wanted.as_deref().into())?;
    let verdict = |assertion: &'a Assertion| {
        let judged = assertion.judge(&replayed)?;
        anyhow::Ok(Verdict {
            assertion,
            judged,
            seq: judged.last,
            is_first: false,
        })
    };
    let verdicts = assertions.iter().map(verdict);
    let mut verdicts = verdicts.collect::<anyhow::Result<Vec<_>>>()?;
    find_last_changes(&mut verdicts, reading, cutoff)?;
    Ok((verdicts, replayed))
}

/// Asks every event.
fn always<'a>(
    assertions: &'a [Assertion],
    reading: &Reader,
    cutoff: &Cutoff,
    by: EventOrder,
    now: Timestamp,
) -> anyhow::Result<(Vec<Verdict<'a>>, Replayed)> {
    let Turns {
        found: turns,
        replayed,
        ..
    } = turning::turns(reading, cutoff, assertions, by, false, now)?;
    let verdict = |(index, assertion): (usize, &'a Assertion)| {
        let judged = assertion.judge(&replayed)?;
        let turn = turns.iter().find(|turn| turn.condition == index);
        anyhow::Ok(match turn {
            Some(turn) => Verdict {
                assertion,
                judged: Judged {
                    holds: false,
                    value: turn.value,
                    ..judged
                },
                seq: Some(turn.seq),
                is_first: true,
            },
            None => Verdict {
                assertion,
                judged: Judged {
                    holds: true,
                    ..judged
                },
                seq: judged.last,
                is_first: false,
            },
        })
    };
    let verdicts = assertions.iter().enumerate().map(verdict);
    let verdicts = verdicts.collect::<anyhow::Result<Vec<_>>>()?;
    Ok((verdicts, replayed))
}

/// Finds the last event that changed each figure that is not as asserted. A change of a floor is none.
fn find_last_changes(
    verdicts: &mut [Verdict<'_>],
    reading: &Reader,
    cutoff: &Cutoff,
) -> anyhow::Result<()> {
    let mut failed: Vec<(&mut Verdict<'_>, AccountFilter)> = verdicts
        .iter_mut()
        .filter(|verdict| !verdict.judged.holds)
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
    reading.scan::<LedgerError>(cutoff.clone(), None, options, |entry, fold, counted| {
        for (verdict, filter) in failed.iter_mut().filter(|_| counted) {
            let mut postings = entry.event.postings();
            let mut changes = postings.any(|posting| filter.takes(posting.account.as_str()));
            if verdict.assertion.measure != Measure::Balance {
                let hold = match &entry.event {
                    Event::Hold(_) => Some(entry.seq),
                    Event::Release { hold, .. } => Some(*hold),
                    _ => None,
                };
                let hold = hold.and_then(|seq| fold.state().commitments().hold(seq));
                let mut accounts = hold.into_iter().flat_map(HoldState::accounts);
                changes |= accounts.any(|name| filter.takes(name.as_str()));
            }
            if changes {
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

    fn figure(&self, balance: Balance) -> String {
        balance.to_text(self.judged.scale)
    }

    /// `main is 50.00 EUR, not == 60.00 EUR; event 3 (line 4) changed it last`
    fn sentence(&self) -> String {
        let of_event = match (self.seq, self.line()) {
            (Some(seq), Some(line)) => Some(format!("event {seq} (line {line})")),
            _ => None,
        };
        let changed = match of_event {
            None => String::new(),
            Some(event) if self.is_first => format!(" after {event}"),
            Some(event) => format!("; {event} changed it last"),
        };
        let currency = self.judged.currency;
        let actual = self.figure(self.judged.value);
        let expected = self.figure(self.assertion.expected.balance);
        let not = format!(
            "not {} {}",
            self.assertion.comparison.as_str(),
            sentence::with_currency(&expected, currency),
        );
        let figure = self.assertion.figure_text();
        let actual = sentence::with_currency(&actual, currency);
        format!("{figure} is {actual}, {not}{changed}")
    }

    fn check(&self) -> Check {
        if self.judged.holds {
            Check::passed(&self.assertion.text)
        } else {
            Check::failed(&self.assertion.text, self.line(), self.sentence())
        }
    }

    fn answer(&self) -> AssertionAnswer {
        AssertionAnswer {
            assertion: self.assertion.text.clone(),
            ok: self.judged.holds,
            account: self.assertion.subject.text().to_owned(),
            operator: self.assertion.comparison.as_str().to_owned(),
            expected: self.figure(self.assertion.expected.balance),
            actual: self.figure(self.judged.value),
            currency: currency_text(self.judged.currency),
            line: self.line(),
            seq: self.seq,
        }
    }
}
