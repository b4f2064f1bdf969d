use anyhow::bail;
use clap::Args;
use event_ledger::accounts::{Account, HoldState, LinksTo, Pending, State};
use event_ledger::event::{Entry, Event, EventRef, Link, Note};
use event_ledger::formats::event_json::EventJson;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::money::Balance;
use event_ledger::replay::{Bound, Cutoff};
use event_ledger::time::{Timestamp, When, Zone};

use super::balance;
use super::reading::{self, Moments};
use crate::failure::{Failure, quoted};
use crate::flags::UntilFlags;
use crate::output::json::{ChangeAnswer, bound_text};
use crate::output::json_reading::{AroundAnswer, LinksAnswer, ShowAnswer};
use crate::output::sentence;
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show one event, whole, and the accounts it touched before and after
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger show 17"))]
pub(crate) struct ShowArgs {
    /// The number of the event, key:KEY, or a position: head, head~3, hash:3fa9c1d2
    seq: String,
    #[command(flatten)]
    until: UntilFlags,
}

/// An account that the event touched.
struct AccountSide {
    name: String,
    before: Option<Figures>,
    after: Figures,
}

/// An account with what is on hold on it.
#[derive(Clone, Copy)]
struct Figures {
    account: Account,
    pending: Pending,
}

impl Figures {
    /// As it is right before or after an event that was recorded at `at`.
    fn of(state: &State, name: &str, at: Timestamp) -> Option<Figures> {
        Some(Figures {
            account: *state.account(name)?,
            pending: state.commitments().pending_of(name, at),
        })
    }

    fn available(&self) -> Balance {
        self.pending.available(self.account.balance)
    }
}

impl AccountSide {
    /// True if this is on hold on it before the event or after it.
    fn has(&self, pending: fn(&Pending) -> Balance) -> bool {
        let mut figures = self.before.iter().chain([&self.after]);
        figures.any(|figures| pending(&figures.pending) != Balance::ZERO)
    }
}

/// The event and what was found around it.
struct Found {
    entry: Entry<'static>,
    sides: Vec<AccountSide>,
    links: LinksTo,
}

pub(crate) fn run(arguments: &ShowArgs, session: &mut Session) -> Done {
    let asked = ShowTarget::parse(&arguments.seq)?;
    let moments = Moments::parse(&arguments.until, None)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let seq = match asked {
        ShowTarget::Seq(seq) => seq,
        ShowTarget::Key(event) => reading::event_number(&event, &reading, None)?,
        ShowTarget::Position(when) => match reading.until(&when, session.now()?)? {
            Bound::Seq(seq) => seq,
            Bound::Time(_) => bail!(not_a_number(&arguments.seq)),
        },
    };
    let (found, replayed) = find(&reading, &cutoff, seq)?;
    let found = found.ok_or_else(|| missing(seq, &reading, &replayed))?;
    reading::warn(session, &reading, &replayed);
    if session.json {
        let answer = answer(&found, &replayed);
        session.answer(&answer);
        return Ok(0);
    }
    if let Some(resolved) = sentence::of_cutoff(&cutoff, reading.zone())
        && !session.quiet
    {
        session.line(&resolved);
    }
    let hold = replayed.state().commitments().hold(seq);
    let mut as_of = replayed.replay.as_of();
    if cutoff.counts_everything() {
        as_of = as_of.max(session.now()?);
    }
    let hold = hold.map(|hold| rest(hold, as_of));
    for (word, text) in lines(&found, hold, reading.zone()) {
        session.line(&format!("{word:<9}  {text}"));
    }
    if !found.sides.is_empty() {
        session.line("");
        if !session.quiet && found.entry.effective.is_some() {
            // `history` has the order in which events took effect, and so other balances.
            session.line("balances in the order of recording:");
        }
        let table = table(session, &found);
        session.rendered(&table);
    }
    Ok(0)
}

enum ShowTarget {
    Seq(u64),
    Key(EventRef),
    Position(When),
}

impl ShowTarget {
    fn parse(text: &str) -> anyhow::Result<ShowTarget> {
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.strip_prefix('#').filter(|text| are_digits(text));
        let text = number.unwrap_or(text);
        let is_number = !text.is_empty() && are_digits(text);
        if is_number {
            return Ok(ShowTarget::Seq(
                text.parse().map_err(|_| not_a_number(text))?,
            ));
        }
        if text.starts_with("key:") {
            return Ok(ShowTarget::Key(text.parse()?));
        }
        match When::parse(text) {
            Ok(when) if when.is_position() => Ok(ShowTarget::Position(when)),
            _ => Err(not_a_number(text).into()),
        }
    }
}

fn not_a_number(text: &str) -> Failure {
    Failure::usage(format!("{} is not the number of an event", quoted(text)))
        .with_hint("ledger replay")
}

/// The event and the accounts around it.
fn find(
    reading: &Reader,
    cutoff: &Cutoff,
    seq: u64,
) -> Result<(Option<Found>, Replayed), LedgerError> {
    // Only its accounts are used here, to know which balances to note before the event.
    let ahead = reading.entry(seq)?;
    let mut names: Vec<String> = Vec::new();
    // A release is about the accounts of its hold.
    let hold = match ahead.as_ref().map(|entry| &entry.event) {
        Some(Event::Release { hold, .. }) => reading.entry(*hold)?,
        _ => None,
    };
    let named = ahead.iter().chain(&hold);
    for name in named.flat_map(|entry| entry.event.accounts()) {
        if !names.iter().any(|known| known == name.as_str()) {
            names.push(name.to_string());
        }
    }
    let at = ahead.as_ref().map_or(Timestamp::MIN, |entry| entry.at);
    if let Some(context) = reading.context(seq, cutoff.clone()) {
        let side = |name: &String| {
            Some(AccountSide {
                name: name.clone(),
                before: Figures::of(&context.before, name, at),
                after: Figures::of(&context.after, name, at)?,
            })
        };
        let found = Found {
            sides: names.iter().filter_map(side).collect(),
            entry: context.entry,
            links: LinksTo {
                reversed_by: context.reversed_by,
                ..context.all.state().links_to(seq)
            },
        };
        return Ok((Some(found), context.all));
    }
    let mut before: Vec<Option<Figures>> = vec![None; names.len()];
    let mut found = None;
    let replayed = reading.scan::<LedgerError>(
        cutoff.clone(),
        None,
        ReadOptions::SILENT,
        |entry, fold, counted| {
            let now = |name: &String| Figures::of(fold.state(), name, at);
            if entry.seq.checked_add(1) == Some(seq) {
                before = names.iter().map(now).collect();
            }
            if entry.seq == seq && counted && (seq == 0 || cutoff.counts(entry)) {
                let sides = names.iter().zip(&before).filter_map(|(name, before)| {
                    Some(AccountSide {
                        name: name.clone(),
                        before: *before,
                        after: now(name)?,
                    })
                });
                found = Some((entry.clone().into_owned(), sides.collect()));
            }
            Ok(())
        },
    )?;
    let found = found.map(|(entry, sides)| Found {
        entry,
        sides,
        links: replayed.state().links_to(seq),
    });
    Ok((found, replayed))
}

fn missing(seq: u64, reading: &Reader, replayed: &Replayed) -> Failure {
    let head = replayed.scanned.last.map_or(0, |last| last.seq);
    if seq > head {
        return reading::no_event(seq, head);
    }
    let cut = sentence::of_cutoff(replayed.replay.cutoff(), reading.zone()).unwrap_or_default();
    Failure::usage(format!(
        "event {seq} does not count at the selected moment: {cut}"
    ))
    .with_hint(format!("ledger show {seq}"))
}

fn answer<'f>(found: &'f Found, replayed: &Replayed) -> ShowAnswer<'f> {
    let cutoff = replayed.replay.cutoff();
    let side = |name: &str| found.sides.iter().find(|side| side.name == name);
    ShowAnswer {
        event: EventJson::of(&found.entry),
        changes: ChangeAnswer::all(&found.entry, |name| {
            side(name).map(|side| &side.after.account)
        }),
        before: found
            .sides
            .iter()
            .filter_map(|side| {
                let Figures { account, pending } = side.before.as_ref()?;
                Some(AroundAnswer::of(&side.name, account, *pending))
            })
            .collect(),
        balances: found
            .sides
            .iter()
            .map(|side| AroundAnswer::of(&side.name, &side.after.account, side.after.pending))
            .collect(),
        reversed_by: found.links.reversed_by,
        links: LinksAnswer::of(found.entry.link, &found.links),
        until: bound_text(cutoff.until),
        known_at: bound_text(cutoff.known_at),
        torn_bytes: replayed.torn_bytes(),
    }
}

/// The event as in the log, with its hash at the end.
fn lines(found: &Found, rest: Option<String>, zone: &Zone) -> Vec<(&'static str, String)> {
    let entry = &found.entry;
    let mut lines = vec![
        ("event", entry.seq.to_string()),
        ("recorded", zone.local(entry.at)),
    ];
    if let Some(effective) = entry.effective {
        lines.push(("effective", zone.local(effective)));
    }
    lines.push(("type", entry.event.kind().as_str().to_owned()));
    lines.extend(of_its_type(&entry.event, zone));
    if let Some(link) = entry.link {
        let word = match link {
            Link::Reverses(_) => "reverses",
            Link::Captures { .. } => "captures",
            Link::Corrects(_) => "corrects",
            Link::Refunds(_) => "refunds",
        };
        lines.push((word, format!("event {}", link.target())));
    }
    lines.extend(rest.map(|rest| ("rest", rest)));
    let links = &found.links;
    let single = |by: Option<u64>| by.into_iter().collect::<Vec<u64>>();
    for (word, by) in [
        ("reversed", &single(links.reversed_by)),
        ("captured", &links.captured_by),
        ("released", &links.released_by),
        ("corrected", &single(links.corrected_by)),
        ("refunded", &links.refunded_by),
    ] {
        if !by.is_empty() {
            lines.push((word, format!("by {}", sentence::of_numbers(by))));
        }
    }
    lines.extend(of_its_note(entry));
    lines.push(("hash", entry.hash.to_string()));
    lines
}

/// Memo, tags and key, and whether its batch continues.
pub(crate) fn of_its_note(entry: &Entry<'_>) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    lines.extend(entry.memo().map(|memo| ("memo", memo.to_owned())));
    let tags = entry.tags().iter();
    lines.extend(tags.map(|(key, value)| ("tag", format!("{key}={value}"))));
    if matches!(entry.note, Some(Note::Redacted(_))) {
        lines.push(("note", "redacted".to_owned()));
    }
    lines.extend(entry.key.as_ref().map(|key| ("key", key.to_string())));
    if entry.more {
        lines.push(("more", "the batch continues with the next event".to_owned()));
    }
    lines
}

/// `20.00 EUR, open`
fn rest(hold: &HoldState, as_of: Timestamp) -> String {
    let rest = hold.rest(as_of).to_text(hold.scale());
    let rest = sentence::with_currency(&rest, hold.currency);
    format!("{rest}, {}", hold.status(as_of).as_str())
}

/// What only events of this type have.
pub(crate) fn of_its_type(event: &Event<'_>, zone: &Zone) -> Vec<(&'static str, String)> {
    match event {
        Event::Ledger(opening) => {
            let mut lines = vec![("id", opening.id.to_string())];
            lines.extend(opening.currency.map(|code| ("currency", code.to_string())));
            lines.push(("zone", opening.zone.to_string()));
            if opening.strict {
                lines.push(("strict", "accounts are opened first".to_owned()));
            }
            lines
        }
        Event::Open {
            account,
            currency,
            floor,
        } => {
            let mut lines = vec![("account", account.to_string())];
            lines.extend(currency.map(|code| ("currency", code.to_string())));
            lines.extend(floor.map(|floor| ("floor", floor.to_string())));
            lines
        }
        Event::Limit { account, floor } => vec![
            ("account", account.to_string()),
            ("floor", floor.to_string()),
        ],
        Event::Deposit(movement) | Event::Withdraw(movement) => vec![
            ("account", movement.account.to_string()),
            (
                "amount",
                sentence::money(movement.amount, movement.currency),
            ),
        ],
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => vec![
            ("from", from.to_string()),
            ("to", to.to_string()),
            ("amount", sentence::money(*amount, *currency)),
        ],
        Event::Close { account } => vec![("account", account.to_string())],
        Event::Hold(hold) => {
            let mut lines = Vec::new();
            lines.extend(hold.from.as_ref().map(|from| ("from", from.to_string())));
            lines.extend(hold.to.as_ref().map(|to| ("to", to.to_string())));
            lines.push(("amount", sentence::money(hold.amount, hold.currency)));
            lines.extend(hold.expires.map(|expires| ("expires", zone.local(expires))));
            lines
        }
        Event::Release {
            hold,
            amount,
            currency,
        } => vec![
            ("hold", format!("event {hold}")),
            ("amount", sentence::money(*amount, *currency)),
        ],
        Event::Exchange(exchange) => vec![
            ("from", exchange.from.to_string()),
            ("to", exchange.to.to_string()),
            (
                "amount",
                sentence::money(exchange.amount, Some(exchange.currency)),
            ),
            (
                "arrives",
                sentence::money(exchange.to_amount, Some(exchange.to_currency)),
            ),
        ],
        Event::Seal { through, is_final } => {
            let mut lines = vec![("through", zone.local(*through))];
            if *is_final {
                lines.push(("final", "it cannot be taken back".to_owned()));
            }
            lines
        }
        Event::Unseal { through } => vec![(
            "through",
            through.map_or_else(|| "nothing is sealed".to_owned(), |one| zone.local(one)),
        )],
        Event::Redact { event } => vec![("redacts", format!("event {event}"))],
    }
}

/// What is content about an event's accounts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TableContent {
    /// Balances before and after, and the change.
    Change,
    /// What is available or incoming, before and after.
    Pending,
    /// Balances, floors, open or closed.
    Setting,
}

fn table(session: &Session, found: &Found) -> String {
    let event = &found.entry.event;
    let content = match event {
        Event::Hold(_) | Event::Release { .. } => TableContent::Pending,
        _ if event.kind().moves_money() => TableContent::Change,
        _ => TableContent::Setting,
    };
    let any = |pending: fn(&Pending) -> Balance| found.sides.iter().any(|side| side.has(pending));
    let available = content != TableContent::Setting && any(|pending| pending.outgoing);
    let incoming = content == TableContent::Pending && any(|pending| pending.incoming);
    let mut columns = vec![Column::name("Account")];
    match content {
        TableContent::Change => columns.extend([
            Column::figure("Before").optional(1),
            Column::figure("Change"),
            Column::figure("After"),
        ]),
        TableContent::Pending => columns.push(Column::figure("Balance").optional(1)),
        TableContent::Setting => columns.extend([
            Column::figure("Before").optional(1),
            Column::figure("After"),
            Column::unit(),
            Column::figure("Floor before").optional(2),
            Column::figure("after"),
            Column::name("State"),
        ]),
    }
    if available {
        columns.push(Column::figure("Available before").optional(2));
        columns.push(Column::figure("Available"));
    }
    if incoming {
        columns.push(Column::figure("Incoming before").optional(2));
        columns.push(Column::figure("Incoming"));
    }
    if content != TableContent::Setting {
        columns.push(Column::unit());
    }
    let mut table = Table::new(columns, session.printer.table_style());
    for side in &found.sides {
        table.push(row(&found.entry, side, content, (available, incoming)));
    }
    table.to_text()
}

fn row(
    entry: &Entry<'_>,
    side: &AccountSide,
    content: TableContent,
    (available, incoming): (bool, bool),
) -> Vec<Cell<'static>> {
    let after = &side.after.account;
    let figure = |balance: Balance| Cell::new(balance.to_text(after.scale));
    let before_and_after = |of: &dyn Fn(&Figures) -> Cell<'static>| {
        let before = side.before.as_ref();
        [before.map_or_else(|| Cell::new("–"), of), of(&side.after)]
    };
    let balances = || before_and_after(&|one| figure(one.account.balance));
    let mut row = vec![Cell::new(&side.name)];
    match content {
        TableContent::Change => {
            let mut postings = entry.event.postings();
            let own = postings.find(|posting| posting.account.as_str() == side.name);
            let change = own.map(|posting| posting.change.to_text(after.scale));
            let [before, now] = balances();
            row.extend([before, Cell::new(change.unwrap_or_default()), now]);
        }
        TableContent::Pending => row.push(figure(after.balance)),
        TableContent::Setting => {
            row.extend(balances());
            row.push(balance::unit(after.currency));
            let floor = |one: &Figures| Cell::new(one.account.floor.to_text(after.scale));
            row.extend(before_and_after(&floor));
            row.push(Cell::new(if after.open { "open" } else { "closed" }));
        }
    }
    if available {
        row.extend(before_and_after(&|one| figure(one.available())));
    }
    if incoming {
        row.extend(before_and_after(&|one| figure(one.pending.incoming)));
    }
    if content != TableContent::Setting {
        row.push(balance::unit(after.currency));
    }
    row
}
