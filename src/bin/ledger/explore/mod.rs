//! `explore`: a full-screen view that moves through time.
//!
//! `index` is what is kept of the log, `state` what is shown, `update` what a key does to it, `view` how it
//! is drawn. These are values and functions alone; `terminal` and `live` are the shell around them.

mod history;
mod holds;
mod index;
mod links;
mod live;
mod orders;
mod search;
mod state;
mod sums;
mod terminal;
#[cfg(test)]
mod tests;
mod update;
mod view;

pub(crate) use live::run;
