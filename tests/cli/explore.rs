//! `explore` on a pseudo-terminal: what it shows, and that it gives the terminal back.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::forged::overdrawn;
use crate::harness::{Shell, can_run};
use crate::watch::until;

/// How long something is waited for. Nothing takes so long but a failure.
const PATIENCE: Duration = Duration::from_mins(1);

const RIGHT: &str = "\u{1b}[C";
const LEFT: &str = "\u{1b}[D";
const PAGE_UP: &str = "\u{1b}[5~";
const HOME: &str = "\u{1b}[H";
const END: &str = "\u{1b}[F";

/// The program on a terminal of its own, whose screen is modelled.
pub(crate) struct OnScreen {
    child: Child,
    master: File,
    terminal: File,
    output: Receiver<Vec<u8>>,
    reader: JoinHandle<()>,
    /// True once nothing more is read.
    hung_up: Arc<AtomicBool>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

impl OnScreen {
    /// Starts `ledger explore` in a window of 80 by 24.
    fn explore(shell: &Shell, set: &[(&str, &str)]) -> OnScreen {
        OnScreen::start(shell, &["-c"], &["explore"], set)
    }

    /// Starts it with these arguments, by `setsid` with these options: without `-c` no signal tells that
    /// the terminal is gone.
    pub(crate) fn start(
        shell: &Shell,
        options: &[&str],
        arguments: &[&str],
        set: &[(&str, &str)],
    ) -> OnScreen {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let master = File::from(master);
        let terminal = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NOCTTY)
            .open(OsStr::from_bytes(name.to_bytes()))
            .unwrap();
        tcsetwinsize(&terminal, size(80, 24)).unwrap();
        // In a session of its own, whose terminal this is: so it is told of a new size.
        let mut command = shell.command_by("setsid");
        command
            .args(options)
            .arg(env!("CARGO_BIN_EXE_ledger"))
            .args(arguments)
            .env("TERM", "xterm-256color")
            .envs(set.iter().copied())
            .stdin(Stdio::from(terminal.try_clone().unwrap()))
            .stdout(Stdio::from(terminal.try_clone().unwrap()))
            .stderr(Stdio::from(terminal.try_clone().unwrap()));
        let child = command.spawn().unwrap();
        let (sender, output) = channel();
        let mut from = master.try_clone().unwrap();
        let hung_up = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&hung_up);
        let reader = std::thread::spawn(move || {
            let mut block = [0; 4096];
            while !is_over.load(Ordering::SeqCst) {
                let mut ready = [PollFd::new(&from, PollFlags::IN)];
                let glance = Timespec {
                    tv_sec: 0,
                    tv_nsec: 20_000_000,
                };
                if poll(&mut ready, Some(&glance)).unwrap() == 0 {
                    continue;
                }
                // Once the other side is closed, a read is an error.
                let read = from.read(&mut block).unwrap_or(0);
                if read == 0 || sender.send(block[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        OnScreen {
            child,
            master,
            terminal,
            output,
            reader,
            hung_up,
            screen: vt100::Parser::new(24, 80, 0),
            raw: Vec::new(),
        }
    }

    fn type_in(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        tcsetwinsize(&self.terminal, size(columns, rows)).unwrap();
        self.screen.screen_mut().set_size(rows, columns);
    }

    /// Reads until the screen holds all of this.
    #[track_caller]
    fn shows(&mut self, texts: &[&str]) -> String {
        self.shows_what(texts, |shown| texts.iter().all(|text| shown.contains(text)))
    }

    /// Reads until the screen holds one of these.
    #[track_caller]
    fn shows_one_of(&mut self, texts: &[&str]) -> String {
        self.shows_what(texts, |shown| texts.iter().any(|text| shown.contains(text)))
    }

    #[track_caller]
    fn shows_what(&mut self, texts: &[&str], is_wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let shown = self.screen.screen().contents();
            if is_wanted(&shown) {
                return shown;
            }
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => {
                    self.raw.extend(&bytes);
                    self.screen.process(&bytes);
                }
                Err(error) => panic!("{error}: never {texts:?}, but\n{shown}"),
            }
        }
    }

    /// Waits for its end; its exit code and whether the terminal is as it was.
    pub(crate) fn ends(mut self) -> (Option<i32>, Vec<u8>) {
        let status = self.child.wait().unwrap();
        // The other side is held here too: what is left comes before nothing comes.
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.raw.extend(&bytes);
            self.screen.process(&bytes);
        }
        self.is_given_back();
        (status.code(), self.raw)
    }

    /// Makes sure that the terminal is as it was.
    #[track_caller]
    fn is_given_back(&self) {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        assert!(
            modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG),
            "{modes:?}"
        );
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "it is still on its own screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
    }

    /// Waits until it is stopped, and takes what it wrote before.
    fn is_stopped(&mut self) {
        let stat = format!("/proc/{}/stat", self.child.id());
        until("it is stopped", || {
            let stat = std::fs::read_to_string(&stat).unwrap();
            stat.rsplit(") ").next().unwrap().starts_with('T')
        });
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.screen.process(&bytes);
        }
    }

    /// Closes the terminal's window; the exit code.
    fn hangs_up(self) -> Option<i32> {
        let OnScreen {
            mut child,
            master,
            terminal,
            reader,
            hung_up,
            ..
        } = self;
        hung_up.store(true, Ordering::SeqCst);
        reader.join().unwrap();
        drop((master, terminal));
        let mut status = None;
        until("it has ended", || {
            status = child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }
}

/// The household of the samples; none if there is no `setsid`.
pub(crate) fn household() -> Option<Shell> {
    if !can_run("explore on a terminal", "setsid", &["--version"]) {
        return None;
    }
    let shell = Shell::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = std::fs::read(root.join("sample-data/household.jsonl")).unwrap();
    shell.set_log(&sample);
    Some(shell)
}

#[test]
fn it_needs_a_terminal() {
    let shell = Shell::given(&["deposit 5 -q"]);
    shell
        .ledger("explore")
        .fails(2, "error: explore needs a terminal\nhint: ledger history\n");
    shell.ledger("explore --json").fails(
        2,
        "{\"error\":{\"code\":\"usage\",\"message\":\"explore has no other output than the screen\",\"hint\":\"ledger history --json\",\"exit_code\":2,\"recorded\":null}}\n",
    );
}

#[test]
fn keys_move_through_time_and_q_gives_the_terminal_back() {
    let Some(shell) = household() else { return };
    let mut screen = OnScreen::explore(&shell, &[]);
    let first = screen.shows(&["275 of 275", "9416.19 EUR", "? help"]);
    assert!(first.contains("#275 transfer 82.34 EUR"), "{first}");
    assert!(screen.screen.screen().alternate_screen());
    screen.type_in(LEFT);
    screen.shows(&["274 of 275", "until 2026-10-27 09:00"]);
    screen.type_in(RIGHT);
    screen.shows(&["275 of 275"]);
    screen.type_in(PAGE_UP);
    screen.shows(&["until 2026-10-27 23:59"]);
    screen.type_in("[");
    screen.shows(&["until 2026-09-30 23:59", "254 of 275"]);
    screen.type_in("t2026-03-14\r");
    screen.shows(&["until 2026-03-14 23:59", "5438.20 EUR"]);
    screen.type_in("/LUNCH\r");
    screen.shows(&["`lunch`: 9 of 19"]);
    screen.type_in("k");
    screen.shows(&["known at"]);
    screen.type_in("\r");
    screen.shows(&["memo", "lunch", "hash"]);
    screen.type_in("\u{1b}");
    screen.shows(&["? help"]);
    screen.type_in("?");
    screen.shows(&["this page"]);
    screen.type_in("x");
    screen.type_in("c");
    screen.shows(&["2025-11-01", "┤"]);
    screen.type_in("q");
    assert_eq!(screen.ends().0, Some(0));
}

#[test]
fn a_window_of_another_size_is_drawn_anew() {
    let Some(shell) = household() else { return };
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["275 of 275", "? help"]);
    screen.resize(120, 40);
    // Only a wide window has the time, and room for more keys.
    screen.shows(&["2026-10-28 17:42    -82.34", "Enter show   m mark"]);
    screen.resize(30, 10);
    screen.shows(&["explore needs a window of"]);
    screen.resize(80, 24);
    screen.shows(&["275 of 275", "9416.19 EUR"]);
    screen.type_in("q");
    assert_eq!(screen.ends().0, Some(0));
}

#[test]
fn what_is_recorded_meanwhile_appears() {
    let Some(shell) = household() else { return };
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["275 of 275"]);
    shell.ledger("deposit 5.55 -a assets:cash -q").succeeds();
    screen.shows(&["276 of 276", "1 new event", "#276 deposit 5.55 EUR"]);
    screen.type_in(HOME);
    screen.shows(&["before the first event", "0 of 276"]);
    shell.ledger("deposit 4.44 -a new:one -q").succeeds();
    screen.shows(&["0 of 277", "new:one"]);
    screen.type_in(END);
    screen.shows(&["277 of 277"]);
    screen.type_in("q");
    assert_eq!(screen.ends().0, Some(0));
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    let Some(shell) = household() else { return };
    for (signal, code) in [
        (Signal::TERM, 0),
        (Signal::INT, 0),
        (Signal::QUIT, 0),
        (Signal::HUP, 1),
    ] {
        let mut screen = OnScreen::explore(&shell, &[]);
        screen.shows(&["275 of 275"]);
        screen.signal(signal);
        assert_eq!(screen.ends().0, Some(code), "{signal:?}");
    }
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["275 of 275"]);
    screen.type_in("\u{3}");
    assert_eq!(screen.ends().0, Some(0));
}

#[test]
fn while_a_long_log_is_read_the_screen_says_how_far_it_is_and_q_quits() {
    if !can_run("explore on a terminal", "setsid", &["--version"]) {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q"]);
    let batch = "{\"type\":\"deposit\",\"amount\":\"1\"}\n".repeat(40_000);
    let ran = shell.ledger_with_input("batch -q", batch.as_bytes());
    assert_eq!(ran.status, Some(0));
    for key in ["q", "\u{3}"] {
        let mut screen = OnScreen::explore(&shell, &[]);
        // A fast machine may have read it by then.
        let shown = screen.shows_one_of(&["reading the log: ", "40001 of 40001"]);
        let is_reading = shown.contains("reading the log");
        assert!(is_reading || !cfg!(debug_assertions), "{shown}");
        screen.shows(&["ledger.jsonl", "q quit"]);
        screen.type_in(key);
        assert_eq!(screen.ends().0, Some(0));
    }
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["40001 of 40001", "#40001 deposit 1"]);
    screen.type_in("q");
    assert_eq!(screen.ends().0, Some(0));
}

#[test]
fn it_ends_when_its_terminal_is_gone_with_and_without_a_signal() {
    let Some(shell) = household() else { return };
    for options in [&["-c"][..], &[]] {
        let mut screen = OnScreen::start(&shell, options, &["explore"], &[]);
        screen.shows(&["275 of 275"]);
        assert_eq!(screen.hangs_up(), Some(1), "{options:?}");
    }
}

#[test]
fn while_it_is_stopped_the_terminal_is_given_back_and_then_taken_again() {
    let Some(shell) = household() else { return };
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["275 of 275"]);
    for by_key in [true, false] {
        if by_key {
            screen.type_in("\u{1a}");
        } else {
            screen.signal(Signal::TSTP);
        }
        screen.is_stopped();
        screen.is_given_back();
        screen.signal(Signal::CONT);
        screen.shows(&["275 of 275", "9416.19 EUR"]);
        assert!(screen.screen.screen().alternate_screen());
    }
    screen.type_in(LEFT);
    screen.shows(&["274 of 275"]);
    screen.type_in("q");
    assert_eq!(screen.ends().0, Some(0));
}

#[test]
fn a_log_that_is_cut_meanwhile_is_an_error_on_the_screen_of_before() {
    let Some(shell) = household() else { return };
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["275 of 275"]);
    let log = shell.log();
    let lines: Vec<&[u8]> = log.split_inclusive(|byte| *byte == b'\n').collect();
    shell.set_log(&lines[..200].concat());
    let (status, raw) = screen.ends();
    assert_eq!(status, Some(6));
    let raw = String::from_utf8_lossy(&raw);
    let (_, after) = raw.rsplit_once("\u{1b}[?1049l").unwrap();
    assert!(after.contains("error:"), "{after}");
}

#[test]
fn a_log_whose_rules_are_broken_says_so_on_the_screen() {
    if household().is_none() {
        return;
    }
    let shell = overdrawn(0);
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["event 2 breaks a rule of the ledger: ledger verify"]);
    screen.type_in("q");
    let (status, _) = screen.ends();
    assert_eq!(status, Some(0));
}

#[test]
fn a_damaged_log_is_an_error_before_the_screen_is_taken() {
    let Some(shell) = household() else { return };
    let mut log = shell.log();
    log[5000] ^= 1;
    shell.set_log(&log);
    let (status, raw) = OnScreen::explore(&shell, &[]).ends();
    let raw = String::from_utf8_lossy(&raw);
    assert_eq!(status, Some(6), "{raw}");
    assert!(!raw.contains("\u{1b}[?1049h"), "{raw}");
    assert!(raw.contains("is damaged"), "{raw}");
}

/// The numbers of all styles.
fn codes(raw: &[u8]) -> Vec<u32> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let pieces = text.split("\u{1b}[").skip(1);
    let styles = pieces.filter_map(|piece| {
        let (codes, _) = piece.split_once('m')?;
        codes
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b';')
            .then(|| codes.to_owned())
    });
    let numbers = styles.flat_map(|style| {
        let numbers = style.split(';').map(|code| code.parse().unwrap_or(0));
        numbers.collect::<Vec<u32>>()
    });
    numbers.collect()
}

#[test]
fn without_colour_there_is_none_and_with_it_only_the_sixteen_of_the_terminal() {
    let Some(shell) = household() else { return };
    let ran = |set: &[(&str, &str)]| {
        let mut screen = OnScreen::explore(&shell, set);
        screen.shows(&["275 of 275", "? help"]);
        screen.type_in("q");
        codes(&screen.ends().1)
    };
    let is_colour =
        |code: &u32| (30..=37).contains(code) || (90..=97).contains(code) || *code == 38;
    let plain = ran(&[("NO_COLOR", "1")]);
    assert!(!plain.iter().any(is_colour), "{plain:?}");
    let colour = ran(&[]);
    assert!(colour.iter().any(is_colour), "{colour:?}");
    // Crossterm writes the sixteen as `38;5;N` with N below 16.
    for (index, _) in colour.iter().enumerate().filter(|(_, code)| **code == 38) {
        assert_eq!(colour[index + 1], 5, "{colour:?}");
        assert!(colour[index + 2] < 16, "{colour:?}");
    }
}

#[test]
fn a_dumb_terminal_is_none() {
    let Some(shell) = household() else { return };
    let (status, raw) = OnScreen::explore(&shell, &[("TERM", "dumb")]).ends();
    assert_eq!(status, Some(2));
    assert!(String::from_utf8_lossy(&raw).contains("explore needs a terminal"));
}

#[test]
fn a_hold_that_expires_while_it_is_shown_is_gone_without_a_key() {
    if !can_run("explore on a terminal", "setsid", &["--version"]) {
        return;
    }
    let mut shell = Shell::new();
    shell.without("LEDGER_NOW");
    shell.ledger("deposit 50 -q").succeeds();
    let mut screen = OnScreen::explore(&shell, &[]);
    screen.shows(&["1 of 1"]);
    shell.ledger("hold 5 --expires 'in 2s' -q").succeeds();
    screen.shows(&["2 of 2"]);
    screen.shows_what(&["nothing on hold"], |shown| !shown.contains("on hold"));
    screen.type_in("q");
    assert_eq!(screen.ends().0, Some(0));
}
