use clap::Args;
use event_ledger::accounts::{Account, HoldState};
use event_ledger::event::AccountName;
use event_ledger::ledger::{AccountQuery, LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::money::Balance;
use event_ledger::replay::{
    AccountFilter, Bound, Cutoff, Grouping, Total, Why, WhyBuilder, WhyGroup, WhyRow,
};
use event_ledger::time::{Timestamp, Zone};

use super::balance;
use super::reading::{self, Moments};
use super::subject::Subject;
use crate::flags::{SinceFlags, UntilFlags, WithoutFlags};
use crate::output::json::{self, HoldAnswer, OmittedAnswer};
use crate::output::json_why::{OpeningAnswer, WhyAnswer, WhyRowAnswer};
use crate::output::print::Printed;
use crate::output::sentence;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::{Done, Session};

/// Show what makes up a balance: the opening and the events since then, which add up to it
///
/// The opening is the balance at the last seal, or before --since. Reversed events and their reversals
/// cancel out and are only counted. What is on hold is listed after the balance.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger why main --since 2026-03 --group tag:order"))]
pub(crate) struct WhyArgs {
    /// The account, or a glob whose accounts are added up
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// Add the events up: by the value of a tag, the other account, type or month
    #[arg(long, value_name = "GROUP", value_parser = GroupBy::parse,
        help = "Add the events up: by tag:KEY, account (the other one), type or month")]
    group: Option<GroupBy>,
    #[command(flatten)]
    since: SinceFlags,
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

/// By what the events are added up, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum GroupBy {
    Tag(String),
    Account,
    Type,
    Month,
}

impl GroupBy {
    fn parse(text: &str) -> Result<GroupBy, String> {
        match text {
            "account" => Ok(GroupBy::Account),
            "type" => Ok(GroupBy::Type),
            "month" => Ok(GroupBy::Month),
            _ => match text.strip_prefix("tag:") {
                Some(key) if !key.is_empty() => Ok(GroupBy::Tag(key.to_owned())),
                _ => Err("use tag:KEY, account, type or month".to_owned()),
            },
        }
    }

    fn grouping(&self, zone: &Zone) -> Grouping {
        match self {
            GroupBy::Tag(key) => Grouping::Tag(key.clone()),
            GroupBy::Account => Grouping::Account,
            GroupBy::Type => Grouping::Type,
            GroupBy::Month => Grouping::Month(zone.clone()),
        }
    }

    /// The events that have no group.
    fn no_group(&self) -> &'static str {
        match self {
            GroupBy::Account => "(outside)",
            GroupBy::Tag(_) | GroupBy::Type | GroupBy::Month => "(none)",
        }
    }

    fn head(&self) -> &str {
        match self {
            GroupBy::Tag(key) => key,
            GroupBy::Account => "Other account",
            GroupBy::Type => "Type",
            GroupBy::Month => "Month",
        }
    }
}

/// A figure, explained.
struct Explained {
    subject: Subject,
    accounts: Vec<(String, Account)>,
    total: Total,
    why: Why,
    /// The last moment that is in the opening.
    opening_at: Option<Bound>,
    groups: Option<Vec<WhyGroup>>,
    holds: Vec<HoldState>,
    available: Balance,
    as_of: Timestamp,
}

pub(crate) fn run(arguments: &WhyArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, Some(&arguments.since))?;
    let moments = moments.without(&arguments.without)?;
    let subject = Subject::parse(&arguments.account)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let (builder, replayed) = read(&reading, &cutoff, now, &subject)?;
    let explained = explain(arguments, subject, builder, &reading, &replayed)?;
    let is_nothing = explained.accounts.is_empty();
    if is_nothing {
        reading::no_match(session, explained.subject.text());
    }
    reading::introduce(session, &reading, &replayed, Some(now));
    if session.json {
        let answer = answer(&explained, &replayed);
        session.answer(&answer);
        return Ok(0);
    }
    if session.quiet {
        let figure = explained.total.balance.to_text(explained.total.scale);
        session.line(&figure);
        return Ok(0);
    }
    if is_nothing {
        session.line("no events to show");
    } else {
        show(arguments, &explained, &reading, session)?;
        show_holds(&explained, reading.zone(), session);
    }
    Ok(0)
}

/// Collects the events of the figure. The state has every account of the subject, all holds and the
/// seal.
fn read(
    reading: &Reader,
    cutoff: &Cutoff,
    now: Timestamp,
    subject: &Subject,
) -> anyhow::Result<(WhyBuilder, Replayed)> {
    let mut builder = WhyBuilder::new(subject.filter());
    let options = ReadOptions {
        account: subject.name(),
        ..ReadOptions::default()
    };
    let replayed =
        reading.scan::<LedgerError>(cutoff.clone(), Some(now), options, |entry, _, counted| {
            if counted {
                builder.take(entry)?;
            }
            Ok(())
        })?;
    if replayed.is_whole {
        return Ok((builder, replayed));
    }
    let name = subject.name();
    let names: Vec<&str> = name.into_iter().collect();
    let replayed = reading.query(cutoff.clone(), Some(now), AccountQuery::WithHolds(&names))?;
    Ok((builder, replayed))
}

fn explain(
    arguments: &WhyArgs,
    subject: Subject,
    builder: WhyBuilder,
    reading: &Reader,
    replayed: &Replayed,
) -> anyhow::Result<Explained> {
    let accounts = subject.accounts(replayed)?;
    let total = subject.total(&accounts, None)?;
    let commitments = replayed.state().commitments();
    let since = replayed.replay.cutoff().since;
    let (since, opening_at) = match (since, commitments.seal().through) {
        (Some(Bound::Time(since)), _) => (
            Some(Bound::Time(since)),
            since.previous_micro().map(Bound::Time),
        ),
        (Some(Bound::Seq(since)), _) => (
            Some(Bound::Seq(since)),
            since.checked_sub(1).map(Bound::Seq),
        ),
        (None, Some(through)) => (
            through.next_micro().map(Bound::Time),
            Some(Bound::Time(through)),
        ),
        (None, None) => (None, None),
    };
    let why = builder.finish(since, total.currency)?;
    let groups = arguments.group.as_ref().map(|by| {
        let by = by.grouping(reading.zone());
        why.groups(&by, &mut subject.filter(), total.currency)
    });
    let as_of = replayed.replay.as_of();
    let is_own = |name: &str| accounts.iter().any(|(own, _)| own == name);
    let open = commitments
        .holds()
        .filter(|hold| hold.rest(as_of) != Balance::ZERO);
    let holds = open.filter(|hold| hold.accounts().any(|name| is_own(name.as_str())));
    let holds: Vec<HoldState> = holds.cloned().collect();
    let mut available = total.balance;
    for hold in &holds {
        if hold.from.as_ref().is_some_and(|from| is_own(from.as_str())) {
            available = available.minus(hold.rest(as_of)).unwrap_or(available);
        }
    }
    Ok(Explained {
        accounts,
        total,
        why,
        opening_at,
        groups: groups.transpose()?,
        holds,
        available,
        as_of,
        subject,
    })
}

fn answer(explained: &Explained, replayed: &Replayed) -> WhyAnswer {
    let scale = explained.total.scale;
    let why = &explained.why;
    let rows = match &explained.groups {
        Some(groups) => groups
            .iter()
            .map(|group| WhyRowAnswer::group(group, scale))
            .collect(),
        None => why
            .rows
            .iter()
            .map(|row| WhyRowAnswer::event(row, scale))
            .collect(),
    };
    WhyAnswer {
        account: explained.subject.text().to_owned(),
        currency: json::currency_text(explained.total.currency),
        opening: OpeningAnswer::of(explained.opening_at, why.opening, scale),
        rows,
        cancelled: why.cancelled,
        holds: explained
            .holds
            .iter()
            .map(|hold| HoldAnswer::of(hold, explained.as_of))
            .collect(),
        balance: explained.total.balance.to_text(scale),
        available: explained.available.to_text(scale),
        omitted: OmittedAnswer::of(&replayed.omitted),
    }
}

/// The opening, the events or groups, and the balance they add up to.
fn show(
    arguments: &WhyArgs,
    explained: &Explained,
    reading: &Reader,
    session: &mut Session,
) -> Printed {
    let (why, scale) = (&explained.why, explained.total.scale);
    let unit = || balance::unit(explained.total.currency);
    let figure = |figure: Balance| Cell::new(figure.to_text(scale));
    let opening = explained.opening_at.map(|at| match at {
        Bound::Time(at) => reading.zone().local_minute(at),
        Bound::Seq(seq) => format!("event {seq}"),
    });
    let mut rows: Vec<Vec<Cell<'static>>> = Vec::new();
    let columns = if let (Some(by), Some(groups)) = (&arguments.group, &explained.groups) {
        rows.extend(opening.map(|at| {
            let name = Cell::new(format!("opening, {at}")).dim();
            vec![
                name,
                Cell::default(),
                figure(why.opening).dim(),
                unit().dim(),
            ]
        }));
        rows.extend(groups.iter().map(|group| {
            let name = match &group.name {
                Some(name) => Cell::new(name),
                None => Cell::new(by.no_group()).dim(),
            };
            vec![name, Cell::new(group.events), figure(group.change), unit()]
        }));
        vec![
            Column::name(by.head()),
            Column::number("Events").optional(1),
            Column::figure("Change"),
            Column::unit(),
        ]
    } else {
        let is_empty = Cell::default;
        rows.extend(opening.map(|at| {
            let cells = vec![is_empty(), Cell::new(at), Cell::new("opening")];
            let figures = [figure(why.opening), unit(), is_empty()];
            cells.into_iter().chain(figures).map(Cell::dim).collect()
        }));
        let mut filter = explained.subject.filter();
        rows.extend(why.rows.iter().map(|row| {
            let entry = &row.entry;
            let effective = reading.zone().local_minute(entry.took_effect());
            vec![
                Cell::new(entry.seq),
                Cell::new(effective),
                Cell::new(entry.event.kind().as_str()),
                figure(row.change),
                unit(),
                Cell::new(details(row, &mut filter)),
            ]
        }));
        vec![
            Column::number("#").optional(1),
            Column::date("Effective"),
            Column::name("Type").optional(2),
            Column::figure("Change"),
            Column::unit(),
            Column::text("Details"),
        ]
    };
    let mut table = StreamedTable::new(columns, &session.printer);
    for row in rows {
        table.push(row, &mut session.printer)?;
    }
    let balance = figure(explained.total.balance);
    table.push_sum(if explained.groups.is_some() {
        vec![Cell::new("Balance"), Cell::default(), balance, unit()]
    } else {
        let name = [Cell::default(), Cell::new("Balance"), Cell::default()];
        let figures = [balance, unit(), Cell::default()];
        name.into_iter().chain(figures).collect()
    });
    table.finish(&mut session.printer)?;
    if why.cancelled > 0 {
        session.line(&format!("{} events cancel out", why.cancelled));
    }
    Ok(())
}

/// The memo, the other account, and what the event refers to.
fn details(row: &WhyRow, filter: &mut AccountFilter) -> String {
    let entry = &row.entry;
    let mut accounts = entry.event.accounts();
    let other = accounts.find(|account| !filter.takes(account.as_str()));
    let direction = if row.change.is_negative() {
        "to"
    } else {
        "from"
    };
    let parts = [
        sentence::of_note(entry),
        other.map(|account| format!("{direction} {account}")),
        entry.link.map(sentence::of_link),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What is on hold, and what is available.
fn show_holds(explained: &Explained, zone: &Zone, session: &mut Session) {
    for hold in &explained.holds {
        let rest = hold.rest(explained.as_of).to_text(hold.scale());
        let side = |word: &str, name: &Option<AccountName<'static>>| {
            let name = name.as_ref();
            name.map_or_else(String::new, |name| format!(" {word} {name}"))
        };
        let expires = hold.expires.map_or_else(String::new, |at| {
            format!(", expires {}", zone.local_minute(at))
        });
        let line = format!(
            "on hold: {}{}{} (#{}){expires}",
            sentence::with_currency(&rest, hold.currency),
            side("from", &hold.from),
            side("to", &hold.to),
            hold.seq
        );
        session.line(&line);
    }
    if explained.available != explained.total.balance {
        let available = explained.available.to_text(explained.total.scale);
        let available = sentence::with_currency(&available, explained.total.currency);
        session.line(&format!("available: {available}"));
    }
}
