//! What every command works with: the printer, the log's path, the clock, the wait.

mod end;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use event_ledger::accounts::Request;
use event_ledger::audit::{self, Diagnosis, Repaired};
use event_ledger::checkpoint::{CacheDir, CheckpointVerifier};
use event_ledger::event::Head;
use event_ledger::ledger::{
    Copied, CopyOptions, EngineError, EngineLog, LedgerError, LogSource, Mode, Outcome, Reader,
    RecordOptions, Recorder, ReplicaCheck, RulesKept, Subscription, copy,
};
use event_ledger::log::{LogError, LogReader, ProgressObserver};
use event_ledger::remote::{self, Clock, StoreError, StoreNode};
use event_ledger::time::Timestamp;
use serde::Serialize;

use crate::bell::Bell;
use crate::clock::{self, LockWait, MachineClock};
use crate::environment::Environment;
use crate::failure::{Advice, Correction, Failure, file_flag, on_file};
use crate::flags::GlobalFlags;
use crate::groups;
use crate::locate::Located;
use crate::output::json;
use crate::output::print::Printer;
use crate::output::progress::Progress;
use crate::output::target::{StreamTargets, stream_targets};
use crate::waiting::{BriefLockWait, Waiting};

/// One run of the program.
pub(crate) struct Session {
    /// The one place that prints.
    pub(crate) printer: Printer,
    pub(crate) json: bool,
    pub(crate) csv: bool,
    /// Whether nothing but the answer is printed.
    pub(crate) quiet: bool,
    /// The arguments as they were typed.
    pub(crate) raw: Vec<OsString>,
    /// The command line's definition, every command in full.
    pub(crate) definition: fn() -> clap::Command,
    log: Located,
    source: LogSource,
    writes: bool,
    no_create: bool,
    /// The command makes the log on its engine, kept by so many servers.
    replicas: Option<u8>,
    offline: bool,
    wrong_clock: bool,
    wait: Duration,
    checkpoints: Option<CacheDir>,
    environment: Environment,
    now: Option<Timestamp>,
    recorded: bool,
    /// Of the log that is read.
    rules: RulesKept,
}

/// True if there is no log, in a file or on an engine.
fn is_no_ledger(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(
            LedgerError::NoLedger { .. }
                | LedgerError::Engine(EngineError::Store(StoreError::NoStream { .. }))
        )
    )
}

/// What became of a command: an exit code other than 0 may come without an error.
pub(crate) type Done = anyhow::Result<u8>;

impl Session {
    pub(crate) fn new(
        globals: GlobalFlags,
        raw: Vec<OsString>,
        environment: Environment,
        definition: fn() -> clap::Command,
        command: &str,
    ) -> Session {
        let pages = groups::pages(command) && !globals.no_pager;
        let pager = environment.pager.clone().filter(|_| pages);
        let streams = environment.streams(globals.color, pager);
        let caches = environment.caches.as_ref().filter(|_| !globals.no_cache);
        let checkpoints = caches.map(|caches| CacheDir::new(caches.join("ledger")));
        let mut printer = Printer::new(streams);
        printer.set_json(globals.json);
        Session {
            printer,
            json: globals.json,
            csv: globals.csv,
            quiet: globals.quiet,
            raw,
            definition,
            log: Located::default(),
            source: LogSource::File(Located::default().path),
            writes: groups::writes(command),
            no_create: globals.no_create,
            replicas: None,
            offline: globals.offline,
            wrong_clock: globals.wrong_clock,
            wait: globals.wait,
            checkpoints,
            environment,
            now: None,
            recorded: false,
            rules: RulesKept::default(),
        }
    }

    /// Works on this log. Standard streams that lead into the log itself are refused: one message
    /// would damage it.
    pub(crate) fn work_on(&mut self, log: Located) -> anyhow::Result<()> {
        self.source = self.open_source(&log)?;
        self.log = log;
        let streams = stream_targets(self.path());
        if streams == StreamTargets::default() {
            return Ok(());
        }
        self.printer.avoid(streams);
        Err(Failure::usage(format!(
            "the output would go into the log itself, {}",
            self.path().display()
        ))
        .with_advice("send it somewhere else: > report.txt")
        .into())
    }

    /// The log that a word of the command line names.
    pub(crate) fn located(&self, word: &OsStr) -> anyhow::Result<Located> {
        Located::named(word, &self.environment)
    }

    /// A log to read from or to record in. An engine is connected to when it is first used.
    pub(crate) fn open_source(&self, log: &Located) -> anyhow::Result<LogSource> {
        let Some(address) = log.address.clone() else {
            return Ok(LogSource::File(log.path.clone()));
        };
        let Some(caches) = &self.environment.caches else {
            bail!(
                Failure::usage("a log on an engine needs a directory for its copy on this machine")
                    .with_hint("export XDG_CACHE_HOME=\"$HOME/.cache\"")
            );
        };
        let clock: Arc<dyn Clock> = Arc::new(MachineClock);
        #[cfg(all(feature = "nats", feature = "postgres"))]
        let not_built = || Failure::io("this build has no client for it");
        #[cfg(not(all(feature = "nats", feature = "postgres")))]
        let not_built = || Failure::not_built("logs on engines", "engines");
        let store = remote::open(address, Arc::clone(&clock)).ok_or_else(not_built)?;
        // A connection takes longer than a lock that is free.
        let wait = self.wait.max(Duration::from_secs(1));
        let engine = EngineLog::new(store, clock, caches.join("ledger"), wait);
        Ok(LogSource::Engine(Box::new(
            engine
                .offline(self.offline)
                .taking_any_clock(self.wrong_clock),
        )))
    }

    /// Waits for changes of the log. `prints` means that the output goes to standard output.
    pub(crate) fn waiting(&self, prints: bool) -> anyhow::Result<Waiting> {
        let clock: Arc<dyn Clock> = Arc::new(MachineClock);
        let address = self.log.address.clone().filter(|_| !self.offline);
        let store = address.and_then(|address| remote::open(address, Arc::clone(&clock)));
        let bell = store.map(|store| Bell { store, clock });
        let waiting = Waiting::new(self.path(), bell, prints);
        Ok(waiting.map_err(|error| Failure::io(format!("cannot wait: {error}")))?)
    }

    /// Looks for events after those that a follower has.
    pub(crate) fn look(
        &mut self,
        follower: &mut Subscription,
        waiting: &Waiting,
    ) -> Result<bool, LedgerError> {
        follower.look(&mut self.source, &mut BriefLockWait::new(waiting))
    }

    /// Whether standard output is a terminal that can be drawn on.
    pub(crate) fn is_on_a_screen(&self) -> bool {
        self.printer.is_terminal() && !self.environment.colour.dumb()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.log.path
    }

    /// The name of the log, if it is on an engine.
    pub(crate) fn place_on_an_engine(&mut self) -> Option<String> {
        let engine = self.source.engine()?;
        Some(engine.log_name().as_str().to_owned())
    }

    /// True if notes of this log can be erased where it is.
    pub(crate) fn can_erase_notes(&mut self) -> bool {
        let engine = self.source.engine();
        engine.is_none_or(|engine| engine.store().can_replace())
    }

    /// The log's path if it was found in a parent of the current directory.
    pub(crate) fn path_in_a_parent(&self) -> Option<&Path> {
        self.log.in_a_parent.then_some(self.path())
    }

    /// Prints a line of the answer.
    pub(crate) fn line(&mut self, text: &str) {
        let _ = self.printer.line(text);
    }

    /// Prints a rendered part of the answer.
    pub(crate) fn rendered(&mut self, text: &str) {
        let _ = self.printer.rendered(text);
    }

    /// Prints an answer as a line of JSON.
    pub(crate) fn answer(&mut self, answer: &impl Serialize) {
        let _ = self.printer.json(&json::text(answer));
    }

    /// A hint as this command shows it: on the log that `--file` named.
    pub(crate) fn hint(&self, hint: &str) -> String {
        on_file(hint, file_flag(&self.raw).as_deref())
    }

    /// An error as this command shows it.
    pub(crate) fn failure(&self, error: anyhow::Error) -> Failure {
        Failure::from(error).of_command(&self.raw, self.writes, self.definition)
    }

    /// How long to wait for another process.
    #[cfg(feature = "sqlite")]
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// How this command waits for a lock.
    pub(crate) fn lock_wait(&mut self) -> LockWait<'_> {
        LockWait::new(&mut self.printer, self.wait)
    }

    /// What time it is: asked once, so that one run has one now.
    pub(crate) fn now(&mut self) -> anyhow::Result<Timestamp> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        let now = clock::now(self.environment.now.as_deref())?;
        self.now = Some(now);
        Ok(now)
    }

    /// What time it is by now, for a command that goes on.
    pub(crate) fn clock(&self) -> anyhow::Result<Timestamp> {
        clock::now(self.environment.now.as_deref())
    }

    /// Opens the log for reading.
    pub(crate) fn reading(&mut self) -> anyhow::Result<Reader> {
        let reading = Reader::of(self.log()?)?;
        if reading.has_unknown_zone() {
            let zone = &reading.opening().zone;
            let text = format!("the zone {zone} is not known here: times and days are in UTC");
            self.printer.warning("unknown_zone", &text);
        }
        self.rules = reading.rules();
        let observer = self.observer();
        Ok(reading
            .with_observer(observer)
            .with_checkpoints(self.checkpoints.clone()))
    }

    /// Shows the progress of a long read, if the output allows it.
    fn observer(&self) -> Option<ProgressObserver> {
        // A long write without a word looks as if it hangs, with --quiet too.
        let shown = self.printer.shows_progress() && (self.writes || !self.quiet);
        shown.then(|| {
            ProgressObserver::new(|total| {
                let mut progress = Progress::new("reading", total, true);
                Box::new(move |bytes| progress.advance(bytes))
            })
        })
    }

    /// The checkpoint of this log, to be held against it; none where checkpoints are not used.
    pub(crate) fn checkpoint_verifier(&self, log: &LogReader) -> Option<CheckpointVerifier> {
        CheckpointVerifier::of(self.checkpoints.as_ref()?, log)
    }

    /// Opens the log for reading, where there is one.
    pub(crate) fn existing(&mut self) -> anyhow::Result<Option<Reader>> {
        match self.log() {
            Err(error) if is_no_ledger(&error) => Ok(None),
            log => match Reader::of(log?) {
                Err(LedgerError::NoLedger { .. }) => Ok(None),
                other => Ok(Some(other?)),
            },
        }
    }

    /// Opens the log for reading as it lies there, sound or not.
    pub(crate) fn log(&mut self) -> anyhow::Result<LogReader> {
        let mut wait = LockWait::new(&mut self.printer, self.wait);
        let log = self.source.open(&mut wait)?;
        if self.offline {
            self.say_as_of();
        }
        Ok(log)
    }

    /// Says when the copy on this machine was made that is read.
    fn say_as_of(&mut self) {
        let Some(engine) = self.source.engine() else {
            return;
        };
        let as_of = engine.as_of().and_then(Timestamp::from_system);
        let as_of = as_of.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string());
        if !self.quiet {
            let text = format!("offline: this is the log as of {as_of}");
            self.printer.note("offline", &text);
        }
    }

    /// Says what is wrong with the log.
    pub(crate) fn diagnose(
        &mut self,
        log: &LogReader,
        head: Option<&Head>,
    ) -> anyhow::Result<Diagnosis> {
        Ok(audit::diagnose(log, head, &mut self.lock_wait())?)
    }

    /// Repairs the log where that loses nothing.
    pub(crate) fn repair(&mut self, head: Option<&Head>) -> anyhow::Result<Repaired> {
        let mut wait = LockWait::new(&mut self.printer, self.wait);
        Ok(audit::repair(&self.log.path, head, &mut wait)?)
    }

    pub(crate) fn record(
        &mut self,
        requests: &[Request],
        mode: Mode,
        dry_run: bool,
    ) -> anyhow::Result<Outcome> {
        let total = u64::try_from(requests.len()).unwrap_or(u64::MAX);
        let shown = total > 1 && self.printer.shows_progress();
        let mut progress = Progress::new("deciding", total, shown);
        let mut decided = || progress.advance(1);
        let outcome = self.recording(mode, dry_run, &mut decided, |source, options| {
            source.record(requests, options)
        });
        progress.finish();
        outcome
    }

    /// Records the next group, each of its requests for itself.
    pub(crate) fn record_group(
        &mut self,
        recorder: &mut Recorder,
        requests: &[Request],
    ) -> anyhow::Result<Outcome> {
        self.now = None;
        self.recording(Mode::EachForItself, false, &mut || (), |source, options| {
            recorder.record(source, requests, options)
        })
    }

    fn recording(
        &mut self,
        mode: Mode,
        dry_run: bool,
        progress: &mut dyn FnMut(),
        record: impl FnOnce(&mut LogSource, &mut RecordOptions<'_>) -> Result<Outcome, LedgerError>,
    ) -> anyhow::Result<Outcome> {
        let now = self.now()?;
        if self.offline && !dry_run && self.source.engine().is_some() {
            bail!(
                Failure::usage("--offline reads this machine's copy; it cannot record")
                    .corrected([Correction::Drop("--offline")])
            );
        }
        if self.no_create && self.source.file().is_some_and(|path| !path.exists()) {
            bail!(LedgerError::NoLedger {
                path: self.path().to_owned(),
                torn_bytes: 0,
            });
        }
        if let (Some(replicas), Some(engine), false) =
            (self.replicas, self.source.engine(), dry_run)
        {
            engine.create(replicas).map_err(LedgerError::from)?;
        }
        let observer = self.observer();
        let mut wait =
            LockWait::new(&mut self.printer, self.wait).with_clock(self.environment.now.as_deref());
        let mut options = RecordOptions {
            now,
            waiter: &mut wait,
            mode,
            dry_run,
            checkpoints: self.checkpoints.as_ref(),
            observer,
            progress,
        };
        let outcome = record(&mut self.source, &mut options)?;
        if self.offline {
            self.say_as_of();
        }
        self.recorded |= !dry_run && outcome.results.has_receipts();
        Ok(outcome)
    }

    /// This command makes the log on its engine, kept by so many servers. A file needs none.
    pub(crate) fn starts(&mut self, replicas: u8) {
        self.replicas = Some(replicas);
    }

    pub(crate) fn is_on_an_engine(&self) -> bool {
        self.source.file().is_none()
    }

    /// The servers that keep a log on an engine; a file has none.
    pub(crate) fn nodes(&mut self) -> anyhow::Result<Vec<StoreNode>> {
        match self.source.engine() {
            Some(engine) if !self.offline => Ok(engine.nodes().map_err(LedgerError::from)?),
            _ => Ok(Vec::new()),
        }
    }

    /// Compares each server's copy of a log on an engine; a file has none.
    pub(crate) fn check_replicas(&mut self, log: &LogReader) -> anyhow::Result<Vec<ReplicaCheck>> {
        match self.source.engine() {
            Some(engine) if !self.offline => Ok(engine.check_replicas(log)?),
            _ => Ok(Vec::new()),
        }
    }

    pub(crate) fn copy(
        &mut self,
        from: &mut LogSource,
        to: &mut LogSource,
        replicas: u8,
        moves: bool,
    ) -> anyhow::Result<Copied> {
        let shown = self.printer.shows_progress() && !self.quiet;
        let mut progress = Progress::counting("copying", "bytes", shown);
        let mut wait = LockWait::new(&mut self.printer, self.wait);
        let mut options = CopyOptions {
            waiter: &mut wait,
            replicas,
            moves,
            progress: &mut |bytes| progress.advance(bytes),
        };
        let copied = copy(from, to, &mut options);
        progress.finish();
        Ok(copied?)
    }

    /// Makes every answer and message JSON, whatever the flags say.
    pub(crate) fn answer_in_json(&mut self) {
        self.json = true;
        self.printer.set_json(true);
    }

    /// A copy that is damaged on this machine is discarded: the log itself is on the engine.
    fn without_damaged_mirror(&mut self, error: anyhow::Error) -> anyhow::Error {
        let damaged = match error.downcast_ref() {
            Some(LedgerError::Log(LogError::Damaged { path, .. })) => path.clone(),
            _ => return error,
        };
        match self.source.engine() {
            Some(engine) if engine.is_mirror(&damaged) => match engine.discard_mirror() {
                Ok(()) => error.context(Advice(
                    "this machine's copy was discarded; run it again to fetch the log anew"
                        .to_owned(),
                )),
                Err(_) => error,
            },
            _ => error,
        }
    }
}
