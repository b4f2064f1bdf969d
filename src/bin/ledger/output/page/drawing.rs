//! The page's charts as SVG: the balance as a step line, money in and out as bars.
//!
//! Shapes are drawn in a box that the browser stretches, and texts are placed in per cent, so that the
//! charts fit any width without a script. Positions are integers and never converted back to figures.

use std::fmt::Write as _;

use event_ledger::money::Balance;
use event_ledger::time::Period;
use maud::{Markup, html};

use super::super::axis::Axis;
use super::content::{Page, PageSection};
use super::labels::{self, apart, axis_label, names};
use super::time_axis::{TimeAxis, WIDTH};

/// The height of the balance chart in pixels, and the space above it.
const HEIGHT: u32 = 210;
const ABOVE: u32 = 14;
/// The maximum height of a bar in pixels.
const BARS: u32 = 70;
/// The widest bar, so that a single period is no wall.
const WIDEST: u32 = 1_200;
/// The position after which a word beside a line is on its left.
const LATE: u32 = 8_700;

/// The space left of the charts in pixels, the same for all of them: the longest figure at an axis.
pub(super) fn gutter(page: &Page<'_>) -> u32 {
    let longest = page.sections.iter().flat_map(|section| {
        let balances = money_axis(section, &levels(page, section));
        let bars = BarShape::of(section).money;
        let ticks = [balances.ticks().to_vec(), bars.ticks().to_vec()].concat();
        ticks
            .into_iter()
            .map(|tick| section.figure(tick).chars().count())
    });
    labels::width(longest.max().unwrap_or_default().min(labels::LEFT))
}

/// A position in per cent of the width: `12.34%`.
fn percent(place: u32) -> String {
    format!("{}.{:02}%", place / 100, place % 100)
}

/// The combined balance of a section's accounts after each row of the statement that changes it.
pub(super) fn levels(page: &Page<'_>, section: &PageSection<'_>) -> Vec<(usize, Balance)> {
    let currency = section.block.currency;
    let of_section = |account: usize| {
        page.accounts
            .get(account)
            .is_some_and(|account| account.currency == currency)
    };
    page.rows
        .iter()
        .enumerate()
        .filter_map(|(number, row)| {
            let mut postings = row.postings.iter().rev();
            let posting = postings.find(|posting| of_section(posting.account))?;
            Some((number, posting.total))
        })
        .collect()
}

/// The axis for a section's balances.
pub(super) fn money_axis(section: &PageSection<'_>, levels: &[(usize, Balance)]) -> Axis {
    let levels = levels.iter().map(|(_, figure)| *figure);
    Axis::around(levels.chain([section.opening]), section.scale)
}

/// The vertical position of a figure in the balance chart, in pixels from the top.
pub(super) fn depth(axis: &Axis, figure: Balance) -> u32 {
    ABOVE.saturating_add(HEIGHT.saturating_sub(axis.pixel(figure, HEIGHT)))
}

/// The chart of the balance over time, with the mark that the slider moves.
pub(super) fn balance(
    page: &Page<'_>,
    number: usize,
    section: &PageSection<'_>,
    axis: &TimeAxis,
) -> Markup {
    let levels = levels(page, section);
    let money = money_axis(section, &levels);
    let fine = HEIGHT.saturating_mul(10);
    let y = |figure: Balance| fine.saturating_sub(money.pixel(figure, fine));
    let steps = levels.iter().filter_map(|(row, figure)| {
        let row = page.rows.get(*row)?;
        Some((axis.place(row.effective), y(*figure)))
    });
    let curve = steps_path(y(section.opening), steps);
    let ground = y(Balance::ZERO);
    let area = format!("{curve}V{ground}H0Z");
    let bottom = ABOVE.saturating_add(HEIGHT);
    let closing = section.block.closing;
    let step = page.step.to_lowercase();
    let label = format!(
        "{}balance by {step}, in the end {}",
        section.prefix(),
        section.figure(closing),
    );
    let gutter = gutter(page);
    let ticks = money.ticks().iter();
    let ticks = ticks.map(|tick| (depth(&money, *tick), *tick)).collect();
    let now = page.now;
    let is_within = axis.contains(now);
    html! {
        svg data-plot="" role="img" aria-label=(label) height=(bottom.saturating_add(2)) {
            @for tick in money.ticks() {
                @let y = depth(&money, *tick);
                line.(if *tick == Balance::ZERO { "zero" } else { "grid" }) x1="0" x2="100%" y1=(y) y2=(y) {}
            }
            svg x="0" y=(ABOVE) width="100%" height=(HEIGHT) viewBox={ "0 0 " (WIDTH) " " (fine) } preserveAspectRatio="none" {
                path.area d=(area) {}
                path.curve d=(curve) {}
            }
            @for (y, tick) in apart(ticks) {
                (axis_label(section, gutter, y, tick))
            }
            @if is_within {
                @let place = axis.place(now);
                @let x = percent(place);
                line.now x1=(x) x2=(x) y1="0" y2=(bottom) {}
                @if place > LATE {
                    text.halo x=(x) y="10" dx="-4" text-anchor="end" { "now" }
                } @else {
                    text.halo x=(x) y="10" dx="4" { "now" }
                }
            }
            line.mark x1="100%" x2="100%" y1="0" y2=(bottom) {}
            circle.dot data-dot=(number) cx="100%" cy=(depth(&money, closing)) r="5" {}
        }
    }
}

/// A step line from the left edge to the right edge.
fn steps_path(opening: u32, steps: impl Iterator<Item = (u32, u32)>) -> String {
    let mut path = format!("M0 {opening}");
    let (mut x, mut y) = (0, opening);
    for (next_x, next_y) in steps {
        // Writing to a String cannot fail.
        if next_x != x {
            let _ = write!(path, "H{next_x}");
            x = next_x;
        }
        if next_y != y {
            let _ = write!(path, "V{next_y}");
            y = next_y;
        }
    }
    let _ = write!(path, "H{WIDTH}");
    path
}

/// The chart of money in and out, a pair of bars per period.
pub(super) fn bars(page: &Page<'_>, section: &PageSection<'_>, axis: &TimeAxis) -> Markup {
    let rows = &section.block.rows;
    let shape = BarShape::of(section);
    let (zero, bottom) = (shape.zero(), shape.bottom());
    let step = page.step.to_lowercase();
    let label = format!("{}in (up) and out (down) by {step}", section.prefix());
    let gutter = gutter(page);
    html! {
        svg data-plot="" role="img" aria-label=(label) height=(bottom.saturating_add(22)) {
            @for (y, _) in shape.ticks() {
                line.grid x1="0" x2="100%" y1=(y) y2=(y) {}
            }
            svg x="0" y=(ABOVE) width="100%" height=(shape.height()) viewBox={ "0 0 " (WIDTH) " " (shape.height().saturating_mul(10)) } preserveAspectRatio="none" {
                @for row in rows {
                    @let label = row.label.as_str();
                    (shape.bar(section, axis, row.period, label, "in", row.incoming))
                    (shape.bar(section, axis, row.period, label, "out", row.outgoing))
                }
            }
            line.zero x1="0" x2="100%" y1=(zero) y2=(zero) {}
            @for (y, tick) in apart(shape.named_ticks()) {
                (axis_label(section, gutter, y, tick))
            }
            @for name in names(section, axis) {
                text x=(percent(name.x)) y=(bottom.saturating_add(17)) text-anchor=(name.anchor) { (name.text) }
            }
            line.mark x1="100%" x2="100%" y1="0" y2=(bottom) {}
        }
    }
}

/// The heights of a section's bars, in pixels.
struct BarShape {
    money: Axis,
    up: u32,
    down: u32,
}

impl BarShape {
    fn of(section: &PageSection<'_>) -> BarShape {
        let rows = &section.block.rows;
        // A negative side, which `--net` can cause, is drawn in the other direction.
        let most = |goes_up: bool| {
            let figures = rows
                .iter()
                .flat_map(|row| [(true, row.incoming), (false, row.outgoing)]);
            figures
                .filter(|(is_in, figure)| up(*is_in, *figure) == goes_up)
                .map(|(_, figure)| size(figure))
                .max()
                .unwrap_or_default()
        };
        let (most_up, most_down) = (most(true), most(false));
        let money = Axis::up_to(most_up.max(most_down), section.scale);
        BarShape {
            up: money.pixel(most_up, BARS),
            down: money.pixel(most_down, BARS),
            money,
        }
    }

    fn height(&self) -> u32 {
        self.up.saturating_add(self.down).max(1)
    }

    fn zero(&self) -> u32 {
        ABOVE.saturating_add(self.up)
    }

    fn bottom(&self) -> u32 {
        self.zero().saturating_add(self.down)
    }

    /// The figures at the axis above and below zero, as far as the bars reach.
    fn ticks(&self) -> Vec<(u32, Balance)> {
        let mut places = Vec::new();
        for tick in self.money.ticks().iter().skip(1) {
            let away = self.money.pixel(*tick, BARS);
            if away <= self.up {
                places.push((self.zero().saturating_sub(away), *tick));
            }
            if away <= self.down {
                places.push((self.zero().saturating_add(away), *tick));
            }
        }
        places
    }

    /// The figures to write: zero and the ticks.
    fn named_ticks(&self) -> Vec<(u32, Balance)> {
        [vec![(self.zero(), Balance::ZERO)], self.ticks()].concat()
    }

    /// A bar in the middle of its period.
    fn bar(
        &self,
        section: &PageSection<'_>,
        axis: &TimeAxis,
        period: Period,
        label: &str,
        side: &str,
        figure: Balance,
    ) -> Markup {
        if figure == Balance::ZERO {
            return html! {};
        }
        let from = axis.place(period.first);
        let wide = axis.place(period.last).saturating_sub(from);
        let gap = (wide / 8).max(wide.saturating_sub(WIDEST) / 2);
        // A figure other than zero gets at least one pixel.
        let tall = self
            .money
            .pixel(size(figure), BARS.saturating_mul(10))
            .max(10);
        let zero = self.up.saturating_mul(10);
        let y = if up(side == "in", figure) {
            zero.saturating_sub(tall)
        } else {
            zero
        };
        let width = wide.saturating_sub(gap.saturating_mul(2)).max(8);
        html! {
            rect.(side) x=(from.saturating_add(gap)) y=(y) width=(width) height=(tall) {
                title { (label) ": " (side) " " (section.figure(figure)) " " (section.unit()) }
            }
        }
    }
}

fn up(is_in: bool, figure: Balance) -> bool {
    is_in != figure.is_negative()
}

fn size(figure: Balance) -> Balance {
    figure.max(figure.negated().unwrap_or_default())
}
