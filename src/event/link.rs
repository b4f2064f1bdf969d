//! [`Link`]: how an event relates to an earlier one.

/// How an event relates to an earlier one, which it names by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Undoes the whole of that event.
    Reverses(u64),
}

impl Link {
    /// The number of the event that is named.
    pub fn target(self) -> u64 {
        match self {
            Link::Reverses(seq) => seq,
        }
    }
}
