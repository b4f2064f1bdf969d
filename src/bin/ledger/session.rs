//! What every command works with: the printer, the log's path, the clock, the patience.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use event_ledger::audit::{self, Diagnosis, Repaired};
use event_ledger::checkpoint::{Home, Recount};
use event_ledger::event::Head;
use event_ledger::ledger::{Conditions, LedgerError, Mode, Outcome, Reading, Wish, record};
use event_ledger::log::{LogError, Onlooker, Snapshot};
use event_ledger::time::Instant;

use crate::arguments::Globals;
use crate::clock::{self, Patience};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::print::{Printer, Streams};
use crate::output::progress::Progress;
use crate::output::target::{LeadsInto, leads_into};

/// One run of the program.
pub(crate) struct Session {
    /// The one place that prints.
    pub(crate) printer: Printer,
    /// Whether answers are JSON.
    pub(crate) json: bool,
    /// Whether nothing but the answer is printed.
    pub(crate) quiet: bool,
    /// The arguments as they were typed.
    pub(crate) raw: Vec<OsString>,
    path: PathBuf,
    wait: Duration,
    checkpoints: Option<Home>,
    environment: Environment,
    now: Option<Instant>,
    recorded: bool,
}

/// What became of a command: an exit code other than 0 may come without an error.
pub(crate) type Done = Result<u8, Failure>;

impl Session {
    pub(crate) fn new(globals: Globals, raw: Vec<OsString>, environment: Environment) -> Session {
        let streams = Streams::of_process(globals.color, &environment.colour);
        let caches = environment.caches.as_ref().filter(|_| !globals.no_cache);
        let checkpoints = caches.map(|caches| Home::new(caches.join("ledger")));
        Session {
            printer: Printer::new(streams),
            json: globals.json,
            quiet: globals.quiet,
            raw,
            path: globals.file,
            wait: globals.wait,
            checkpoints,
            environment,
            now: None,
            recorded: false,
        }
    }

    /// Refuses streams that lead into the log itself: one message there, and it is damaged.
    pub(crate) fn keep_streams_apart(&mut self) -> Result<(), Failure> {
        let streams = leads_into(&self.path);
        if streams == LeadsInto::default() {
            return Ok(());
        }
        self.printer.avoid(streams);
        Err(Failure::usage(format!(
            "the output would go into the log itself, {}",
            self.path.display()
        ))
        .with_hint(Some("send it somewhere else: > report.txt".to_owned())))
    }

    /// Whether charts are drawn with ASCII alone.
    pub(crate) fn is_plain(&self) -> bool {
        self.environment.is_plain()
    }

    /// The log's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How long somebody else is waited for.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// What time it is: asked once, so that one run has one now.
    pub(crate) fn now(&mut self) -> Result<Instant, Failure> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        let now = clock::now(self.environment.now.as_deref())?;
        self.now = Some(now);
        Ok(now)
    }

    /// Opens the log for reading.
    pub(crate) fn reading(&mut self) -> Result<Reading, Failure> {
        let mut patience = Patience::new(&mut self.printer, self.wait);
        let reading = Reading::open(&self.path, &mut patience)?;
        let onlooker = self.onlooker();
        Ok(reading
            .looked_at(onlooker)
            .with_checkpoints(self.checkpoints.clone()))
    }

    /// Who shows how far a long read has come, where that can be shown.
    fn onlooker(&self) -> Option<Onlooker> {
        let shown = self.printer.shows_progress() && !self.quiet;
        shown.then(|| {
            Onlooker::new(|total| {
                let mut progress = Progress::new("reading", total, true);
                Box::new(move |bytes| progress.advance(bytes))
            })
        })
    }

    /// The checkpoint of this log, to be held against it; none where checkpoints are not used.
    pub(crate) fn recount(&self, log: &Snapshot) -> Option<Recount> {
        Recount::of(self.checkpoints.as_ref()?, log)
    }

    /// Opens the log for reading, where there is one.
    pub(crate) fn existing(&mut self) -> Result<Option<Reading>, Failure> {
        let mut patience = Patience::new(&mut self.printer, self.wait);
        match Reading::open(&self.path, &mut patience) {
            Err(LedgerError::NoLedger { .. }) => Ok(None),
            other => Ok(Some(other?)),
        }
    }

    /// Opens the log for reading as it lies there, sound or not.
    pub(crate) fn log(&mut self) -> Result<Snapshot, Failure> {
        let mut patience = Patience::new(&mut self.printer, self.wait);
        match Snapshot::open(&self.path, &mut patience) {
            Err(LogError::NotFound { path }) => Err(LedgerError::NoLedger {
                path,
                torn_bytes: 0,
            }
            .into()),
            other => Ok(other?),
        }
    }

    /// Says what is wrong with the log.
    pub(crate) fn diagnose(
        &mut self,
        log: &Snapshot,
        head: Option<&Head>,
    ) -> Result<Diagnosis, Failure> {
        let mut patience = Patience::new(&mut self.printer, self.wait);
        Ok(audit::diagnose(log, head, &mut patience)?)
    }

    /// Repairs the log where that loses nothing.
    pub(crate) fn repair(&mut self, head: Option<&Head>) -> Result<Repaired, Failure> {
        let mut patience = Patience::new(&mut self.printer, self.wait);
        Ok(audit::repair(&self.path, head, &mut patience)?)
    }

    /// Records wishes, and tells of each that was decided.
    pub(crate) fn record(
        &mut self,
        wishes: &[Wish],
        mode: Mode,
        dry_run: bool,
        progress: &mut dyn FnMut(),
    ) -> Result<Outcome, LedgerOrFailure> {
        let now = self.now().map_err(LedgerOrFailure::Failure)?;
        let onlooker = self.onlooker();
        let mut patience =
            Patience::new(&mut self.printer, self.wait).with_clock(self.environment.now.as_deref());
        let mut conditions = Conditions {
            now,
            contention: &mut patience,
            mode,
            dry_run,
            checkpoints: self.checkpoints.as_ref(),
            onlooker,
            progress,
        };
        let outcome =
            record(&self.path, wishes, &mut conditions).map_err(LedgerOrFailure::Ledger)?;
        self.recorded = !dry_run && outcome.results.iter().any(Result::is_ok);
        Ok(outcome)
    }

    /// Prints what is left to print and says how the run ended. What was recorded stays recorded:
    /// an answer that cannot be printed is then a warning.
    pub(crate) fn end(mut self, outcome: &Done) -> ExitCode {
        let code = match outcome {
            Ok(code) => *code,
            Err(failure) => {
                let _ = self.printer.flush();
                failure.print(&mut self.printer, self.json);
                failure.exit_code()
            }
        };
        match self.printer.finish() {
            Ok(_) => ExitCode::from(code),
            Err(error) if self.recorded => {
                self.printer.warning(&format!(
                    "the event was recorded, but the answer could not be printed: {error}"
                ));
                ExitCode::from(code)
            }
            Err(error) => {
                Failure::io(format!("cannot print the answer: {error}"))
                    .print(&mut self.printer, self.json);
                ExitCode::FAILURE
            }
        }
    }
}

/// An error of the library, which still knows which wish it was about, or one of ours.
pub(crate) enum LedgerOrFailure {
    Ledger(LedgerError),
    Failure(Failure),
}

impl From<LedgerOrFailure> for Failure {
    fn from(error: LedgerOrFailure) -> Failure {
        match error {
            LedgerOrFailure::Ledger(error) => error.into(),
            LedgerOrFailure::Failure(failure) => failure,
        }
    }
}
