//! A report as one self-contained HTML page.
//!
//! Text is made harmless and escaped. The script gets figures as text. A content security policy
//! allows only this script and no requests.

mod content;
mod data;
mod drawing;
mod labels;
mod time_axis;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::time::Period;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::periods::{ReportRow, period_rows};
use super::text::harmless;
use content::unit;
pub(crate) use content::{Page, PageAccount, PageRow, PageSection};
use data::data;
use time_axis::TimeAxis;

const STYLE: &str = include_str!("page.css");
/// Rows per part of the statement, and how many rows at its end are visible without a script.
const PART: usize = 100;
const NEAR: usize = 500;
const SCRIPT: &str = include_str!("page.js");

/// Names the program in the page, and recognises it.
const GENERATOR: &str = "ledger report";

/// True if a file that starts with these bytes is a page of this kind.
pub(crate) fn is_page(beginning: &[u8]) -> bool {
    let generator = format!("<meta name=\"generator\" content=\"{GENERATOR}\">");
    beginning.starts_with(b"<!DOCTYPE html>")
        && String::from_utf8_lossy(beginning).contains(&generator)
}

impl Page<'_> {
    /// The page.
    pub(crate) fn to_html(&self) -> String {
        let axis = self.span().map(TimeAxis::new);
        let gutter = drawing::gutter(self);
        let style = format!("{STYLE}:root {{ --gutter: {gutter}px; }}\n");
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            digest(&style),
            digest(SCRIPT)
        );
        let title = format!("{} · {}", self.title, self.scope);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="generator" content=(GENERATOR);
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    title { (harmless(&title)) }
                    style { (PreEscaped(&style)) }
                }
                body {
                    (self.head())
                    main {
                        @for note in &self.notes {
                            p.note { (harmless(note)) }
                        }
                        @if let Some(axis) = &axis {
                            (time_bar())
                            @for (number, section) in self.sections.iter().enumerate() {
                                (self.section(number, section, axis))
                            }
                        } @else {
                            p.empty { "no events to show" }
                        }
                        (self.other_accounts())
                        @if axis.is_some() { (self.statement()) }
                    }
                    script type="application/json" id="data" { (PreEscaped(data(self, axis.as_ref()))) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        let mut text = page.into_string();
        text.push('\n');
        text
    }

    /// From the first to the last period of all currencies.
    fn span(&self) -> Option<Period> {
        let rows = || self.sections.iter().flat_map(|section| &section.block.rows);
        let first = rows().map(|row| row.period.first).min()?;
        let last = rows().map(|row| row.period.last).max()?;
        Some(Period { first, last })
    }

    fn head(&self) -> Markup {
        html! {
            header {
                h1 { (harmless(&self.title)) }
                p.scope { (harmless(&self.scope)) }
                dl.facts {
                    @for (name, value) in &self.facts {
                        div { dt { (name) } dd { (harmless(value)) } }
                    }
                }
            }
        }
    }

    fn section(&self, number: usize, section: &PageSection<'_>, axis: &TimeAxis) -> Markup {
        let block = section.block;
        let unit = section.unit();
        let name = if unit.is_empty() { "Balance" } else { &unit };
        html! {
            section.card {
                div.figure-head {
                    h2 { (name) }
                    p.total {
                        output data-total=(number) { (section.figure(block.closing)) }
                        " " span { (unit) }
                    }
                }
                @if block.rows.is_empty() {
                    p.empty { "no events to show" }
                } @else {
                    (drawing::balance(self, number, section, axis))
                    p.legend {
                        span { i.key-in {} "in" }
                        span { i.key-out {} "out" }
                    }
                    (drawing::bars(self, section, axis))
                    div.columns {
                        (self.periods(section, axis))
                        (self.accounts_of(section))
                    }
                }
            }
        }
    }

    fn periods(&self, section: &PageSection<'_>, axis: &TimeAxis) -> Markup {
        let block = section.block;
        let name = format!("{}by {}", section.prefix(), self.step.to_lowercase());
        html! {
            div.scroll.periods tabindex="0" role="region" aria-label=(name) {
                table {
                    thead { tr {
                        th.wide { (self.step) }
                        th.n { "In" } th.n { "Out" } th.n.net { "Net" } th.n { "Balance" }
                        td.u {}
                    } }
                    tbody {
                        @if self.is_since {
                            tr.before {
                                td { "before" }
                                td {} td {} td.net {}
                                (figure(&section.figure(block.opening)))
                                td.u { (section.unit()) }
                            }
                        }
                        @for row in period_rows(block) {
                            @let (from, to) = (axis.place(row.span().first), axis.place(row.span().last));
                            @match row {
                                ReportRow::Period(row) => tr data-from=(from) data-to=(to) {
                                    td { (row.label) }
                                    (figure(&section.figure(row.incoming)))
                                    (figure(&section.figure(row.outgoing)))
                                    (net(&section.figure(row.net)))
                                    (figure(&section.figure(row.closing)))
                                    td.u { (section.unit()) }
                                }
                                ReportRow::Empty(empty) => tr.gap data-from=(from) data-to=(to) {
                                    td colspan="6" { (empty.text) }
                                }
                            }
                        }
                    }
                    @if block.rows.len() > 1 {
                        tfoot { tr {
                            th scope="row" { "Total" }
                            (figure(&section.figure(block.incoming)))
                            (figure(&section.figure(block.outgoing)))
                            (net(&section.figure(block.net)))
                            (figure(&section.figure(block.closing)))
                            td.u { (section.unit()) }
                        } }
                    }
                }
            }
        }
    }

    fn accounts_of(&self, section: &PageSection<'_>) -> Markup {
        let accounts = self.accounts.iter().enumerate();
        let own: Vec<_> = accounts
            .filter(|(_, account)| account.currency == section.block.currency)
            .collect();
        self.account_table(&own, &format!("{}accounts", section.prefix()))
    }

    /// The accounts of currencies without events.
    fn other_accounts(&self) -> Markup {
        let is_in_a_section = |account: &PageAccount| {
            let mut sections = self.sections.iter();
            sections.any(|section| {
                section.block.currency == account.currency && !section.block.rows.is_empty()
            })
        };
        let accounts = self.accounts.iter().enumerate();
        let others: Vec<_> = accounts
            .filter(|(_, account)| !is_in_a_section(account))
            .collect();
        html! {
            @if !others.is_empty() {
                section.card {
                    h2 { "Accounts without events" }
                    (self.account_table(&others, "accounts without events"))
                }
            }
        }
    }

    fn account_table(&self, accounts: &[(usize, &PageAccount)], name: &str) -> Markup {
        let last = self.last_balances();
        html! {
            div.scroll tabindex="0" role="region" aria-label=(name) {
                table {
                    thead { tr { th.wide { "Account" } th.n { "Balance" } td.u {} } }
                    tbody {
                        @for (number, account) in accounts {
                            @let balance = last.get(*number).copied().flatten().unwrap_or(account.opening);
                            @let text = balance.to_text(account.scale);
                            tr {
                                td.name { (account.name) }
                                td.n.negative[balance.is_negative()] data-account=(number) { (text) }
                                td.u { (unit(account.currency)) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The balance of each account after the last row; `None` if no row touches it.
    fn last_balances(&self) -> Vec<Option<Balance>> {
        let mut last = vec![None; self.accounts.len()];
        for posting in self.rows.iter().flat_map(|row| &row.postings) {
            if let Some(own) = last.get_mut(posting.account) {
                *own = Some(posting.balance);
            }
        }
        last
    }

    fn statement(&self) -> Markup {
        let several = self.accounts.len() > 1;
        let scale_of = |currency| {
            let mut sections = self.sections.iter();
            sections
                .find(|section| section.block.currency == currency)
                .map_or_else(Scale::default, |section| section.scale)
        };
        html! {
            section.card {
                h2 { "Statement" }
                div.scroll.tall id="statement" tabindex="0" role="region" aria-label="statement" {
                    table {
                        thead { tr {
                            th.n { "#" } th { "Effective" } th.type { "Type" } th { "Account" }
                            th.n { "Change" } th.n { "Balance" }
                            @if several { th.n.g { "Combined" } }
                            td.u {} th.wide { "Details" }
                        } }
                        @for (part, rows) in self.rows.chunks(PART).enumerate() {
                            @let first = part.saturating_mul(PART);
                            // A browser lays out a long table again after every change, so rows
                            // far from the end stay hidden until the script shows them.
                            @let is_far = first.saturating_add(NEAR) < self.rows.len();
                            tbody data-first=(first) hidden[is_far] {
                                @for (number, row) in (first..).zip(rows) {
                                    (self.postings(number, row, several, &scale_of))
                                }
                            }
                        }
                    }
                }
                @if self.rows.len() > NEAR {
                    p.empty.screen { "Only events around the selected moment are shown; a printout has all of them." }
                }
            }
        }
    }

    /// A row for each account that an event changed.
    fn postings(
        &self,
        number: usize,
        row: &PageRow,
        several: bool,
        scale_of: &dyn Fn(Option<Currency>) -> Scale,
    ) -> Markup {
        html! {
            @for posting in &row.postings {
                @if let Some(account) = self.accounts.get(posting.account) {
                    tr.undone[row.undone] data-m=(number) {
                        td.n { (row.seq) }
                        td { (row.local) }
                        td.type { (row.kind) }
                        td.name { (account.name) }
                        (figure(&posting.change.to_text(account.scale)))
                        (figure(&posting.balance.to_text(account.scale)))
                        @if several {
                            @let combined = posting.total.to_text(scale_of(account.currency));
                            td.n.g.negative[posting.total.is_negative()] { (combined) }
                        }
                        td.u { (unit(account.currency)) }
                        td.text { (harmless(&row.details)) }
                    }
                }
            }
        }
    }
}

fn figure(text: &str) -> Markup {
    html! { td.n.negative[text.starts_with('-')] { (text) } }
}

fn net(text: &str) -> Markup {
    html! { td.n.net.negative[text.starts_with('-')] { (text) } }
}

/// The slider, which is hidden until the script runs.
fn time_bar() -> Markup {
    html! {
        section.card.time id="time" hidden aria-label="Move through time" {
            div.time-head {
                output id="when" for="slider" {}
                span.after id="after" {}
                div.buttons {
                    button type="button" id="back" aria-label="One event back" { "‹" }
                    button type="button" id="play" { "Play" }
                    button type="button" id="on" aria-label="One event on" { "›" }
                }
            }
            input type="range" id="slider" min="0" max=(time_axis::WIDTH) value=(time_axis::WIDTH) step="1" aria-label="Moment";
        }
        noscript { p.note { "The slider needs JavaScript; the figures shown are the closing ones." } }
    }
}

/// The hash by which the policy allows a script or style.
fn digest(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text.as_bytes())))
}
