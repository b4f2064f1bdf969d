//! `explore`: a full-screen view that moves through time.
//!
//! `index` is what is kept of the log, `state` what is shown, `update` what a key does to it, `view` how it
//! is drawn. These are values and functions alone; `live` and what it uses are the shell around them.

mod history;
mod holds;
mod index;
mod links;
mod lists;
mod live;
mod live_log;
mod opening;
mod orders;
mod search;
mod signals;
mod state;
mod sums;
mod terminal;
#[cfg(test)]
mod tests;
mod update;
mod view;

pub(crate) use live::run;
