//! Closed, full and busy streams, without one being needed.

use std::sync::{Arc, Mutex};

use super::*;

/// Takes `room` bytes, then fails.
#[derive(Clone, Default)]
struct Pipe {
    taken: Arc<Mutex<Vec<u8>>>,
    room: Option<(usize, Option<io::ErrorKind>)>,
    writes: Arc<Mutex<usize>>,
}

impl Pipe {
    fn with_room(room: usize, then: io::ErrorKind) -> Pipe {
        Pipe {
            room: Some((room, Some(then))),
            ..Pipe::default()
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.taken.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut writes = self.writes.lock().unwrap();
        *writes = writes.saturating_add(1);
        drop(writes);
        let mut taken = self.taken.lock().unwrap();
        let free = match self.room {
            Some((room, Some(kind))) if taken.len() >= room => return Err(kind.into()),
            Some((room, _)) => room.saturating_sub(taken.len()).min(bytes.len()),
            None => bytes.len(),
        };
        taken.extend_from_slice(&bytes[..free]);
        Ok(free)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn printer(out: &Pipe, err: &Pipe, err_colour: bool) -> Printer {
    Printer::new(Streams {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        width: None,
        out_colour: false,
        ascii: false,
        err_colour,
        err_redraws: false,
        err_terminal: false,
    })
}

#[test]
fn results_go_out_in_blocks_and_before_the_message_that_follows_them() {
    let both = Pipe::default();
    let mut printer = printer(&both, &both, false);
    assert_eq!(printer.line("one"), Ok(()));
    assert_eq!(printer.json("{\"a\":\"\u{202e}\"}"), Ok(()));
    assert_eq!(both.text(), "");
    printer.warning("torn_tail", "two");
    assert_eq!(printer.bytes(b"three"), Ok(()));
    assert_eq!(printer.finish().unwrap(), Ok(()));
    assert_eq!(both.text(), "one\n{\"a\":\"\\u202e\"}\nwarning: two\nthree");
    assert_eq!(*both.writes.lock().unwrap(), 3);
}

#[test]
fn a_reader_that_went_away_is_told_early_and_is_no_error() {
    let out = Pipe::with_room(10, io::ErrorKind::BrokenPipe);
    let mut printer = printer(&out, &Pipe::default(), false);
    let lines = (0..1_000_000)
        .take_while(|_| printer.line("0123456789").is_ok())
        .count();
    assert!(lines < 10_000, "stopped after {lines}");
    assert_eq!(printer.line("more"), Err(QuietEnd));
    assert_eq!(printer.finish().unwrap(), Err(QuietEnd));
    assert_eq!(printer.finish().unwrap(), Err(QuietEnd));
    assert_eq!(out.text(), "0123456789");
}

#[test]
fn a_full_disk_is_an_error_that_is_told_once_and_never_written_to_again() {
    let out = Pipe::with_room(3, io::ErrorKind::StorageFull);
    let err = Pipe::default();
    let mut printer = printer(&out, &err, false);
    assert_eq!(printer.line("receipt"), Ok(()));
    assert_eq!(printer.flush(), Err(QuietEnd));
    let writes = *out.writes.lock().unwrap();
    printer.note("lock", "still heard");
    assert_eq!(printer.line("more"), Err(QuietEnd));
    assert_eq!(
        printer.finish().unwrap_err().kind(),
        io::ErrorKind::StorageFull
    );
    assert_eq!(printer.finish().unwrap(), Err(QuietEnd));
    drop(printer);
    assert_eq!(*out.writes.lock().unwrap(), writes);
    assert_eq!(out.text(), "rec");
    assert_eq!(err.text(), "note: still heard\n");
}

#[test]
fn a_stream_that_takes_nothing_is_an_error_and_no_endless_loop() {
    let out = Pipe {
        room: Some((0, None)),
        ..Pipe::default()
    };
    let mut printer = printer(&out, &Pipe::default(), false);
    assert_eq!(printer.line("x"), Ok(()));
    assert_eq!(
        printer.finish().unwrap_err().kind(),
        io::ErrorKind::WriteZero
    );
}

#[test]
fn messages_nobody_hears_are_dropped() {
    let out = Pipe::default();
    let mut printer = printer(&out, &Pipe::with_room(0, io::ErrorKind::BrokenPipe), true);
    printer.error("x");
    assert_eq!(printer.line("y"), Ok(()));
    assert_eq!(printer.finish().unwrap(), Ok(()));
    assert_eq!(out.text(), "y\n");
}

#[test]
fn messages_are_harmless_and_cannot_pass_for_another_message() {
    let err = Pipe::default();
    let mut printer = printer(&Pipe::default(), &err, false);
    printer.error("no account \x1b[2Jx\nerror: forged\n");
    printer.hint("ledger accounts");
    printer.json_message("{\"m\":\"\u{85}\"}");
    let shown = "error: no account \\u{1b}[2Jx\n  error: forged\nhint: ledger accounts\n{\"m\":\"\\u0085\"}\n";
    assert_eq!(err.text(), shown);
    assert_eq!(*err.writes.lock().unwrap(), 3);
}

#[test]
fn only_the_prefix_of_a_message_has_colour() {
    let err = Pipe::default();
    let mut printer = printer(&Pipe::default(), &err, true);
    printer.error("x");
    printer.guide("\x1b[1mUsage\x1b[0m \x1b[2J\n");
    assert_eq!(
        err.text(),
        "\x1b[1m\x1b[31merror:\x1b[0m x\n\x1b[1mUsage\x1b[0m \\u{1b}[2J\n"
    );
}
