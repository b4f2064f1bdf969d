//! Colours: whether to use them, decided once per stream, and which.
//!
//! Only the sixteen colours of the terminal's own theme are used, so that they are readable on it.
//! The environment is passed in.

use std::ffi::{OsStr, OsString};

use anstyle::{AnsiColor, Style};

/// Below zero.
pub(crate) const NEGATIVE: Style = AnsiColor::Red.on_default();
/// Heads of tables, sums.
pub(crate) const HEADING: Style = Style::new().bold();
/// Secondary text: rules, reversed events.
pub(crate) const DIM: Style = Style::new().dimmed();
/// The balance in a chart.
pub(crate) const LINE: Style = AnsiColor::Cyan.on_default();
/// What came in, in a chart.
pub(crate) const INCOMING: Style = AnsiColor::Green.on_default();
/// What went out, in a chart.
pub(crate) const OUTGOING: Style = AnsiColor::Red.on_default();
/// `error:`
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// `warning:`
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// `hint:`
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
/// `note:`
pub(crate) const NOTE: Style = Style::new().bold();

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// Always, in pipes and files too
    Always,
    /// Never
    Never,
}

/// The environment variables about colour.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColourWishes {
    /// `NO_COLOR`: anything but empty means none.
    pub(crate) no_color: Option<OsString>,
    /// `CLICOLOR_FORCE`: anything but empty and `0` means always.
    pub(crate) clicolor_force: Option<OsString>,
    /// `TERM`: `dumb` has no colours.
    pub(crate) term: Option<OsString>,
}

impl ColourWishes {
    /// True for a terminal that cannot move its cursor or show colours.
    pub(crate) fn dumb(&self) -> bool {
        self.term.as_deref() == Some(OsStr::new("dumb"))
    }
}

impl ColorChoice {
    /// Whether a stream gets colour. A flag takes precedence over the environment, and the
    /// environment over the kind of stream.
    pub(crate) fn decide(self, wishes: &ColourWishes, is_terminal: bool) -> bool {
        let said = |wish: &Option<OsString>| wish.as_deref().is_some_and(|text| !text.is_empty());
        match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if said(&wishes.no_color) => false,
            ColorChoice::Auto if said(&wishes.clicolor_force) => {
                wishes.clicolor_force.as_deref() != Some(OsStr::new("0"))
                    || automatic(wishes, is_terminal)
            }
            ColorChoice::Auto => automatic(wishes, is_terminal),
        }
    }
}

fn automatic(wishes: &ColourWishes, is_terminal: bool) -> bool {
    is_terminal && !wishes.dumb()
}

/// The text in a style, or unchanged without colour, with no empty escape sequences.
pub(crate) fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour && !text.is_empty() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_terminal() {
        use ColorChoice::{Always, Auto, Never};
        for (choice, no_color, force, term, is_terminal, colour) in [
            (Auto, None, None, None, true, true),
            (Auto, None, None, None, false, false),
            (Auto, None, None, Some("xterm-256color"), true, true),
            (Auto, None, None, Some("dumb"), true, false),
            (Auto, Some("1"), None, None, true, false),
            (Auto, Some(""), None, None, true, true),
            (Auto, Some("0"), None, None, true, false),
            (Auto, Some("1"), Some("1"), None, true, false),
            (Auto, None, Some("1"), None, false, true),
            (Auto, None, Some("1"), Some("dumb"), false, true),
            (Auto, None, Some("0"), None, false, false),
            (Auto, None, Some("0"), None, true, true),
            (Auto, None, Some(""), None, false, false),
            (Always, Some("1"), None, Some("dumb"), false, true),
            (Never, None, Some("1"), None, true, false),
        ] {
            let wishes = ColourWishes {
                no_color: no_color.map(OsString::from),
                clicolor_force: force.map(OsString::from),
                term: term.map(OsString::from),
            };
            let decided = choice.decide(&wishes, is_terminal);
            assert_eq!(
                decided, colour,
                "{choice:?} {wishes:?} terminal: {is_terminal}"
            );
        }
    }

    #[test]
    fn without_colour_not_one_escape_is_written() {
        assert_eq!(paint(false, ERROR, "error:"), "error:");
        assert_eq!(paint(true, ERROR, ""), "");
        assert_eq!(paint(true, NEGATIVE, "-5"), "\u{1b}[31m-5\u{1b}[0m");
    }
}
