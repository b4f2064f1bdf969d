//! What the writing commands share: their flags become a request, and the outcome a receipt.

use anyhow::Context as _;
use anyhow::bail;
use event_ledger::accounts::{Operation, Request, TypedFloor, permit_request};
use event_ledger::event::{AccountName, Event, Hash, Head, Key, Tags};
use event_ledger::ledger::{Mode, Notice, Receipt};
use event_ledger::money::{AmountError, Currency, Figure, TypedAmount};
use event_ledger::time::{ClockChange, When, Zone};

use crate::failure::{Advice, Corrected, Correction, Failure};
use crate::flags::{WriteFlags, optional};
use crate::output::json::{self, ReceiptAnswer};
use crate::output::print::Printed;
use crate::output::sentence;
use crate::session::{Done, Session};

/// Records one request and prints its receipt.
pub(crate) fn write(session: &mut Session, operation: Operation, flags: WriteFlags) -> Done {
    let dry_run = flags.dry_run;
    let request = request(session, operation, flags)?;
    let effective = request.effective.clone();
    let outcome = session.record(&[request], Mode::Together, dry_run)?;
    if let Some(effective) = &effective {
        note_clock_change(session, effective, &outcome.zone);
    }
    let run = tell(session, dry_run, &outcome.notices, &outcome.zone);
    let receipts: Vec<Receipt> = outcome.results.receipts().collect();
    for receipt in &receipts {
        warn_of(session, receipt, &outcome.zone);
    }
    for receipt in &receipts {
        let _ = show_receipt(session, receipt, run);
    }
    show_head(session, outcome.head, dry_run);
    Ok(0)
}

/// Warns of what is probably a mistake: a far effective date, and a currency that ISO 4217 does not have.
fn warn_of(session: &mut Session, receipt: &Receipt, zone: &Zone) {
    /// Ten years of 366 days, in microseconds.
    const TEN_YEARS: u64 = 10 * 366 * 86_400 * 1_000_000;
    let entry = &receipt.entry;
    if receipt.replayed {
        return;
    }
    if let Some(effective) = entry.effective {
        let apart = effective.unix_micros().abs_diff(entry.at.unix_micros());
        if apart > TEN_YEARS {
            let direction = if effective < entry.at {
                "ago"
            } else {
                "from now"
            };
            let text = format!(
                "it takes effect on {}, more than ten years {direction}",
                zone.local_date(effective)
            );
            session.printer.warning("far_effective", &text);
        }
    }
    let new = receipt.accounts_after.iter().filter(|after| after.is_new);
    let mut currencies: Vec<Currency> = new.filter_map(|after| after.account.currency).collect();
    currencies.dedup();
    if let Event::Ledger(opening) = &entry.event {
        currencies.extend(opening.currency);
    }
    currencies.retain(|code| code.minor_digits().is_none());
    for code in currencies {
        let known = code.to_string().get(..3).and_then(Currency::new);
        let known = known.filter(|code| code.minor_digits().is_some());
        let meant = known.map_or_else(String::new, |known| format!("; did you mean {known}?"));
        let text = format!("ISO 4217 has no currency {code}{meant}");
        session.printer.warning("unknown_currency", &text);
    }
    // The receipt for people says it.
    for after in receipt.accounts_after.iter().filter(|_| session.json) {
        if let Some(other) = &after.similar {
            let text = format!("{} is a new account; did you mean {other}?", after.name);
            session.printer.note("new_account", &text);
        }
    }
}

/// A request from an operation and its flags. Every mistake in them is found here, before a file is
/// opened.
pub(crate) fn request(
    session: &mut Session,
    operation: Operation,
    flags: WriteFlags,
) -> anyhow::Result<Request> {
    permit_request(&operation)?;
    let effective = optional(flags.effective.as_deref(), moment)?;
    let pairs = flags
        .tags
        .iter()
        .map(|tag| match tag.split_once('=') {
            Some((key, value)) => Ok((key.to_owned().into(), value.to_owned().into())),
            None => Err(Failure::usage(format!("the tag `{tag}` has no value"))
                .with_advice("a tag is like order=1234")),
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    if flags.key.is_some()
        && let Some(when) = effective.as_ref().filter(|when| when.is_relative())
    {
        bail!(relative_with_key(session, when)?);
    }
    let key = match flags.key.as_deref() {
        None => None,
        Some("auto") => Some(super::key::automatic(&session.raw)?),
        Some(text) => Some(Key::new(text.to_owned())?),
    };
    let if_head = optional(flags.if_head.as_deref(), str::parse::<Head>)?;
    Ok(Request {
        operation,
        effective,
        memo: flags.memo,
        tags: Tags::from_pairs(pairs)?,
        key,
        if_head,
    })
}

/// A relative time means another time when the command is repeated, so that its key would conflict.
fn relative_with_key(session: &mut Session, when: &When) -> anyhow::Result<Failure> {
    let now = session.now()?;
    let zone = session
        .existing()?
        .map_or_else(Zone::utc, |reader| reader.zone().clone());
    let text = when.text();
    let failure = Failure::usage(format!(
        "with --key, `--effective {text}` would mean another time when the command is repeated"
    ));
    let start = when.resolve(now, &zone)?.start();
    Ok(match start {
        Some(start) => failure
            .with_advice(format!("write --effective {start}"))
            .corrected([Correction::word(text, start.to_string())]),
        None => failure,
    })
}

/// A moment for `--effective` or one that an operation names: a time, not a position.
pub(crate) fn moment(text: &str) -> anyhow::Result<When> {
    let when = When::parse(text)?;
    if when.is_position() {
        return Err(event_ledger::ledger::LedgerError::PositionNotTime {
            text: text.to_owned(),
        }
        .into());
    }
    Ok(when)
}

/// Refuses `--effective` on what acts when it is recorded.
pub(crate) fn refuse_effective(flags: &WriteFlags, command: &str) -> anyhow::Result<()> {
    if flags.effective.is_some() {
        bail!(
            Failure::usage(format!(
                "{command} acts when it is recorded and takes no --effective"
            ))
            .corrected([Correction::Drop("--effective")])
        );
    }
    Ok(())
}

pub(crate) fn optional_amount(
    text: Option<&str>,
    verb: &str,
) -> anyhow::Result<Option<TypedAmount>> {
    text.map(|text| amount(text, None, verb)).transpose()
}

/// An amount, with its currency in the same word or in the next.
pub(crate) fn amount(
    text: &str,
    currency: Option<&str>,
    verb: &str,
) -> anyhow::Result<TypedAmount> {
    let mut typed = TypedAmount::parse(text).map_err(|error| refused_amount(error, verb))?;
    if let Some(code) = currency {
        let named = Currency::new(code).ok_or_else(|| no_currency_but(code, verb))?;
        if let Some(glued) = typed.currency
            && glued != named
        {
            bail!(Failure::usage(format!(
                "two currencies are named, {glued} and {named}"
            )));
        }
        // Read again with its currency, so that its digits are checked.
        if typed.currency.is_none() {
            let whole = format!("{text} {named}");
            typed = TypedAmount::parse(&whole).map_err(|error| refused_amount(error, verb))?;
        }
    }
    Ok(typed)
}

/// An amount below zero means the opposite command.
fn refused_amount(error: AmountError, verb: &str) -> anyhow::Error {
    let opposite = match (&error, verb) {
        (AmountError::Negative { opposite, .. }, "deposit") => {
            Some(format!("did you mean withdraw {opposite}?"))
        }
        (AmountError::Negative { opposite, .. }, "withdraw") => {
            Some(format!("did you mean deposit {opposite}?"))
        }
        (AmountError::Negative { opposite, .. }, _) => Some(format!(
            "did you mean {opposite}, with --from and --to the other way round?"
        )),
        _ => None,
    };
    let corrected = match (&error, verb) {
        (AmountError::Negative { text, opposite }, "deposit" | "withdraw") => {
            let other = if verb == "deposit" {
                "withdraw"
            } else {
                "deposit"
            };
            vec![
                Correction::word(verb, other),
                Correction::word(text, opposite),
            ]
        }
        _ => Vec::new(),
    };
    let error = anyhow::Error::from(error).context(Corrected(corrected));
    match opposite {
        Some(opposite) => error.context(Advice(opposite)),
        None => error,
    }
}

pub(crate) fn currency(code: &str) -> anyhow::Result<Currency> {
    Ok(Currency::new(code).ok_or_else(|| no_currency(code))?)
}

fn no_currency(code: &str) -> Failure {
    let meant = meant(code);
    Failure::new(
        "invalid_currency",
        format!(
            "`{}` is not a currency: 3 to 8 of A-Z and 0-9, starting with a letter",
            code.chars().take(40).collect::<String>()
        ),
    )
    .with_advice_if_any(Currency::new(&meant).map(|code| format!("write {code}")))
    .corrected(is_iso(&meant).then(|| Correction::word(code, meant)))
}

/// A code in lower case, or the currency's name or sign, as its code.
fn meant(code: &str) -> String {
    let upper = code.to_uppercase();
    let known = match &*upper {
        "EURO" | "EUROS" | "€" => "EUR",
        "DOLLAR" | "DOLLARS" | "$" => "USD",
        "POUND" | "POUNDS" | "£" => "GBP",
        _ => return upper,
    };
    known.to_owned()
}

fn is_iso(code: &str) -> bool {
    Currency::new(code).is_some_and(|currency| currency.minor_digits().is_some())
}

/// A word after an amount that is no currency: in lower case it is probably an account or a memo.
fn no_currency_but(word: &str, verb: &str) -> Failure {
    let failure = no_currency(word);
    let is_word = word != word.to_uppercase() && !is_iso(&meant(word));
    let flag = match verb {
        "deposit" | "withdraw" => Some("--account"),
        "hold" => Some("--from"),
        _ => None,
    };
    let is_account = AccountName::typed(word).is_ok();
    let account = flag.filter(|_| is_word && is_account);
    let way =
        |flag: &str| Correction::Replace(word.to_owned(), vec![flag.to_owned(), word.to_owned()]);
    let mut ways = [account.map(way), is_word.then(|| way("--memo"))];
    if verb == "withdraw" {
        // What is spent is more likely said than where it comes from.
        ways.reverse();
    }
    let failure = ways.into_iter().fold(failure, Failure::corrected);
    failure.corrected([Correction::Join(word.to_owned())])
}

/// An account name as it was typed.
pub(crate) fn account(text: &str) -> anyhow::Result<AccountName<'static>> {
    Ok(AccountName::typed(text)?)
}

/// An account name; `main` if none was given.
pub(crate) fn account_or_main(text: Option<&str>) -> anyhow::Result<AccountName<'static>> {
    text.map_or_else(|| Ok(AccountName::main()), account)
}

/// A floor: a figure that may be negative, or `none`.
pub(crate) fn floor(text: &str) -> anyhow::Result<TypedFloor> {
    if text == "none" {
        return Ok(TypedFloor::None);
    }
    Figure::parse(text).map(TypedFloor::At).context("--floor")
}

/// Says what happened besides, and returns what receipts say of the run.
pub(crate) fn tell<'z>(
    session: &mut Session,
    dry_run: bool,
    notices: &[Notice],
    zone: &'z Zone,
) -> RunOf<'z> {
    for notice in notices {
        match notice {
            Notice::Started { path } => session.printer.note(
                "started",
                &format!("started a new ledger at {}", path.display()),
            ),
            Notice::Settled(settled) => {
                let events = settled.entries.iter();
                let events: Vec<String> = events
                    .map(|entry| sentence::of_entry(entry, zone))
                    .collect();
                let became = if settled.is_recorded {
                    "was recorded"
                } else {
                    "was not recorded and never will be"
                };
                let text = format!(
                    "what an earlier command did not learn: {} {became}",
                    events.join(", ")
                );
                session.printer.note("settled", &text);
            }
            Notice::NewerVersion { seq } if !session.quiet => session.printer.note(
                "newer_version",
                &format!("from event {seq} on, this log needs ledger 0.2 or newer"),
            ),
            Notice::NewerVersion { .. } => {}
            Notice::WouldStart { path } if !session.quiet => session.printer.note(
                "would_start",
                &format!("would start a new ledger at {}", path.display()),
            ),
            Notice::WouldStart { .. } => {}
            Notice::SetAside { bytes, to } => session.printer.warning(
                "torn_tail",
                &format!(
                    "{bytes} bytes of an append that never finished were set aside in {}",
                    to.display()
                ),
            ),
            Notice::Torn { bytes } => torn(session, *bytes),
            Notice::Copies { events } => session.printer.warning("copies", &copies_left(events)),
            Notice::ErasurePending { events, reason } => session
                .printer
                .warning("erasure_pending", &erasure_pending(events, reason)),
            Notice::ClockBehind { now, last } => session.printer.warning(
                "clock_behind",
                &format!(
                    "the clock ({}) is behind the last event; {} was used instead",
                    zone.local(*now),
                    zone.local(*last)
                ),
            ),
        }
    }
    let started = |notice: &Notice| matches!(notice, Notice::Started { .. });
    RunOf {
        dry_run,
        started: notices.iter().any(started),
        zone,
    }
}

/// Which linked events carry copies of an erased note.
fn copies_left(events: &[u64]) -> String {
    let named = sentence::of_numbers(events);
    match events {
        [_] => format!("{named} is linked and still carries a copy: redact it too"),
        _ => format!("{named} are linked and still carry copies: redact them too"),
    }
}

/// Why notes that count as erased are still in the file.
pub(crate) fn erasure_pending(events: &[u64], reason: &str) -> String {
    let (notes, count) = match events {
        [_] => ("the note", "counts"),
        _ => ("the notes", "count"),
    };
    let events = sentence::of_numbers(events);
    format!("{notes} of {events} {count} as erased, but the bytes are still in the file: {reason}")
}

/// Says how a local time is read that the clocks skip, or that occurs twice.
pub(crate) fn note_clock_change(session: &mut Session, when: &When, zone: &Zone) {
    let (verb, used) = match when.clock_change(zone) {
        None => return,
        Some(ClockChange::Skipped) => ("does not exist in", "the time after the change is used"),
        Some(ClockChange::Twice) => ("occurs twice in", "the first one is used"),
    };
    if !session.quiet {
        let text = format!("{} {verb} {}; {used}", when.text(), zone.name());
        session.printer.note("clock_change", &text);
    }
}

/// Warns of a torn tail that a read passed over.
pub(crate) fn torn(session: &mut Session, bytes: u64) {
    if bytes > 0 {
        session.printer.warning(
            "torn_tail",
            &format!(
                "the log ends in {bytes} bytes of an append that never finished; they do not count"
            ),
        );
    }
}

/// Prints the receipt of a request, after those of the events that it recorded before.
pub(crate) fn show_receipt(session: &mut Session, receipt: &Receipt, run: RunOf<'_>) -> Printed {
    let mut printed = Ok(());
    for one in receipt.all() {
        printed = show_one(session, one, run);
    }
    printed
}

/// The run that a receipt is of.
#[derive(Clone, Copy)]
pub(crate) struct RunOf<'z> {
    pub(crate) dry_run: bool,
    /// True if it started the log.
    pub(crate) started: bool,
    pub(crate) zone: &'z Zone,
}

fn show_one(session: &mut Session, receipt: &Receipt, run: RunOf<'_>) -> Printed {
    let RunOf {
        dry_run,
        started,
        zone,
    } = run;
    if session.json {
        let answer = ReceiptAnswer::of(receipt, dry_run, started);
        let answer = answer.in_file(session.path_in_a_parent());
        session.printer.json(&json::text(&answer))
    } else if session.quiet {
        Ok(())
    } else {
        session
            .printer
            .line(&sentence::of_receipt(receipt, dry_run, zone))
    }
}

pub(crate) fn show_head(session: &mut Session, head: Option<(u64, Hash)>, dry_run: bool) {
    if let Some((seq, hash)) = head
        && !session.json
        && !session.quiet
        && !dry_run
    {
        let file = session
            .path_in_a_parent()
            .map(|path| format!(" in {}", path.display()));
        let file = file.unwrap_or_default();
        session.line(&format!("head {seq}:{}{file}", hash.short(16)));
    }
}
