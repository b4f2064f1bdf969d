//! Progress of long work: a line on standard error after half a second, removed at the end.
//!
//! indicatif keeps the time, so no clock is read here.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::{harmless, shorten};

/// Work that is shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// Columns for the description, so that the whole line stays below eighty.
const LABEL: usize = 32;

/// A bar that may be showing. Dropping it clears it.
pub(crate) struct Progress(Option<Bar>);

struct Bar {
    bar: ProgressBar,
    showing: bool,
}

impl Progress {
    /// Work of a known number of bytes or items. `shown` is [`shows_progress`], for a read without `--quiet`.
    ///
    /// [`shows_progress`]: super::print::Printer::shows_progress
    pub(crate) fn new(label: &str, total: u64, shown: bool) -> Progress {
        let template = "{msg} {bar:20} {percent:>3}%  {eta} left";
        Progress::with_template(label, Some(total), template, shown)
    }

    /// Work of unknown size: shows a count.
    pub(crate) fn counting(label: &str, things: &str, shown: bool) -> Progress {
        let things = shorten(&harmless(things), LABEL).into_owned();
        Progress::with_template(
            label,
            None,
            &format!("{{msg}} {{human_pos}} {things}"),
            shown,
        )
    }

    fn with_template(label: &str, total: Option<u64>, template: &str, shown: bool) -> Progress {
        // A template that indicatif does not take means its usual bar: no reason to fail.
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸ ");
        Progress(shown.then(|| {
            Bar {
                bar: ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden())
                    .with_style(style)
                    .with_message(shorten(&harmless(label), LABEL).into_owned()),
                showing: false,
            }
        }))
    }

    /// So much more is done. Cheap enough to call for every block.
    pub(crate) fn advance(&mut self, done: u64) {
        let Some(Bar { bar, showing }) = &mut self.0 else {
            return;
        };
        bar.inc(done);
        if !*showing && bar.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            *showing = true;
        }
    }

    /// Removes the line, before anything else is printed.
    pub(crate) fn finish(&mut self) {
        if let Some(Bar { bar, .. }) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_work_and_work_nobody_watches_show_nothing() {
        let mut hidden = Progress::new("reading", 100, false);
        hidden.advance(100);
        assert!(hidden.0.is_none());
        let mut short = Progress::new("checking", 100, true);
        short.advance(50);
        assert!(!short.0.as_ref().unwrap().showing);
        assert_eq!(short.0.as_ref().unwrap().bar.position(), 50);
        short.finish();
        short.advance(1);
    }
}
