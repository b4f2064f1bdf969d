use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use clap::builder::PossibleValuesParser;
use event_ledger::accounts::State;
use event_ledger::event::{Entry, Event};
use event_ledger::formats::export::{
    ContentKind, ExportContext, ExportFormat, Exporter, FORMATS, Inclusion, Selection, is_export,
};
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::log::ScanError;
use event_ledger::replay::{Cutoff, EventFilter, Replay};

use super::reading::{self, Moments};
use crate::failure::{Correction, Failure};
use crate::flags::{FilterFlags, SinceFlags, UntilFlags};
use crate::output::json::bound_text;
use crate::output::json_reading::ExportedAnswer;
use crate::output::print::Printer;
use crate::output::progress::Progress;
use crate::output::sentence;
use crate::output::text::{harmless, harmless_lines, json_harmless};
use crate::output_file::{OutputFile, OutputTarget, beginning, ending};
use crate::session::{Done, Session};

/// Write the ledger in another program's format
///
/// csv: a row for each account that an event changes, so that the sum of amount is the balance. Its
/// columns: seq, date, effective, at, type, account, `other_account`, amount, currency, memo, tags,
/// key, reverses. A text that a spreadsheet would read as a formula has an apostrophe in front.
///
/// jsonl: every event, one per line.
///
/// hledger, ledger, beancount: journals that pass these programs' strictest checks. Deposits and
/// withdrawals have equity:external as their other side.
///
/// parquet: the rows of the CSV with types, for DuckDB and similar programs.
///
/// With --account, an event that touches one of the accounts is written whole; csv and parquet have
/// rows of these accounts only. The log is checked completely before the first byte is written.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger export --to hledger -o household.journal"))]
pub(crate) struct ExportArgs {
    /// Which format: csv, jsonl, hledger, ledger, beancount or parquet
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(format_names()),
        hide_possible_values = true
    )]
    to: String,
    /// Only events that touch this account (repeatable)
    #[arg(short, long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Write to this file instead of standard output; it is complete or unchanged
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterFlags,
    #[command(flatten)]
    since: SinceFlags,
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &ExportArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, Some(&arguments.since))?;
    reading::names(&arguments.accounts)?;
    let filter = arguments.filter.parse()?;
    let format = FORMATS
        .iter()
        .find(|format| format.name == arguments.to)
        .ok_or_else(|| unavailable(&arguments.to))?;
    let destination = destination(arguments, format, session)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let wanted = reading::select(session, &reading, &cutoff, &arguments.accounts)?;
    let context = ExportContext {
        opening: reading.opening().clone(),
        zone: reading.zone().clone(),
        selection: Selection::new(wanted.as_deref()),
    };
    let filtered = |entry: &Entry<'_>, filter: &mut EventFilter, state: &State| {
        matches!(entry.event, Event::Ledger(_)) || filter.takes(entry, state)
    };
    let mut first = filter.clone();
    let mut export = format.exporter(&context);
    // The whole log is checked before the first byte is written: nothing of a damaged one.
    let replayed = reading.scan::<LedgerError>(
        cutoff.clone(),
        Some(now),
        ReadOptions::SILENT,
        |entry, fold, counted| {
            let is_written = filtered(entry, &mut first, fold.state())
                && is_written(
                    (entry, counted),
                    &cutoff,
                    format,
                    &context.selection,
                    fold.state(),
                );
            let inclusion = match (is_written, counted) {
                (true, _) => Inclusion::Written,
                (false, true) => Inclusion::Counted,
                (false, false) => Inclusion::Uncounted,
            };
            export.observe(entry, inclusion);
            Ok(())
        },
    )?;
    let is_file = destination.is_some();
    if is_file {
        reading::introduce(session, &reading, &replayed, None);
    } else {
        reading::warn(session, &reading, &replayed);
        reading::note_resolved(session, replayed.replay.cutoff(), &reading);
    }
    let remarks = remarks(arguments, &reading, &replayed);
    let shows_progress = !session.quiet
        && session.printer.shows_progress()
        && (is_file || !session.printer.is_terminal());
    let mut progress = Progress::new("exporting", replayed.replay.events(), shows_progress);
    let mut sink = match destination {
        Some(destination) => Sink::File(Box::new(destination.create()?), format.kind),
        None => Sink::Printer(&mut session.printer, format.kind),
    };
    let writing = Writing {
        remarks: &remarks,
        sink: &mut sink,
        progress: &mut progress,
        events: 0,
        out: Vec::new(),
    };
    let needs_accounts = !context.selection.is_all() || !filter.accounts.is_all();
    let on_all_cores = format.is_by_event && !needs_accounts;
    let worker = || ExportWorker {
        export: format.exporter(&context),
        filter: filter.clone(),
        out: Vec::new(),
        events: 0,
    };
    let no_accounts = State::default();
    let written = writing.write(export.as_mut(), |writing, export| {
        let takes = |filter: &mut EventFilter, entry: &Entry<'_>, state: &State, counted| {
            let selection = &context.selection;
            filtered(entry, filter, state)
                && is_written((entry, counted), &cutoff, format, selection, state)
        };
        let convert = |worker: &mut ExportWorker, entry: &Entry<'_>| {
            let counted = cutoff.counts(entry);
            if takes(&mut worker.filter, entry, &no_accounts, counted) {
                worker.take(entry)?;
            }
            Ok(())
        };
        if on_all_cores
            && reading
                .log()
                .convert(&replayed.scanned, worker, convert, |worker| {
                    writing.put_all(worker)
                })
                .map_err(stopped)?
        {
            return Ok(());
        }
        let options = ReadOptions {
            checked: Some(replayed.scanned),
            ..ReadOptions::SILENT
        };
        let mut filter = filter.clone();
        let each = |entry: &Entry<'_>, fold: &Replay, counted: bool| {
            if takes(&mut filter, entry, fold.state(), counted) {
                writing.put(export, entry)?;
            }
            Ok(())
        };
        reading.scan(cutoff.clone(), None, options, each).map(drop)
    });
    progress.finish();
    let events = written?;
    if let Sink::File(file, _) = sink {
        report(session, &reading, &replayed, format, *file, events)?;
    }
    Ok(0)
}

/// The formats of every build, so that one that this build lacks is refused with the remedy.
fn format_names() -> impl Iterator<Item = &'static str> {
    let lacks_parquet = !cfg!(feature = "parquet");
    let names = FORMATS.iter().map(|format| format.name);
    names.chain(lacks_parquet.then_some("parquet"))
}

fn unavailable(name: &str) -> Failure {
    #[cfg(not(feature = "parquet"))]
    if name == "parquet" {
        return Failure::not_built("Parquet", "parquet");
    }
    Failure::usage(format!("there is no format `{name}`"))
}

/// The output file, if there is one; refuses to overwrite a log.
fn destination(
    arguments: &ExportArgs,
    format: &ExportFormat,
    session: &Session,
) -> anyhow::Result<Option<OutputTarget>> {
    let name = format.name;
    let into_a_file = [Correction::flag("--output", format!("export.{name}"))];
    let path = arguments.output.as_deref();
    let Some(path) = path.filter(|path| *path != Path::new("-")) else {
        if format.kind == ContentKind::Binary && session.printer.is_terminal() {
            bail!(
                Failure::usage(format!("refusing to write binary {name} to a terminal"))
                    .corrected(into_a_file)
            );
        }
        if session.json && format.kind != ContentKind::Json {
            bail!(
                Failure::usage(format!(
                    "with --json standard output has only JSON, and {name} is not JSON"
                ))
                .corrected(into_a_file)
            );
        }
        return Ok(None);
    };
    let target = OutputTarget::new(path, session.path(), "--output export.txt", is_ours)?;
    Ok(Some(target))
}

fn is_ours(file: &File) -> std::io::Result<bool> {
    const LOOKED_AT: u64 = 64 * 1024;
    Ok(is_export(
        &beginning(file, LOOKED_AT)?,
        &ending(file, LOOKED_AT)?,
    ))
}

/// Whether an event is written: it counts, is in the requested range, touches a selected account, and
/// has a place in the format.
fn is_written(
    (entry, counted): (&Entry<'_>, bool),
    cutoff: &Cutoff,
    format: &ExportFormat,
    selection: &Selection,
    state: &State,
) -> bool {
    match entry.event {
        Event::Ledger(_) => format.has(&entry.event),
        _ => {
            counted
                && format.has(&entry.event)
                && cutoff.shows(entry)
                && selection.touched_by(entry, state)
        }
    }
}

/// The remarks at the start of an export.
fn remarks(arguments: &ExportArgs, reading: &Reader, replayed: &Replayed) -> Vec<String> {
    let head = replayed
        .replay
        .last()
        .map(|(seq, hash, _)| format!("events up to {seq}:{}", hash.short(16)));
    let cutoff = sentence::of_cutoff(replayed.replay.cutoff(), reading.zone());
    let accounts = &arguments.accounts;
    let accounts = (!accounts.is_empty()).then(|| {
        let names = accounts.join(" ");
        format!("only what touches {}", harmless(&names))
    });
    [head, cutoff, accounts].into_iter().flatten().collect()
}

/// An export that is written.
struct Writing<'w, 'p> {
    remarks: &'w [String],
    sink: &'w mut Sink<'p>,
    progress: &'w mut Progress,
    /// How many events were written.
    events: u64,
    out: Vec<u8>,
}

/// One of several that convert events, each on a core.
struct ExportWorker {
    export: Box<dyn Exporter>,
    filter: EventFilter,
    out: Vec<u8>,
    events: u64,
}

impl ExportWorker {
    fn take(&mut self, entry: &Entry<'_>) -> anyhow::Result<()> {
        self.export.event(entry, &mut self.out)?;
        self.events = self.events.saturating_add(u64::from(is_event(entry)));
        Ok(())
    }
}

impl Writing<'_, '_> {
    /// Writes an export and returns its number of events. `walk` writes what is between its start and
    /// its end.
    fn write(
        mut self,
        export: &mut dyn Exporter,
        walk: impl FnOnce(&mut Self, &mut dyn Exporter) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64> {
        export.start(self.remarks, &mut self.out)?;
        walk(&mut self, export)?;
        export.finish(&mut self.out)?;
        self.sink.put(&mut self.out)?;
        Ok(self.events)
    }

    fn put(&mut self, export: &mut dyn Exporter, entry: &Entry<'_>) -> anyhow::Result<()> {
        const BLOCK: usize = 64 * 1024;
        export.event(entry, &mut self.out)?;
        self.advance(u64::from(is_event(entry)));
        if self.out.len() < BLOCK {
            return Ok(());
        }
        self.sink.put(&mut self.out)
    }

    /// Writes what was converted elsewhere.
    fn put_all(&mut self, worker: &mut ExportWorker) -> anyhow::Result<()> {
        self.advance(std::mem::take(&mut worker.events));
        self.sink.put(&mut self.out)?;
        self.sink.put(&mut worker.out)
    }

    fn advance(&mut self, events: u64) {
        self.events = self.events.saturating_add(events);
        self.progress.advance(events);
    }
}

/// False for the log's first line.
fn is_event(entry: &Entry<'_>) -> bool {
    !matches!(entry.event, Event::Ledger(_))
}

fn stopped(error: ScanError<anyhow::Error>) -> anyhow::Error {
    match error {
        ScanError::Log(error) => LedgerError::from(error).into(),
        ScanError::Stopped(error) => error,
    }
}

/// Where the bytes go.
enum Sink<'p> {
    Printer(&'p mut Printer, ContentKind),
    File(Box<OutputFile>, ContentKind),
}

impl Sink<'_> {
    /// Writes the buffer, as whole lines if it is text.
    fn put(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        match self {
            Sink::File(file, ContentKind::Json) => {
                file.put(json_harmless(&text_of(out)).as_bytes())?;
            }
            Sink::File(file, _) => file.put(out)?,
            Sink::Printer(printer, kind) => {
                let state = match kind {
                    ContentKind::Json => printer.rendered(&json_harmless(&text_of(out))),
                    ContentKind::Text if printer.is_terminal() => {
                        let text = text_of(out).replace("\r\n", "\n");
                        printer.rendered(&harmless_lines(&text))
                    }
                    ContentKind::Text | ContentKind::Binary => printer.bytes(out),
                };
                state?;
            }
        }
        out.clear();
        Ok(())
    }
}

/// What an exporter has written, which is UTF-8. The standard library's lossy reading takes much longer.
fn text_of(out: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(out).map_or_else(|_| String::from_utf8_lossy(out), Cow::Borrowed)
}

/// Renames the file into place and reports it.
fn report(
    session: &mut Session,
    reading: &Reader,
    replayed: &Replayed,
    format: &ExportFormat,
    file: OutputFile,
    events: u64,
) -> anyhow::Result<()> {
    let name = file.shown();
    let bytes = file.commit()?;
    if session.json {
        let cutoff = replayed.replay.cutoff();
        let (seq, hash) = replayed.replay.last().map_or_else(
            || (0, String::new()),
            |(seq, hash, _)| (seq, hash.to_string()),
        );
        let answer = ExportedAnswer {
            ledger: reading.opening().id.to_string(),
            seq,
            hash,
            since: bound_text(cutoff.since),
            until: bound_text(cutoff.until),
            known_at: bound_text(cutoff.known_at),
            format: format.name.to_owned(),
            file: name,
            events,
            bytes,
            torn_bytes: replayed.torn_bytes(),
        };
        session.answer(&answer);
    } else if !session.quiet {
        let events = sentence::counted(events, "event");
        session.line(&format!("wrote {events} to {name}"));
    }
    Ok(())
}
