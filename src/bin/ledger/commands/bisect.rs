use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Account;
use event_ledger::event::Entry;
use event_ledger::formats::event_json::EventJson;
use event_ledger::ledger::Replayed;
use event_ledger::money::Balance;
use event_ledger::replay::{AccountFigures, EventOrder, Turn};
use event_ledger::time::Zone;

use super::assertion::{Assertion, Judged};
use super::balance;
use super::reading::{self, Moments};
use super::turning::{self, Turns};
use crate::failure::Failure;
use crate::flags::{UntilFlags, WithoutFlags};
use crate::output::json::{self, BalanceOf, OmittedAnswer};
use crate::output::json_assert::BisectAnswer;
use crate::output::print::Printed;
use crate::output::sentence;
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

mod exec;

/// Find the first event after which assertions are no longer true
///
/// Assertions are those of `ledger assert`. They are tested after every event, from the first that touches an
/// account of the assertion. With --exec, a command decides instead, as `git bisect run` does: it finds a moment
/// in `LEDGER_UNTIL` (`seq:17`), for `ledger … --until "$LEDGER_UNTIL"`, and exits with 0 if all is well
/// there, with 1 to 127 if not, and with 125 if it cannot say. Its standard output is discarded.
#[derive(Debug, Args)]
#[command(
    after_help = super::help::bisecting("ledger bisect 'main >= 0' --by effective"),
    group = clap::ArgGroup::new("question").required(true).args(["assertions", "exec"]),
)]
pub(crate) struct BisectArgs {
    /// What should be true, quoted: 'ACCOUNT OP AMOUNT'
    #[arg(value_name = "ASSERTION")]
    assertions: Vec<String>,
    /// Show every event after which an assertion is no longer true, or true again
    #[arg(long, conflicts_with = "exec")]
    all: bool,
    /// Test events in the order in which they were recorded or took effect
    #[arg(
        long,
        value_name = "ORDER",
        value_parser = turning::order_parser(),
        default_value = "recorded",
        hide_possible_values = true,
        conflicts_with = "exec",
        help = "The order in which events are tested: recorded or effective"
    )]
    by: EventOrder,
    /// Test with a command, which is run by `sh -c`
    #[arg(long, value_name = "CMD", conflicts_with = "assertions")]
    exec: Option<String>,
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

pub(crate) fn run(arguments: &BisectArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?.without(&arguments.without)?;
    let assertions = Assertion::parse_all(&arguments.assertions, "bisect")?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    if let Some(command) = &arguments.exec {
        return exec::run(command, &reading, &cutoff, session);
    }
    let (by, all) = (arguments.by, arguments.all);
    let now = session.now()?;
    let found = turning::turns(&reading, &cutoff, &assertions, by, all, now)?;
    let judged = assertions
        .iter()
        .map(|assertion| assertion.judge(&found.replayed))
        .collect::<anyhow::Result<Vec<_>>>()?;
    reading::introduce(session, &reading, &found.replayed, None);
    let Turns {
        found: turns,
        events,
        ..
    } = &found;
    let most = if all { turns.len() } else { 1 };
    let mut answers = turns.iter().take(most).peekable();
    if answers.peek().is_none() {
        tell_nothing(arguments, &assertions, &found, session);
        return Ok(3);
    }
    let mut is_first = true;
    for turn in answers {
        let (Some(assertion), Some(judged)) =
            (assertions.get(turn.condition), judged.get(turn.condition))
        else {
            continue;
        };
        let Some(entry) = reading.entry(turn.seq)? else {
            bail!(Failure::damaged("an event is not there any more"));
        };
        let shown = ShownTurn {
            turn,
            assertion,
            judged,
            entry: &entry,
            replayed: &found.replayed,
        };
        let printed = if session.json {
            let answer = shown.answer(all, *events);
            session.printer.json(&json::text(&answer))
        } else {
            if !std::mem::take(&mut is_first) {
                session.line("");
            }
            shown.show(reading.zone(), session)
        };
        if printed.is_err() {
            break;
        }
    }
    Ok(0)
}

fn tell_nothing(
    arguments: &BisectArgs,
    assertions: &[Assertion],
    found: &Turns,
    session: &mut Session,
) {
    let texts: Vec<&str> = assertions.iter().map(|one| one.text.as_str()).collect();
    if session.json {
        if !arguments.all {
            let answer = BisectAnswer {
                assertion: Some(texts.join(", ")),
                omitted: OmittedAnswer::of(&found.replayed.omitted),
                ..BisectAnswer::not_found(found.events)
            };
            session.answer(&answer);
        }
        return;
    }
    if !session.quiet {
        let after = match found.events {
            1 => "after the only event".to_owned(),
            events => format!("after each of {events} events"),
        };
        let is = if texts.len() == 1 { "is" } else { "are" };
        session.line(&format!("{} {is} true {after}", texts.join(" and ")));
    }
}

/// A turn with what is needed to tell of it.
struct ShownTurn<'t> {
    turn: &'t Turn,
    assertion: &'t Assertion,
    judged: &'t Judged,
    entry: &'t Entry<'static>,
    replayed: &'t Replayed,
}

impl ShownTurn<'_> {
    fn answer(&self, all: bool, events: u64) -> BisectAnswer<'_> {
        let balances = |figures: &[AccountFigures]| {
            let figures = figures.iter();
            figures
                .filter_map(|figures| self.balance(figures))
                .collect()
        };
        BisectAnswer {
            found: true,
            assertion: Some(self.assertion.text.clone()),
            event: Some(EventJson::of(self.entry)),
            before: balances(&self.turn.before),
            after: balances(&self.turn.after),
            holds: all.then_some(self.turn.holds),
            events,
            omitted: OmittedAnswer::of(&self.replayed.omitted),
        }
    }

    fn balance(&self, figures: &AccountFigures) -> Option<BalanceOf> {
        let account = self.replayed.state().account(&figures.account)?;
        let account = Account {
            balance: figures.balance,
            ..*account
        };
        Some(BalanceOf::of(&figures.account, &account, figures.pending))
    }

    fn show(&self, zone: &Zone, session: &mut Session) -> Printed {
        let (turn, judged) = (self.turn, self.judged);
        let figure = |balance: Balance| {
            sentence::with_currency(&balance.to_text(judged.scale), judged.currency)
        };
        let is = if turn.holds { "true again" } else { "not true" };
        let line = format!(
            "{} is {is} after event {}: {} is {}",
            self.assertion.text,
            turn.seq,
            self.assertion.figure_text(),
            figure(turn.value),
        );
        session.line(&line);
        if session.quiet {
            return Ok(());
        }
        let mut about = sentence::of_entry(self.entry, zone);
        if let Some(note) = sentence::of_note(self.entry) {
            about.push_str(&format!(": {note}"));
        }
        let recorded = format!("recorded {}", zone.local_minute(self.entry.at));
        let effective = self.entry.effective;
        let effective = effective.map(|at| format!(", effective {}", zone.local_minute(at)));
        session.line(&about);
        session.line(&format!("{recorded}{}", effective.unwrap_or_default()));
        let table = self.table(session);
        session.printer.rendered(&table)
    }

    /// The accounts that the event changed, or all if it changed none.
    fn table(&self, session: &Session) -> String {
        let pairs = self.turn.before.iter().zip(&self.turn.after);
        let changed: Vec<_> = pairs
            .clone()
            .filter(|(before, after)| before != after)
            .collect();
        let shown = if changed.is_empty() {
            pairs.collect()
        } else {
            changed
        };
        let columns = vec![
            Column::name("Account"),
            Column::figure("Before").optional(1),
            Column::figure("After"),
            Column::unit(),
        ];
        let mut table = Table::new(columns, session.printer.table_style());
        for (before, after) in shown {
            let account = self.replayed.state().account(&before.account);
            let scale = account.map_or(self.judged.scale, |account| account.scale);
            let figure = |figures: &AccountFigures| {
                Cell::new(
                    self.assertion
                        .measured(figures.balance, figures.pending)
                        .to_text(scale),
                )
            };
            table.push(vec![
                Cell::new(&before.account),
                figure(before),
                figure(after),
                balance::unit(self.judged.currency),
            ]);
        }
        table.to_text()
    }
}
