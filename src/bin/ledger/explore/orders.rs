//! The two orders of events: as they were recorded, and as they took effect.

use event_ledger::time::Timestamp;

/// The order in which time is moved through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TimeOrder {
    /// When events took effect, as `--until`.
    #[default]
    Effective,
    /// When events were recorded, as `--known-at`.
    Recorded,
}

impl TimeOrder {
    pub(super) fn other(self) -> TimeOrder {
        match self {
            TimeOrder::Effective => TimeOrder::Recorded,
            TimeOrder::Recorded => TimeOrder::Effective,
        }
    }
}

/// The times of events in both orders. Positions count events from 1; position 0 is before the first.
#[derive(Debug, Default)]
pub(crate) struct EventOrders {
    /// When each event was recorded and took effect, by number less 1, in microseconds.
    recorded: Vec<i64>,
    effective: Vec<i64>,
    /// The numbers of the events in the order in which they took effect.
    by_effect: Vec<u32>,
    /// The inverse: the position of each event in that order, by number less 1.
    effect_positions: Vec<u32>,
}

impl EventOrders {
    pub(super) fn push(&mut self, recorded: Timestamp, effective: Timestamp) {
        self.recorded.push(recorded.unix_micros());
        self.effective.push(effective.unix_micros());
    }

    /// Brings the order of effect up to the events taken.
    pub(super) fn settle(&mut self) {
        let taken = self.by_effect.len();
        let total = self.recorded.len();
        let first_new = u32::try_from(taken).unwrap_or(u32::MAX).saturating_add(1);
        let last_new = u32::try_from(total).unwrap_or(u32::MAX);
        let effective = &self.effective;
        let effect_of = |seq: u32| get(effective, seq).unwrap_or_default();
        let mut before = self.by_effect.last().map(|seq| effect_of(*seq));
        let mut is_in_order = true;
        for seq in first_new..=last_new {
            let own = effect_of(seq);
            is_in_order &= before.is_none_or(|before| before <= own);
            before = Some(own);
            self.by_effect.push(seq);
        }
        if is_in_order {
            // What is new comes after all others, in the order of recording.
            self.effect_positions.extend(first_new..=last_new);
            return;
        }
        // At one moment, in the order of recording.
        self.by_effect.sort_by_key(|seq| (effect_of(*seq), *seq));
        self.effect_positions = vec![0; total];
        for (position, seq) in (1_u32..).zip(&self.by_effect) {
            if let Some(own) = get_mut(&mut self.effect_positions, *seq) {
                *own = position;
            }
        }
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.recorded.len()
    }

    /// The number of the event at a position; none before the first.
    pub(crate) fn seq_at(&self, order: TimeOrder, position: usize) -> Option<u32> {
        let index = position.checked_sub(1)?;
        match order {
            TimeOrder::Recorded => (index < self.len())
                .then(|| u32::try_from(position).ok())
                .flatten(),
            TimeOrder::Effective => self.by_effect.get(index).copied(),
        }
    }

    /// The position of an event.
    pub(crate) fn position_of(&self, order: TimeOrder, seq: u32) -> usize {
        usize::try_from(self.place_of(order, seq)).unwrap_or(usize::MAX)
    }

    fn place_of(&self, order: TimeOrder, seq: u32) -> u32 {
        match order {
            TimeOrder::Recorded => seq,
            TimeOrder::Effective => self.effect_position(seq),
        }
    }

    /// The position of an event in the order of effect.
    pub(super) fn effect_position(&self, seq: u32) -> u32 {
        get(&self.effect_positions, seq).unwrap_or_default()
    }

    /// The time of an event in an order.
    pub(crate) fn time_of(&self, order: TimeOrder, seq: u32) -> Option<Timestamp> {
        let times = match order {
            TimeOrder::Recorded => &self.recorded,
            TimeOrder::Effective => &self.effective,
        };
        Timestamp::from_unix_micros(get(times, seq)?)
    }

    /// The time of the event at a position.
    pub(crate) fn time_at(&self, order: TimeOrder, position: usize) -> Option<Timestamp> {
        self.time_of(order, self.seq_at(order, position)?)
    }

    /// The last position at or before a moment.
    pub(crate) fn position_at(&self, order: TimeOrder, moment: Timestamp) -> usize {
        let moment = moment.unix_micros();
        match order {
            TimeOrder::Recorded => self.recorded.partition_point(|at| *at <= moment),
            TimeOrder::Effective => self
                .by_effect
                .partition_point(|seq| get(&self.effective, *seq).is_some_and(|own| own <= moment)),
        }
    }

    /// A position, for histories.
    pub(crate) fn moment(&self, order: TimeOrder, position: usize) -> HistoryMoment<'_> {
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
    order: TimeOrder,
    position: usize,
}

impl HistoryMoment<'_> {
    pub(super) fn order(&self) -> TimeOrder {
        self.order
    }

    /// True if an event counts at this moment.
    pub(super) fn counts(&self, seq: u32) -> bool {
        self.orders.position_of(self.order, seq) <= self.position
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
