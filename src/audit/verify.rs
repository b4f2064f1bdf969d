//! Verify: every line's form, number, time and hash, and the rules, all findings and not just the
//! first.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkpoint::CheckpointVerifier;
use crate::event::{Entry, Event, Hash, Note};
use crate::log::{LenientLine, LineSpan, LogError, LogReader, Tail};
use crate::replay::Cutoff;
use crate::time::{Timestamp, Zone};

use super::AuditError;
use super::head::{HeadCheck, HeadFound, KeptHead, TreeCheck};
use super::rules::{Broken, Rules};

/// The code of a torn tail, the only finding with which a log is still valid.
pub const TORN_TAIL: &str = "torn_tail";

/// The code of a zone in the first line that this build does not know, with which a log is valid too.
pub const UNKNOWN_ZONE: &str = "zone";

/// The code of an erased note that no redaction names, with which a log is valid too: what `doctor`
/// salvages may end before the redaction.
pub(super) const REDACTED_WITHOUT_EVENT: &str = "redacted_without_event";

/// Something that is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, counted from 1.
    pub line: u64,
    /// The line's offset, counted from 0.
    pub byte: u64,
    /// `form`, `length`, `seq`, `time`, `hash`, `torn_tail`, `zone`, `redacted_without_event`, or the code
    /// of the rule.
    pub code: &'static str,
    /// A short description of the problem.
    pub detail: String,
}

/// The result of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The newest event that counts, before the first damage; `None` if the first line is damaged.
    pub head: Option<(u64, Hash)>,
    /// How many findings there were, the harmless ones aside.
    pub findings: u64,
    /// The number of findings about rules, which concern valid lines.
    pub broken_rules: u64,
    /// The first event that breaks a rule, but for that of keys.
    pub first_broken: Option<u64>,
    /// The bytes of a torn tail.
    pub torn_bytes: u64,
    /// How the log ends.
    pub tail: Tail,
    /// How many notes were redacted: holes, not damage.
    pub redacted: u64,
    /// How many notes count as erased, but are still in the file.
    pub pending: BTreeSet<u64>,
    /// Up to when the books are sealed, if they are.
    pub sealed_through: Option<Timestamp>,
    /// How the log compares with the given head.
    pub head_found: HeadFound,
}

impl Finding {
    /// True if a log with it is valid all the same.
    pub fn is_harmless(&self) -> bool {
        matches!(self.code, TORN_TAIL | UNKNOWN_ZONE | REDACTED_WITHOUT_EVENT)
    }
}

impl Verified {
    /// True if there are no findings except harmless ones.
    pub fn is_ok(&self) -> bool {
        self.findings == 0 && !self.head_found.is_mismatch()
    }

    /// True if every line is valid, even if it breaks a rule.
    pub fn is_sound(&self) -> bool {
        self.findings == self.broken_rules
    }
}

/// Checks every line and reports every finding in the order of the lines, but erased notes that no
/// redaction names last. Rules are checked up to the first damaged line, because after it the state is
/// unknown. A cutoff changes which event counts as the newest, not what is checked. `advance` gets the
/// bytes of every line, and `verifier` every line that is to be compared with a checkpoint.
///
/// # Errors
/// [`AuditError::NoLedger`], or [`AuditError::Log`] if the file is not a log that this version can
/// judge.
pub fn verify(
    log: &LogReader,
    head: Option<&KeptHead>,
    cutoff: &Cutoff,
    mut each: impl FnMut(Finding) + Send,
    mut advance: impl FnMut(u64) + Send,
    mut verifier: Option<&mut CheckpointVerifier>,
) -> Result<Verified, AuditError> {
    let mut audit = Audit {
        log,
        cutoff,
        rules: Rules::default(),
        lookout: HeadCheck::new(match head {
            Some(KeptHead::Event(head)) => Some(head),
            _ => None,
        }),
        tree: match head {
            Some(KeptHead::Tree(head)) => Some(TreeCheck::new(*head)),
            _ => None,
        },
        first: None,
        newest: None,
        damage: 0,
        broken_rules: 0,
        redacted: 0,
        unnamed: BTreeMap::new(),
        pending: BTreeSet::new(),
        sealed_through: None,
        failed: None,
    };
    let scanned = log.lenient_scan(|seen| {
        let mut tell = |place: LineSpan, code: &'static str, detail: String| {
            each(Finding {
                line: place.line,
                byte: place.offset,
                code,
                detail,
            });
        };
        let place = match seen {
            LenientLine::Sound(entry, place) => {
                if let Some(verifier) = verifier.as_mut().filter(|_| audit.damage == 0) {
                    verifier.take(entry, place);
                }
                if let Event::Ledger(opening) = &entry.event
                    && let Err(unknown) = Zone::named(&opening.zone)
                {
                    tell(place, UNKNOWN_ZONE, format!("{unknown} that is known here"));
                }
                for broken in audit.sound(entry, place) {
                    tell(place, broken.code, broken.detail);
                }
                place
            }
            LenientLine::Damaged(found, place) => {
                audit.damage = audit.damage.saturating_add(as_u64(found.len()));
                for damage in found {
                    tell(place, damage.code.as_str(), damage.reason);
                }
                place
            }
            LenientLine::Unfinished(place) => place,
        };
        advance(place.end.saturating_sub(place.offset));
    })?;
    if let Some(error) = audit.failed {
        return Err(error.into());
    }
    let torn_bytes = scanned.tail.torn_bytes();
    let head = audit.newest.or(audit.first);
    if head.is_none() && audit.damage == 0 {
        return Err(AuditError::NoLedger {
            path: log.path().to_owned(),
            torn_bytes,
        });
    }
    if let Tail::Torn { offset, bytes } = scanned.tail {
        let last = scanned.last.map_or(0, |last| last.seq);
        each(Finding {
            line: last.saturating_add(2),
            byte: offset,
            code: TORN_TAIL,
            detail: format!("{bytes} bytes of an append that never finished; they do not count"),
        });
    }
    // A redaction may be what is damaged.
    for place in audit.unnamed.values().filter(|_| audit.damage == 0) {
        each(Finding {
            line: place.line,
            byte: place.offset,
            code: REDACTED_WITHOUT_EVENT,
            detail: "its note was erased, but no redact event names it".to_owned(),
        });
    }
    let last = scanned.last.map_or(0, |last| last.seq);
    Ok(Verified {
        head,
        findings: audit.damage.saturating_add(audit.broken_rules),
        broken_rules: audit.broken_rules,
        first_broken: audit.rules.first_broken,
        torn_bytes,
        tail: scanned.tail,
        redacted: audit.redacted,
        pending: audit.pending,
        sealed_through: audit.sealed_through,
        head_found: match &audit.tree {
            Some(tree) => tree.found(audit.damage == 0),
            None => audit.lookout.found(last, audit.damage == 0),
        },
    })
}

/// What is remembered from line to line.
struct Audit<'a> {
    log: &'a LogReader,
    cutoff: &'a Cutoff,
    rules: Rules,
    lookout: HeadCheck<'a>,
    tree: Option<TreeCheck>,
    /// The first line, which is included at any cutoff.
    first: Option<(u64, Hash)>,
    newest: Option<(u64, Hash)>,
    damage: u64,
    broken_rules: u64,
    redacted: u64,
    /// The erased notes that no redaction has named so far.
    unnamed: BTreeMap<u64, LineSpan>,
    /// The events whose notes count as erased, but are still in the file.
    pending: BTreeSet<u64>,
    sealed_through: Option<Timestamp>,
    failed: Option<LogError>,
}

impl Audit<'_> {
    /// The rules that a valid line breaks.
    fn sound(&mut self, entry: &Entry<'_>, place: LineSpan) -> Vec<Broken> {
        let offset = place.offset;
        if matches!(entry.note, Some(Note::Redacted(_))) {
            self.redacted = self.redacted.saturating_add(1);
            self.unnamed.insert(entry.seq, place);
        }
        if let Event::Redact { event } = entry.event {
            self.unnamed.remove(&event);
        }
        if self.damage > 0 {
            return Vec::new();
        }
        self.lookout.see(entry.seq, &entry.hash);
        if let Some(tree) = &mut self.tree {
            tree.see(entry);
        }
        if self.first.is_none() {
            self.first = Some((entry.seq, entry.hash));
        }
        if self.cutoff.counts(entry) {
            self.newest = Some((entry.seq, entry.hash));
        }
        let log = self.log;
        match entry.event {
            Event::Redact { event } => match log.keeps_note(event, offset) {
                Ok(true) => {
                    self.pending.insert(event);
                }
                Ok(false) => {}
                Err(error) => {
                    self.failed.get_or_insert(error);
                }
            },
            Event::Seal { through, .. } => self.sealed_through = Some(through),
            Event::Unseal { through } => self.sealed_through = through,
            _ => {}
        }
        let target = |seq| {
            let entry = log.entry_before(seq, offset)?;
            Ok(entry.map(|entry| entry.record))
        };
        match self.rules.ask(entry, target) {
            Ok(broken) => {
                let count = as_u64(broken.len());
                self.broken_rules = self.broken_rules.saturating_add(count);
                broken
            }
            Err(error) => {
                self.failed.get_or_insert(error);
                Vec::new()
            }
        }
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
