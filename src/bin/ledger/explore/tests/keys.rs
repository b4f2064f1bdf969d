//! What keys do.

use super::super::state::{ExploreState, Overlay, PromptKind};
use super::super::update::{Grown, Wanted};
use super::super::view::Theme;
use super::{TestLog, append, start, text, typed};
use event_ledger::replay::EventOrder;
use ratatui::crossterm::event::KeyCode;

/// The moment and the number of events that count.
fn moment(log: &TestLog, keys: &str) -> (String, usize) {
    shown(log, &log.after(keys))
}

fn shown(log: &TestLog, state: &ExploreState) -> (String, usize) {
    let time = state.time(log.view());
    let time = time.map_or_else(String::new, |time| log.reader.zone().local_minute(time));
    (time, state.place.position)
}

fn at(time: &str, position: usize) -> (String, usize) {
    (time.to_owned(), position)
}

fn account(log: &TestLog, state: &ExploreState) -> String {
    let account = log.index.account(state.account.unwrap()).unwrap();
    account.name.clone()
}

#[test]
fn it_starts_at_the_end_with_an_account_of_the_last_event() {
    let log = TestLog::household();
    let state = log.after("");
    assert_eq!(shown(&log, &state), at("2026-10-28 17:42", 275));
    assert_eq!(account(&log, &state), "assets:bank:giro");
}

#[test]
fn arrows_move_by_one_event_and_stop_at_the_ends() {
    let log = TestLog::household();
    assert_eq!(moment(&log, "Left"), at("2026-10-27 09:00", 274));
    assert_eq!(moment(&log, "Left Left Right"), at("2026-10-27 09:00", 274));
    assert_eq!(moment(&log, "Right"), at("2026-10-28 17:42", 275));
    assert_eq!(moment(&log, "Home"), at("", 0));
    assert_eq!(moment(&log, "Home Left"), at("", 0));
    assert_eq!(moment(&log, "Home Right"), at("2025-11-01 08:01", 1));
    assert_eq!(moment(&log, "Home End"), at("2026-10-28 17:42", 275));
}

#[test]
fn days_and_months_go_to_their_ends() {
    let log = TestLog::household();
    assert_eq!(moment(&log, "PgUp"), at("2026-10-27 23:59", 274));
    assert_eq!(moment(&log, "PgUp PgUp"), at("2026-10-26 23:59", 273));
    assert_eq!(moment(&log, "PgUp PgUp PgDn"), at("2026-10-27 23:59", 274));
    assert_eq!(moment(&log, "PgUp PgDn"), at("2026-10-28 17:42", 275));
    assert_eq!(moment(&log, "["), at("2026-09-30 23:59", 254));
    assert_eq!(moment(&log, "[ ["), at("2026-08-31 23:59", 232));
    assert_eq!(moment(&log, "[ [ ]"), at("2026-09-30 23:59", 254));
    assert_eq!(moment(&log, "[ ]"), at("2026-10-28 17:42", 275));
    // From an event, it is the end of the day before; an arrow is an event from there.
    assert_eq!(moment(&log, "[ Left"), at("2026-09-27 10:00", 253));
    assert_eq!(moment(&log, "Home PgUp"), at("", 0));
    assert_eq!(moment(&log, "Home ]"), at("2025-11-30 23:59", 28));
}

#[test]
fn a_moment_or_an_event_is_gone_to_and_a_mistake_is_said_where_it_was_typed() {
    let log = TestLog::household();
    for (keys, time, position) in [
        ("t text:2026-03 Enter", "2026-03-31 23:59", 117),
        ("t text:2026-03-14 Enter", "2026-03-14 23:59", 108),
        ("t text:seq:17 Enter", "2025-11-10 17:42", 17),
        ("t text:head~1 Enter", "2026-10-27 09:00", 274),
        ("t text:yesterday Enter", "2026-10-28 17:42", 275),
        ("t text:1990 Enter", "", 0),
        ("t text:2026-03 Esc", "2026-10-28 17:42", 275),
        (
            "t text:2026-13 Enter Back Back text:03 Enter",
            "2026-03-31 23:59",
            117,
        ),
    ] {
        assert_eq!(moment(&log, keys), at(time, position), "{keys}");
    }
    let error = |keys: &str| match log.after(keys).overlay {
        Some(Overlay::Prompt(prompt)) => prompt.error.unwrap(),
        other => panic!("{other:?}"),
    };
    for (typed, said) in [
        (
            "2026-13",
            "`2026-13` does not exist: month 13 is not between 1 and 12",
        ),
        ("seq:999", "the log ends with event 275"),
        ("hash:3fa9c1d2", "name an event by its number: seq:17"),
    ] {
        assert_eq!(error(&format!("t text:{typed} Enter")), said);
    }
}

#[test]
fn known_at_and_back_keeps_the_event() {
    let log = TestLog::of_everything();
    // Event 5 took effect before event 2, and was recorded after it.
    let state = log.after("k t text:seq:5 Enter");
    assert_eq!(state.order, EventOrder::Recorded);
    assert_eq!(shown(&log, &state), at("2026-02-04 09:00", 5));
    let state = log.after("k t text:seq:5 Enter k");
    assert_eq!(state.order, EventOrder::Effective);
    assert_eq!(shown(&log, &state), at("2026-01-02 08:00", 2));
    // The end stays the end, although another event is the last.
    assert_eq!(moment(&log, "k"), at("2026-03-08 09:00", 22));
    assert_eq!(moment(&log, "k k"), at("2026-12-24 09:00", 22));
}

#[test]
fn an_account_is_chosen_among_those_that_the_filter_takes() {
    let log = TestLog::household();
    let chosen = |keys: &str| account(&log, &log.after(keys));
    assert_eq!(chosen("Down"), "assets:bank:savings");
    assert_eq!(chosen("Down Up Up Up"), "assets:bank:giro");
    assert_eq!(chosen("a text:CLOTH"), "expenses:clothing");
    assert_eq!(chosen("a text:*:h*:*"), "expenses:housing:energy");
    assert_eq!(chosen("a text:housing Down"), "expenses:housing:rent");
    let count = |keys: &str| log.after(keys).listed.len();
    assert_eq!(count("a text:expenses Enter"), 7);
    assert_eq!(count("a text:expenses Esc"), 11);
    assert_eq!(count("a text:nothing"), 0);
    // The account stays if no other can be chosen.
    assert_eq!(chosen("a text:nothing"), "assets:bank:giro");
    assert_eq!(
        count("a text:nothing Back Back Back Back Back Back Back"),
        11
    );
}

#[test]
fn a_search_goes_from_hit_to_hit_and_shows_an_account_of_each() {
    let log = TestLog::household();
    let state = log.after("[ [ / text:LUNCH Enter");
    assert_eq!(shown(&log, &state), at("2026-09-19 13:12", 248));
    assert_eq!(account(&log, &state), "assets:cash");
    assert_eq!(state.message.as_deref(), Some("`lunch`: 16 of 19"));
    assert_eq!(
        moment(&log, "[ [ / text:lunch Enter n"),
        at("2026-10-04 13:12", 258)
    );
    assert_eq!(
        moment(&log, "[ [ / text:lunch Enter N"),
        at("2026-07-04 13:12", 186)
    );
    // From the last hit to the first.
    let first = moment(&log, "/ text:lunch Enter");
    assert_eq!(moment(&log, "/ text:lunch Enter N n"), first);
    let nothing = log.after("/ text:nothing Enter");
    assert_eq!(nothing.message.as_deref(), Some("no event with `nothing`"));
    assert_eq!(shown(&log, &nothing), at("2026-10-28 17:42", 275));
    let by_tag = log.after("Home / text:order=z-88 Enter");
    assert_eq!(by_tag.message.as_deref(), Some("`order=z-88`: 1 of 1"));
    assert_eq!(log.after("/ text:lunch Enter Esc").search, None);
    assert_eq!(
        log.after("n").message.as_deref(),
        Some("nothing is searched for: / searches")
    );
}

#[test]
fn a_late_result_of_another_search_is_dropped() {
    let log = TestLog::household();
    let mut state = log.after("");
    for key in typed("/ text:lunch Enter") {
        let _ = state.press(key, log.view());
    }
    state.take_hits("rent", &[9], log.view());
    assert_eq!(shown(&log, &state), at("2026-10-28 17:42", 275));
    assert_eq!(state.search.unwrap().found, None);
}

#[test]
fn enter_shows_the_event_and_its_links_are_followed_in_both_directions() {
    let log = TestLog::of_everything();
    let event = |keys: &str| match log.after(keys).overlay {
        Some(Overlay::Event { seq, link }) => (seq, link),
        other => panic!("{other:?}"),
    };
    assert_eq!(event("t text:seq:4 Enter Enter"), (4, 0));
    // Event 10 reverses event 4, and back.
    assert_eq!(event("t text:seq:4 Enter Enter Enter"), (10, 0));
    assert_eq!(event("t text:seq:4 Enter Enter Enter Enter"), (4, 0));
    // Hold 7 was captured by 8 and released by 11; 8 was refunded by 13.
    assert_eq!(event("t text:seq:7 Enter Enter Down Enter"), (11, 0));
    assert_eq!(event("t text:seq:7 Enter Enter Enter Down Enter"), (13, 0));
    let followed = log.after("t text:seq:4 Enter Enter Enter Esc");
    assert_eq!(followed.overlay, None);
    assert_eq!(followed.place.seq, Some(10));
    // Arrows walk on with the event open.
    assert_eq!(event("k t text:seq:8 Enter Enter Right"), (9, 0));
    assert_eq!(
        log.after("Home Enter").message.as_deref(),
        Some("no event has happened yet")
    );
}

#[test]
fn arrows_and_pages_move_through_the_help_and_other_keys_close_it() {
    let log = TestLog::household();
    for (keys, expected) in [
        ("?", Some(0)),
        ("? Down Down Up", Some(1)),
        ("? PgDn PgDn PgUp", Some(5)),
        ("? PgDn PgDn PgDn PgDn", Some(15)),
        ("? Up", Some(0)),
        ("? x", None),
        ("? Esc", None),
    ] {
        let help = expected.map(|first| Overlay::Help { first });
        assert_eq!(log.after(keys).overlay, help, "{keys}");
    }
    let last = log.after("? PgDn PgDn PgDn PgDn");
    let theme = Theme {
        colour: false,
        ascii: false,
    };
    let drawn = text(&log.drawn(&last, (40, 16), theme));
    assert!(drawn.contains("q           quit"), "{drawn}");
}

#[test]
fn a_mark_is_set_and_taken_away_at_the_same_place() {
    let log = TestLog::household();
    assert!(log.after("m").mark.is_some());
    assert_eq!(log.after("m m").mark, None);
    let moved = log.after("m [ m");
    assert_eq!(moved.mark.unwrap().place, moved.place);
}

#[test]
fn q_ends_everywhere_but_in_a_line_that_is_typed() {
    let log = TestLog::household();
    let wanted = |keys: &str| log.after(keys).press(KeyCode::Char('q'), log.view());
    for keys in ["", "?", "Enter", "c", "m"] {
        assert_eq!(wanted(keys), Wanted::Quit, "{keys}");
    }
    for (keys, kind) in [
        ("t", PromptKind::GoTo),
        ("/", PromptKind::Search),
        ("a", PromptKind::Accounts),
    ] {
        assert_eq!(wanted(keys), Wanted::Nothing, "{keys}");
        match log.after(&format!("{keys} q")).overlay {
            Some(Overlay::Prompt(prompt)) => {
                assert_eq!((prompt.kind, prompt.text.as_str()), (kind, "q"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(log.after("? x").overlay, None);
}

/// A log with an account more, recorded while it is explored.
fn grown(keys: &str, late: &str) -> (TestLog, ExploreState) {
    let mut log = TestLog::of_everything();
    let mut state = log.after(keys);
    let before = log.index.len();
    append(&log.path(), "2026-04-01T08:00:00Z", late);
    log.reader =
        event_ledger::ledger::Reader::open(&log.path(), &mut super::ShortWait::default()).unwrap();
    let next = u64::try_from(before).unwrap() + 1;
    log.push(next..=next);
    let hits = Vec::new();
    state.grow(Grown { before, hits }, log.view());
    (log, state)
}

#[test]
fn a_growing_log_is_followed_at_its_end_and_waits_elsewhere() {
    let late = r#"{"type":"deposit","amount":"5","account":"new:account","effective":"2026-12-25T08:00:00Z"}"#;
    let (log, state) = grown("", late);
    assert_eq!(shown(&log, &state), at("2026-12-25 09:00", 23));
    assert_eq!(state.message.as_deref(), Some("1 new event"));
    assert_eq!(state.listed.len(), 7);
    let (log, state) = grown("Left", late);
    assert_eq!(shown(&log, &state), at("2026-03-08 09:00", 21));
    // An event that took effect before the one that is shown moves it on by one.
    let early = r#"{"type":"deposit","amount":"5","account":"new:account","effective":"2026-01-01T08:00:30Z"}"#;
    let (log, state) = grown("Left m", early);
    assert_eq!(shown(&log, &state), at("2026-03-08 09:00", 22));
    assert_eq!(state.mark.unwrap().place, state.place);
    let (log, state) = grown("t text:2026-02-08 Enter", early);
    assert_eq!(shown(&log, &state), at("2026-02-08 23:59", 11));
    let (log, state) = grown("Home", early);
    assert_eq!(shown(&log, &state), at("", 0));
}

#[test]
fn a_log_without_events_is_explored_too() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("ledger.jsonl");
    start(&path);
    let log = TestLog::read(&path, Some(directory));
    assert_eq!(log.index.len(), 0);
    let keys =
        "Left Right PgUp PgDn [ ] Home End Up Down Enter m k c n a x Enter t text:2026 Enter";
    assert_eq!(moment(&log, keys), at("", 0));
}
