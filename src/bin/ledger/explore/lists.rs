//! Lists of what is kept of each event. There may be many millions, so they are compact, and growing does
//! not copy them.

use event_ledger::money::Balance;

/// Values in one piece of a list. An account with few events takes no more than these.
const PIECE: usize = 512;

/// A list that grows at its end.
#[derive(Debug)]
pub(super) struct GrowingList<T> {
    /// All of one length.
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

impl<T> Default for GrowingList<T> {
    fn default() -> GrowingList<T> {
        GrowingList {
            full: Vec::new(),
            last: Vec::new(),
        }
    }
}

impl<T: Copy> GrowingList<T> {
    pub(super) fn push(&mut self, value: T) {
        if self.last.len() >= PIECE {
            let next = Vec::with_capacity(PIECE);
            self.full.push(std::mem::replace(&mut self.last, next));
        }
        self.last.push(value);
    }

    fn pieces(&self) -> impl Iterator<Item = &Vec<T>> {
        self.full.iter().chain([&self.last])
    }

    pub(super) fn len(&self) -> usize {
        let full = self.full.len().saturating_mul(PIECE);
        full.saturating_add(self.last.len())
    }

    pub(super) fn get(&self, index: usize) -> Option<T> {
        let number = index / PIECE;
        let is_last = number == self.full.len();
        let last = is_last.then_some(&self.last);
        let piece = last.or_else(|| self.full.get(number))?;
        piece.get(index % PIECE).copied()
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut T> {
        self.last.last_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = T> {
        self.iter_from(0)
    }

    /// The values from an index on.
    pub(super) fn iter_from(&self, index: usize) -> impl Iterator<Item = T> {
        let pieces = self.pieces().skip(index / PIECE);
        pieces.flatten().copied().skip(index % PIECE)
    }

    /// How many values at the start of the list fulfil a condition that no later one does.
    pub(super) fn partition_point(&self, holds: impl Fn(T) -> bool) -> usize {
        let starts = |piece: &Vec<T>| piece.first().copied().is_some_and(&holds);
        let full = self.full.partition_point(starts);
        let is_in_last = full == self.full.len() && starts(&self.last);
        let before = if is_in_last {
            Some(full)
        } else {
            full.checked_sub(1)
        };
        let Some(before) = before else {
            return 0;
        };
        let piece = self.full.get(before).unwrap_or(&self.last);
        let own = piece.partition_point(|value| holds(*value));
        before.saturating_mul(PIECE).saturating_add(own)
    }
}

impl<T: Copy> FromIterator<T> for GrowingList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> GrowingList<T> {
        let mut list = GrowingList::default();
        for value in values {
            list.push(value);
        }
        list
    }
}

/// The indexes of values in their order. Most values come after all before them, and few need to be sorted.
pub(super) fn sorted_indexes(values: impl Iterator<Item = u32>) -> impl Iterator<Item = usize> {
    let (mut in_order, mut late) = (Vec::new(), Vec::new());
    let mut highest = 0;
    for (value, index) in values.zip(0_u32..) {
        if value < highest {
            late.push((value, index));
        } else {
            highest = value;
            in_order.push((value, index));
        }
    }
    late.sort_unstable();
    merged(in_order, late).map(|(_, index)| usize::try_from(index).unwrap_or(usize::MAX))
}

/// Two sorted lists as one.
pub(super) fn merged<T: Copy + Ord>(
    one: impl IntoIterator<Item = T>,
    other: Vec<T>,
) -> impl Iterator<Item = T> {
    let mut one = one.into_iter().peekable();
    let mut other = other.into_iter().peekable();
    std::iter::from_fn(move || {
        let next = other.peek().copied();
        match one.next_if(|value| next.is_none_or(|next| *value <= next)) {
            Some(value) => Some(value),
            None => other.next(),
        }
    })
}

/// Balances, in 64 bits each as long as all of them fit.
#[derive(Debug)]
pub(super) enum BalanceList {
    Narrow(GrowingList<i64>),
    Wide(GrowingList<Balance>),
}

impl Default for BalanceList {
    fn default() -> BalanceList {
        BalanceList::Narrow(GrowingList::default())
    }
}

impl BalanceList {
    pub(super) fn push(&mut self, balance: Balance) {
        match (&mut *self, narrow(balance)) {
            (BalanceList::Narrow(list), Some(balance)) => list.push(balance),
            (BalanceList::Narrow(list), None) => {
                let mut list: GrowingList<Balance> = list.iter().map(wide).collect();
                list.push(balance);
                *self = BalanceList::Wide(list);
            }
            (BalanceList::Wide(list), _) => list.push(balance),
        }
    }

    /// Puts a balance in the place of the last.
    pub(super) fn replace_last(&mut self, balance: Balance) {
        match (&mut *self, narrow(balance)) {
            (BalanceList::Narrow(list), Some(balance)) => {
                if let Some(last) = list.last_mut() {
                    *last = balance;
                }
            }
            (BalanceList::Narrow(list), None) => {
                *self = BalanceList::Wide(list.iter().map(wide).collect());
                self.replace_last(balance);
            }
            (BalanceList::Wide(list), _) => {
                if let Some(last) = list.last_mut() {
                    *last = balance;
                }
            }
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Balance> {
        match self {
            BalanceList::Narrow(list) => list.get(index).map(wide),
            BalanceList::Wide(list) => list.get(index),
        }
    }
}

fn narrow(balance: Balance) -> Option<i64> {
    i64::try_from(balance.billionths()).ok()
}

fn wide(billionths: i64) -> Balance {
    Balance::from_billionths(i128::from(billionths))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_in_pieces_is_a_list() {
        let mut list = GrowingList::default();
        assert_eq!(
            (list.len(), list.get(0), list.iter().next()),
            (0, None, None)
        );
        assert_eq!(list.partition_point(|_: usize| true), 0);
        for value in 0..=3 * PIECE {
            list.push(value);
            assert_eq!(list.len(), value + 1);
        }
        assert!(list.iter().eq(0..=3 * PIECE));
        for index in 0..list.len() {
            assert_eq!(list.get(index), Some(index));
            assert!(list.iter_from(index).eq(index..list.len()));
            assert_eq!(list.partition_point(|value| value < index), index);
        }
        assert_eq!(list.get(list.len()), None);
        assert_eq!(list.partition_point(|_| true), list.len());
    }

    proptest! {
        #[test]
        fn indexes_are_in_the_order_of_their_values(values in vec(0_u32..20, 0..20)) {
            let mut sorted: Vec<usize> = (0..values.len()).collect();
            sorted.sort_by_key(|index| values[*index]);
            let found: Vec<usize> = sorted_indexes(values.iter().copied()).collect();
            prop_assert_eq!(found, sorted);
        }
    }

    #[test]
    fn balances_of_any_size_are_kept_as_they_are() {
        let small = Balance::from_billionths(i128::from(i64::MIN));
        let large = Balance::from_billionths(i128::from(i64::MAX) + 1);
        let mut list = BalanceList::default();
        list.push(small);
        list.replace_last(small);
        assert_eq!((list.get(0), list.get(1)), (Some(small), None));
        list.push(large);
        list.push(small);
        let kept: Vec<_> = (0..4).map(|index| list.get(index)).collect();
        assert_eq!(kept, [Some(small), Some(large), Some(small), None]);
        let mut replaced = BalanceList::default();
        replaced.push(small);
        replaced.push(small);
        replaced.replace_last(large);
        assert_eq!(
            (replaced.get(0), replaced.get(1)),
            (Some(small), Some(large))
        );
    }
}
