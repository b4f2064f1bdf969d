//! The two orders of events: as they were recorded, and as they took effect.

use event_ledger::replay::EventOrder;
use event_ledger::time::Timestamp;

use super::lists::merged;

/// The times of events in both orders. Positions count events from 1; position 0 is before the first.
#[derive(Debug, Default)]
pub(crate) struct EventOrders {
    /// When each event was recorded, by number less 1, in microseconds.
    recorded: Vec<i64>,
    /// The events that took effect at another time, and when, by number.
    moved: MovedEvents,
    /// The latest time at which one of the events took effect.
    latest: Option<i64>,
    /// The order of effect, if that is another one.
    by_effect: Option<EffectOrder>,
    is_settled: bool,
}

/// Events with their own time of effect.
#[derive(Debug, Default)]
struct MovedEvents {
    seqs: Vec<u32>,
    times: Vec<i64>,
}

#[derive(Debug, Default)]
struct EffectOrder {
    /// The numbers of the events in the order in which they took effect; at one moment, in the order
    /// of recording.
    seqs: Vec<u32>,
    /// The inverse: the position of each event in that order, by number less 1.
    positions: Vec<u32>,
}

impl EventOrders {
    pub(super) fn push(&mut self, recorded: Timestamp, effective: Timestamp) {
        let (recorded, effective) = (recorded.unix_micros(), effective.unix_micros());
        self.recorded.push(recorded);
        if recorded != effective
            && let Ok(seq) = u32::try_from(self.recorded.len())
        {
            self.moved.seqs.push(seq);
            self.moved.times.push(effective);
        }
        let is_next = self.latest.is_none_or(|latest| latest <= effective);
        self.latest = self.latest.max(Some(effective));
        if !is_next || self.by_effect.is_some() {
            // Made by `settle`.
            self.by_effect.get_or_insert_default();
            self.is_settled = false;
        }
    }

    /// Brings the order of effect up to the events taken.
    pub(super) fn settle(&mut self) {
        if self.by_effect.is_none() || self.is_settled {
            return;
        }
        let times = self.moved.times.iter().copied();
        let mut moved: Vec<(i64, u32)> = times.zip(self.moved.seqs.iter().copied()).collect();
        moved.sort_unstable();
        // All others took effect in the order of recording.
        let mut moved_seqs = self.moved.seqs.iter().peekable();
        let recorded = self.recorded.iter().copied().zip(1_u32..);
        let others = recorded.filter(|(_, seq)| moved_seqs.next_if_eq(&seq).is_none());
        let seqs: Vec<u32> = merged(others, moved).map(|(_, seq)| seq).collect();
        let mut positions = vec![0; self.recorded.len()];
        for (position, seq) in (1_u32..).zip(&seqs) {
            if let Some(own) = get_mut(&mut positions, *seq) {
                *own = position;
            }
        }
        self.by_effect = Some(EffectOrder { seqs, positions });
        self.is_settled = true;
    }

    pub(crate) fn len(&self) -> usize {
        self.recorded.len()
    }

    /// The number of the event at a position; none before the first.
    pub(crate) fn seq_at(&self, order: EventOrder, position: usize) -> Option<u32> {
        let index = position.checked_sub(1)?;
        match (order, &self.by_effect) {
            (EventOrder::Effective, Some(by_effect)) => by_effect.seqs.get(index).copied(),
            _ => (index < self.len())
                .then(|| u32::try_from(position).ok())
                .flatten(),
        }
    }

    pub(crate) fn position_of(&self, order: EventOrder, seq: u32) -> usize {
        usize::try_from(self.place_of(order, seq)).unwrap_or(usize::MAX)
    }

    fn place_of(&self, order: EventOrder, seq: u32) -> u32 {
        match order {
            EventOrder::Recorded => seq,
            EventOrder::Effective => self.effect_position(seq),
        }
    }

    /// The position of an event in the order of effect.
    pub(super) fn effect_position(&self, seq: u32) -> u32 {
        match &self.by_effect {
            Some(by_effect) => get(&by_effect.positions, seq).unwrap_or_default(),
            None => seq,
        }
    }

    pub(crate) fn time_of(&self, order: EventOrder, seq: u32) -> Option<Timestamp> {
        Timestamp::from_unix_micros(self.micros_of(order, seq)?)
    }

    fn micros_of(&self, order: EventOrder, seq: u32) -> Option<i64> {
        let recorded = get(&self.recorded, seq)?;
        match order {
            EventOrder::Recorded => Some(recorded),
            EventOrder::Effective => Some(self.moved.time_of(seq).unwrap_or(recorded)),
        }
    }

    pub(crate) fn time_at(&self, order: EventOrder, position: usize) -> Option<Timestamp> {
        self.time_of(order, self.seq_at(order, position)?)
    }

    /// The last position at or before a moment.
    pub(crate) fn position_at(&self, order: EventOrder, moment: Timestamp) -> usize {
        let moment = moment.unix_micros();
        let is_reached = |position: usize| {
            let seq = self.seq_at(order, position);
            let time = seq.and_then(|seq| self.micros_of(order, seq));
            time.is_some_and(|time| time <= moment)
        };
        // Up to `low` they are, after `high` they are not.
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.saturating_add(high.saturating_sub(low).div_ceil(2));
            if is_reached(middle) {
                low = middle;
            } else {
                high = middle.saturating_sub(1);
            }
        }
        low
    }

    pub(crate) fn moment(&self, order: EventOrder, position: usize) -> HistoryMoment<'_> {
        HistoryMoment {
            orders: self,
            order,
            position,
        }
    }
}

/// A position in one of the orders.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistoryMoment<'o> {
    orders: &'o EventOrders,
    order: EventOrder,
    position: usize,
}

impl HistoryMoment<'_> {
    pub(super) fn order(&self) -> EventOrder {
        self.order
    }

    /// True if an event counts at this moment.
    pub(super) fn counts(&self, seq: u32) -> bool {
        self.orders.position_of(self.order, seq) <= self.position
    }
}

impl MovedEvents {
    fn time_of(&self, seq: u32) -> Option<i64> {
        let index = self.seqs.binary_search(&seq).ok()?;
        self.times.get(index).copied()
    }
}

/// What is kept for an event, in a list by number less 1.
fn get<T: Copy>(list: &[T], seq: u32) -> Option<T> {
    list.get(usize::try_from(seq).ok()?.checked_sub(1)?)
        .copied()
}

fn get_mut<T>(list: &mut [T], seq: u32) -> Option<&mut T> {
    list.get_mut(usize::try_from(seq).ok()?.checked_sub(1)?)
}
