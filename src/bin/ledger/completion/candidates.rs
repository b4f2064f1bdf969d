//! Candidates for values, read from the log of the command line.
//!
//! It only reads. If the log cannot be read, or reading would take too long for a prompt, there are
//! fewer candidates or none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap_complete::CompletionCandidate;
use event_ledger::checkpoint::CacheDir;
use event_ledger::event::{AccountName, Entry, Event};
use event_ledger::ledger::{ReadOptions, Reader, Replayed};
use event_ledger::log::NoWait;
use event_ledger::money::Balance;
use event_ledger::replay::Cutoff;

use crate::clock::{self, Deadline};
use crate::environment::Environment;
use crate::output::print::QuietEnd;

/// The maximum time for a completion.
const MOST: Duration = Duration::from_millis(400);
/// How many of the newest events, and of a tag's newest values, are offered.
const NEWEST_EVENTS: usize = 10;
const NEWEST_VALUES: usize = 50;
/// A tag longer than this is nothing to complete.
const TAG_MOST: usize = 64;

/// Where candidates come from.
pub(super) struct Candidates {
    log: Option<PathBuf>,
    environment: Environment,
}

impl Candidates {
    pub(super) fn of(log: Option<PathBuf>, environment: &Environment) -> Candidates {
        Candidates {
            log,
            environment: environment.clone(),
        }
    }

    /// Accounts with their balances; closed ones only if no other matches.
    pub(super) fn accounts(&self) -> Vec<CompletionCandidate> {
        let mut names = BTreeSet::new();
        let replayed = self.at_once().or_else(|| {
            self.walk(|entry| {
                for name in entry.event.accounts().map(AccountName::as_str) {
                    if !names.contains(name) {
                        names.insert(name.to_owned());
                    }
                }
            })
        });
        let state = replayed.as_ref().map(Replayed::state);
        if let Some(state) = state {
            names = state.unsorted().map(|(name, _)| name.to_owned()).collect();
        }
        names
            .iter()
            .map(|name| {
                let candidate = CompletionCandidate::new(name);
                let Some(account) = state.and_then(|state| state.account(name)) else {
                    return candidate;
                };
                let balance = account.balance.to_text(account.scale);
                let help = match account.currency {
                    Some(currency) => format!("{balance} {currency}"),
                    None => balance,
                };
                candidate.help(Some(help.into())).hide(!account.open)
            })
            .collect()
    }

    pub(super) fn currencies(&self) -> Vec<CompletionCandidate> {
        let mut codes = BTreeSet::new();
        self.walk(|entry| {
            codes.extend(entry.event.currency());
            let arriving = entry.event.postings();
            codes.extend(arriving.filter_map(|posting| posting.currency));
        });
        codes
            .iter()
            .map(|code| CompletionCandidate::new(code.to_string()))
            .collect()
    }

    /// The newest events that begin as typed, the newest first.
    pub(super) fn positions(&self, current: &str) -> Vec<CompletionCandidate> {
        let mut newest = VecDeque::new();
        self.walk(|entry| {
            if newest.len() == NEWEST_EVENTS {
                newest.pop_back();
            }
            newest.push_front((entry.seq, outline(&entry.event)));
        });
        let newest = newest.into_iter();
        let candidates = newest.map(|(seq, help)| (seq.to_string(), help));
        with_help(candidates, current)
    }

    /// The open holds, the newest first.
    pub(super) fn holds(&self, current: &str) -> Vec<CompletionCandidate> {
        let replayed = self.at_once().or_else(|| self.walk(|_| {}));
        let now = clock::now(self.environment.now.as_deref()).ok();
        let (Some(replayed), Some(now)) = (replayed, now) else {
            return Vec::new();
        };
        let holds = replayed.state().commitments().holds();
        let mut open: Vec<(String, String)> = holds
            .filter(|hold| hold.rest(now) != Balance::ZERO)
            .map(|hold| {
                let mut words = vec![hold.rest(now).to_text(hold.scale())];
                words.extend(hold.currency.map(|currency| currency.to_string()));
                words.extend(hold.accounts().map(ToString::to_string));
                (hold.seq.to_string(), words.join(" "))
            })
            .collect();
        open.reverse();
        with_help(open.into_iter(), current)
    }

    /// The newest keys, as they name an event.
    pub(super) fn keys(&self, current: &str) -> Vec<CompletionCandidate> {
        let mut newest = VecDeque::new();
        self.walk(|entry| {
            let Some(key) = entry.key.as_ref().filter(|key| is_plain(key.as_str())) else {
                return;
            };
            let text = format!("key:{key}");
            if text.starts_with(current) {
                newest.truncate(NEWEST_VALUES.saturating_sub(1));
                newest.push_front((text, outline(&entry.event)));
            }
        });
        with_help(newest.into_iter(), current)
    }

    /// By what events can be grouped: these words, or a tag.
    pub(super) fn groups(&self, words: &[&str], current: &str) -> Vec<CompletionCandidate> {
        let words = words.iter().map(|word| (*word).to_owned());
        let mut keys = BTreeSet::new();
        if "tag:".starts_with(current) || current.starts_with("tag:") {
            self.walk(|entry| {
                for (key, _) in entry.tags().iter().filter(|(key, _)| is_plain(key)) {
                    if !keys.contains(key) {
                        keys.insert(key.to_owned());
                    }
                }
            });
        }
        let tags = keys.into_iter().map(|key| format!("tag:{key}"));
        words
            .chain(tags)
            .filter(|text| text.starts_with(current))
            .map(CompletionCandidate::new)
            .collect()
    }

    pub(super) fn head(&self) -> Vec<CompletionCandidate> {
        let replayed = self.at_once().or_else(|| self.walk(|_| {}));
        let last = replayed.and_then(|replayed| replayed.replay.last());
        last.map(|(seq, hash, _)| CompletionCandidate::new(format!("{seq}:{}", hash.short(16))))
            .into_iter()
            .collect()
    }

    /// Some moments, to show what can be written.
    pub(super) fn moments(&self, with_positions: bool) -> Vec<CompletionCandidate> {
        let mut words = vec!["today".to_owned(), "yesterday".to_owned(), "now".to_owned()];
        if let Ok(now) = clock::now(self.environment.now.as_deref()) {
            let day = now.to_string();
            words.extend(
                [7, 4]
                    .into_iter()
                    .filter_map(|length| day.get(..length))
                    .map(str::to_owned),
            );
        }
        if with_positions {
            words.extend(["head", "head~1"].map(str::to_owned));
        }
        words.into_iter().map(CompletionCandidate::new).collect()
    }

    /// The keys of the tags in the log, or the newest values of the key that was typed.
    pub(super) fn tags(&self, current: &str) -> Vec<CompletionCandidate> {
        let typed_key = current.split_once('=').map(|(key, _)| key);
        let mut found: BTreeMap<String, VecDeque<String>> = BTreeMap::new();
        self.walk(|entry| {
            for (key, value) in entry.tags().iter().filter(|(key, _)| is_plain(key)) {
                if typed_key.is_none() {
                    if !found.contains_key(key) {
                        found.insert(key.to_owned(), VecDeque::new());
                    }
                } else if typed_key == Some(key) && is_plain(value) {
                    let values = found.entry(key.to_owned()).or_default();
                    values.retain(|known| known != value);
                    values.push_front(value.to_owned());
                    values.truncate(NEWEST_VALUES);
                }
            }
        });
        let texts = found.into_iter().flat_map(|(key, values)| {
            let texts: Vec<String> = match typed_key {
                None => vec![format!("{key}=")],
                Some(_) => values
                    .iter()
                    .map(|value| format!("{key}={value}"))
                    .collect(),
            };
            texts
        });
        texts
            .filter(|text| text.starts_with(current))
            .map(CompletionCandidate::new)
            .collect()
    }

    /// The state from a checkpoint, if there is one: a long log is not read for a prompt.
    fn at_once(&self) -> Option<Replayed> {
        let caches = self.environment.caches.as_ref()?;
        let cache = CacheDir::new(caches.join("ledger")).as_it_is();
        let reading = Reader::open(self.log.as_deref()?, &mut NoWait).ok()?;
        reading.with_checkpoints(Some(cache)).cached()
    }

    /// Visits every event; returns the state if the walk reached the end.
    fn walk(&self, mut see: impl FnMut(&Entry<'_>) + Send) -> Option<Replayed> {
        let reading = Reader::open(self.log.as_deref()?, &mut NoWait).ok()?;
        let deadline = Deadline::after(MOST);
        let replayed = reading.scan::<anyhow::Error>(
            Cutoff::default(),
            None,
            ReadOptions::SILENT,
            |entry, _, _| {
                if entry.seq.is_multiple_of(1024) && deadline.is_over() {
                    bail!(QuietEnd);
                }
                see(entry);
                Ok(())
            },
        );
        replayed.ok()
    }
}

/// The candidates that begin as typed, each with what it is.
fn with_help(
    candidates: impl Iterator<Item = (String, String)>,
    current: &str,
) -> Vec<CompletionCandidate> {
    candidates
        .filter(|(text, _)| text.starts_with(current))
        .map(|(text, help)| CompletionCandidate::new(text).help(Some(help.into())))
        .collect()
}

/// An event in a few words: `transfer 5.00 EUR a b`.
fn outline(event: &Event<'_>) -> String {
    let mut words = vec![event.kind().as_str().to_owned()];
    if let Some((amount, currency)) = event.amount() {
        words.push(amount.to_string());
        words.extend(currency.map(|currency| currency.to_string()));
    }
    words.extend(event.accounts().map(ToString::to_string));
    words.join(" ")
}

/// Text that needs no quotes in any shell and cannot disturb a terminal.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= TAG_MOST
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./:@%+,".contains(c))
}
