//! The pager, on a pseudo-terminal.

use crate::explore::{OnScreen, household};

#[test]
fn an_answer_is_printed_if_its_pager_is_not_there() {
    let Some(shell) = household() else { return };
    let pager = [("PAGER", "no-such-pager")];
    let screen = OnScreen::start(&shell, &["-c"], &["history", "assets:cash"], &pager);
    let (status, raw) = screen.ends();
    let text = String::from_utf8_lossy(&raw);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("no-such-pager: not found"), "{text}");
    assert!(text.contains("Effective"), "{text}");
    assert!(text.contains("1694.83"), "{text}");
}
