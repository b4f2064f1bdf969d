//! [`Link`]: how an event relates to an earlier one.

/// How an event relates to an earlier one, which it names by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Undoes the whole of that event, which should not have happened.
    Reverses(u64),
    /// Takes money that this hold set aside.
    Captures {
        /// The number of the hold.
        hold: u64,
        /// True if the rest stays on hold; otherwise the rest is released.
        keep: bool,
    },
    /// Replaces that event. The event directly before is that event's reversal.
    Corrects(u64),
    /// Gives back part or all of that event, which was right.
    Refunds(u64),
}

impl Link {
    /// The number of the event that is named.
    pub fn target(self) -> u64 {
        match self {
            Link::Captures { hold: seq, .. }
            | Link::Reverses(seq)
            | Link::Corrects(seq)
            | Link::Refunds(seq) => seq,
        }
    }
}
