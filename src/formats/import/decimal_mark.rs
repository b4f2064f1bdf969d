//! [`DecimalMark`]: point or comma.

/// The character between units and fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `12,50`
    Comma,
    /// `12.50`
    Point,
}

impl DecimalMark {
    pub(super) fn character(self) -> char {
        match self {
            DecimalMark::Comma => ',',
            DecimalMark::Point => '.',
        }
    }

    pub(super) fn other(self) -> DecimalMark {
        match self {
            DecimalMark::Comma => DecimalMark::Point,
            DecimalMark::Point => DecimalMark::Comma,
        }
    }
}
