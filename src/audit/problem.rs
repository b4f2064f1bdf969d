//! The kinds of damage to a log, by name, and which of them can be repaired without loss.

use std::fmt;

/// The damage of a part of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// An append that never finished.
    TornTail,
    /// The last line lacks its line feed.
    MissingLineFeed,
    /// A note that counts as erased is still in the file.
    PendingErasure,
    /// A byte order mark before the first line.
    ByteOrderMark,
    /// Lines that end with a carriage return.
    CarriageReturns,
    /// Lines with nothing in them.
    BlankLines,
    /// Blanks around a line.
    StrayBlanks,
    /// Several events on one line.
    GluedLines,
    /// Lines that are repeated byte for byte.
    DoubledLines,
    /// The marks of a merge that was not finished.
    MergeMarks,
    /// A second history of events that are there already.
    Fork,
    /// Events that are not there.
    MissingLines,
    /// Longer than a line may be.
    TooLong,
    /// Bytes that are not what was written: bit rot, or an edit.
    ChangedBytes,
    /// Written by a later ledger.
    NewerVersion,
    /// The end is missing, according to a head that was kept elsewhere.
    CutEnd,
    /// Another log than the one a head was taken from.
    OtherLog,
    /// Sound lines that break a rule of the ledger.
    BrokenRule,
    /// An event in another currency than its account's, so that there is no balance.
    OtherCurrency,
    /// A zone in the first line that this build does not know.
    UnknownZone,
}

impl ProblemKind {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            ProblemKind::TornTail => "torn_tail",
            ProblemKind::MissingLineFeed => "missing_line_feed",
            ProblemKind::PendingErasure => "pending_erasure",
            ProblemKind::ByteOrderMark => "byte_order_mark",
            ProblemKind::CarriageReturns => "carriage_returns",
            ProblemKind::BlankLines => "blank_lines",
            ProblemKind::StrayBlanks => "stray_blanks",
            ProblemKind::GluedLines => "glued_lines",
            ProblemKind::DoubledLines => "doubled_lines",
            ProblemKind::MergeMarks => "merge_marks",
            ProblemKind::Fork => "fork",
            ProblemKind::MissingLines => "missing_lines",
            ProblemKind::TooLong => "too_long",
            ProblemKind::ChangedBytes => "changed_bytes",
            ProblemKind::NewerVersion => "newer_version",
            ProblemKind::CutEnd => "cut_end",
            ProblemKind::OtherLog => "other_log",
            ProblemKind::BrokenRule => "broken_rule",
            ProblemKind::OtherCurrency => "other_currency",
            ProblemKind::UnknownZone => "unknown_zone",
        }
    }

    /// True if it can be repaired without losing anything that counts.
    pub fn is_repairable(self) -> bool {
        matches!(
            self,
            ProblemKind::TornTail
                | ProblemKind::MissingLineFeed
                | ProblemKind::PendingErasure
                | ProblemKind::ByteOrderMark
                | ProblemKind::CarriageReturns
                | ProblemKind::BlankLines
                | ProblemKind::StrayBlanks
                | ProblemKind::GluedLines
                | ProblemKind::DoubledLines
        )
    }

    /// True if the log can be read despite it.
    pub fn is_harmless(self) -> bool {
        matches!(
            self,
            ProblemKind::TornTail
                | ProblemKind::MissingLineFeed
                | ProblemKind::PendingErasure
                | ProblemKind::UnknownZone
        )
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A problem of a log, and its first occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// The first affected line, counted from 1; `None` if the problem has no line.
    pub line: Option<u64>,
    /// That place's offset, counted from 0.
    pub byte: Option<u64>,
    /// How many places show it.
    pub count: u64,
    /// A short description of the problem.
    pub detail: String,
}
