//! Whole screens, compared with the files beside this one. `LEDGER_BLESS=1` writes them anew.

use std::path::Path;

use ratatui::style::Color;

use super::super::view::Theme;
use super::{TestLog, styles, text};

const PLAIN: Theme = Theme {
    colour: false,
    ascii: false,
};
const COLOUR: Theme = Theme {
    colour: true,
    ascii: false,
};
const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

/// Compares with a file; all differences are shown at once.
fn compare(name: &str, found: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/ledger/explore/tests/screens");
    let path = folder.join(format!("{name}.txt"));
    if std::env::var_os("LEDGER_BLESS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name}\n{expected}--- found\n{found}");
}

/// Every screen: the log, its name, the keys to it, its size.
fn screens() -> Vec<(&'static str, TestLog, &'static str, (u16, u16))> {
    let house = TestLog::household;
    let all = TestLog::of_everything;
    vec![
        ("start", house(), "", SMALL),
        ("start-large", house(), "", LARGE),
        ("middle", house(), "t text:2026-03-14 Enter", SMALL),
        ("middle-large", house(), "t text:2026-03-14 Enter", LARGE),
        ("before-the-first", house(), "Home", SMALL),
        ("mark", house(), "m [ [", SMALL),
        ("mark-large", house(), "m [ [", LARGE),
        ("chart", house(), "m [ [ c", SMALL),
        ("chart-large", house(), "[ [ c", LARGE),
        ("search-large", house(), "[ [ / text:lunch Enter", LARGE),
        ("filter", house(), "a text:housing", SMALL),
        ("filter-mark", house(), "m [ [ a text:housing Enter", SMALL),
        ("no-account", house(), "a text:nothing Enter", SMALL),
        ("go-to", house(), "t", SMALL),
        ("go-to-wrong", house(), "t text:2026-13 Enter", SMALL),
        ("help", house(), "?", SMALL),
        ("help-large", house(), "?", LARGE),
        ("known-at", all(), "k t text:seq:5 Enter", SMALL),
        (
            "on-hold",
            all(),
            "t text:2026-02-08 Enter Up Up Up Up",
            SMALL,
        ),
        (
            "undone-large",
            all(),
            "t text:2026-02-12 Enter Up Up Up Up",
            LARGE,
        ),
        ("event", all(), "t text:seq:7 Enter Enter Down", SMALL),
        ("event-large", all(), "t text:seq:4 Enter Enter", LARGE),
        ("hostile", all(), "k t text:seq:22 Enter", SMALL),
        ("narrow", house(), "t text:2026-03-14 Enter", (40, 24)),
        ("narrow-event", all(), "t text:seq:4 Enter Enter", (40, 24)),
        (
            "narrow-corrected",
            all(),
            "t text:seq:17 Enter Enter",
            (40, 16),
        ),
        (
            "narrow-links",
            house(),
            "t text:seq:86 Enter Enter",
            (40, 16),
        ),
        ("narrow-help", house(), "?", (40, 16)),
        (
            "narrow-help-end",
            house(),
            "? Down Down Down Down Down Down Down Down Down Down Down Down",
            (40, 16),
        ),
        ("more-sums", TestLog::of_many_groups(), "", SMALL),
        ("too-small", house(), "", (39, 16)),
    ]
}

#[test]
fn screens_are_as_they_were_approved() {
    for (name, log, keys, size) in screens() {
        let buffer = log.drawn(&log.after(keys), size, PLAIN);
        compare(name, &text(&buffer));
    }
}

#[test]
fn styles_are_as_they_were_approved() {
    for (name, log, keys, size) in screens() {
        if ![
            "middle",
            "mark",
            "chart",
            "event",
            "undone-large",
            "search-large",
        ]
        .contains(&name)
        {
            continue;
        }
        let state = log.after(keys);
        for (theme, kind) in [(COLOUR, "colour"), (PLAIN, "plain")] {
            let buffer = log.drawn(&state, size, theme);
            compare(&format!("{name}-{kind}"), &styles(&buffer));
        }
    }
}

#[test]
fn only_the_sixteen_colours_are_used_and_without_colour_none() {
    for (name, log, keys, size) in screens() {
        let state = log.after(keys);
        let plain = log.drawn(&state, size, PLAIN);
        let colour = log.drawn(&state, size, COLOUR);
        assert_eq!(
            text(&plain),
            text(&colour),
            "{name}: colour changes the text"
        );
        for cell in plain.content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
        }
        for cell in colour.content() {
            let is_named = |colour: Color| !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
            assert!(is_named(cell.fg) && is_named(cell.bg), "{name}: {cell:?}");
        }
    }
}

#[test]
fn in_ascii_nothing_of_ours_is_another_character() {
    let theme = Theme {
        colour: false,
        ascii: true,
    };
    for (name, log, keys, size) in screens() {
        let drawn = text(&log.drawn(&log.after(keys), size, theme));
        // A memo of the sample has a letter that is not ASCII.
        let others: String = drawn
            .chars()
            .filter(|c| !c.is_ascii() && *c != 'ß')
            .collect();
        assert_eq!(others, "", "{name}\n{drawn}");
    }
    let log = TestLog::household();
    let state = log.after("m [ [ c");
    compare("chart-ascii", &text(&log.drawn(&state, SMALL, theme)));
}

#[test]
fn every_size_is_drawn_and_nothing_is_wider_than_the_window() {
    for (_, log, keys, _) in screens() {
        let state = log.after(keys);
        for width in [1, 39, 40, 63, 64, 90, 140] {
            for height in [1, 15, 16, 30, 50] {
                let buffer = log.drawn(&state, (width, height), COLOUR);
                assert_eq!(buffer.area.width, width);
            }
        }
    }
}
