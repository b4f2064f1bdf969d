//! Where a condition on a figure turns: the events after which it is no longer true, or true again.
//!
//! Conditions are tested after every event, in one pass, in the order in which events were recorded or
//! took effect. The two events of a correction count as one if they follow each other.

mod tracker;
mod turn;

use crate::accounts::Overflow;
use crate::event::{Entry, Link};
use crate::time::Timestamp;

use super::FigureCondition;
use tracker::{Effect, Tracker};
pub use turn::{AccountFigures, Turn};

/// In which order events are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventOrder {
    /// That of the log; holds are looked at when the event was recorded.
    #[default]
    Recorded,
    /// That in which they took effect; holds are looked at when the event took effect.
    Effective,
}

/// Finds where conditions turn while entries are read.
#[derive(Debug)]
pub struct TurnFinder {
    order: EventOrder,
    trackers: Vec<Tracker>,
    /// In effective order: all events to test, until the whole log is read.
    steps: Vec<EventFigures>,
    /// The reversal that may be the first event of a correction: tested unless a correction follows.
    postponed: Option<EventFigures>,
    turns: Vec<Turn>,
    events: u64,
}

/// An event, as far as it changes the figures of conditions.
#[derive(Clone, Debug)]
struct EventFigures {
    moment: Timestamp,
    seq: u64,
    /// The event that it reverses, if it may be the first event of a correction.
    starts_correction_of: Option<u64>,
    corrects: Option<u64>,
    /// Each for the condition with this index.
    effects: Vec<(usize, Effect)>,
}

impl TurnFinder {
    /// Of these conditions; every turn, or only the first at which each is not true.
    pub fn new(
        conditions: Vec<FigureCondition>,
        order: EventOrder,
        every_turn: bool,
    ) -> TurnFinder {
        let tracker = |condition| Tracker::new(condition, every_turn);
        TurnFinder {
            order,
            trackers: conditions.into_iter().map(tracker).collect(),
            steps: Vec::new(),
            postponed: None,
            turns: Vec::new(),
            events: 0,
        }
    }

    /// Takes a counted entry.
    ///
    /// # Errors
    /// [`Overflow::Total`] if a sum does not fit.
    pub fn take(&mut self, entry: &Entry<'_>) -> Result<(), Overflow> {
        self.events = self.events.saturating_add(1);
        let mut effects = Vec::new();
        for (index, tracker) in self.trackers.iter_mut().enumerate() {
            tracker.effects_of(entry, |effect| effects.push((index, effect)));
        }
        if effects.is_empty() && !self.trackers.iter().any(Tracker::depends_on_time) {
            return Ok(());
        }
        let step = EventFigures {
            moment: match self.order {
                EventOrder::Recorded => entry.at,
                EventOrder::Effective => entry.took_effect(),
            },
            seq: entry.seq,
            starts_correction_of: entry.reverses().filter(|_| entry.more),
            corrects: match entry.link {
                Some(Link::Corrects(target)) => Some(target),
                _ => None,
            },
            effects,
        };
        match self.order {
            EventOrder::Recorded => self.step(step),
            EventOrder::Effective => {
                self.steps.push(step);
                Ok(())
            }
        }
    }

    /// The turns, in the order in which events were asked.
    ///
    /// # Errors
    /// [`Overflow::Total`] if a sum does not fit.
    pub fn finish(mut self) -> Result<Vec<Turn>, Overflow> {
        let mut steps = std::mem::take(&mut self.steps);
        steps.sort_by_key(|step| (step.moment, step.seq));
        for step in steps {
            self.step(step)?;
        }
        if let Some(last) = self.postponed.take() {
            self.ask(&[last])?;
        }
        Ok(self.turns)
    }

    /// How many events were taken.
    pub fn events(&self) -> u64 {
        self.events
    }

    fn step(&mut self, step: EventFigures) -> Result<(), Overflow> {
        if let Some(reversal) = self.postponed.take() {
            let is_pair = step.corrects.is_some()
                && step.corrects == reversal.starts_correction_of
                && reversal.seq.checked_add(1) == Some(step.seq)
                && (self.order == EventOrder::Recorded || reversal.moment == step.moment);
            if is_pair {
                return self.ask(&[reversal, step]);
            }
            self.ask(&[reversal])?;
        }
        if step.starts_correction_of.is_some() {
            self.postponed = Some(step);
            return Ok(());
        }
        self.ask(&[step])
    }

    /// Applies steps that count as one event, and asks the conditions after them.
    fn ask(&mut self, steps: &[EventFigures]) -> Result<(), Overflow> {
        let Some(last) = steps.last() else {
            return Ok(());
        };
        for (index, tracker) in self.trackers.iter_mut().enumerate() {
            let own = steps.iter().flat_map(|step| {
                let effects = step.effects.iter();
                let own = effects.filter(|(condition, _)| *condition == index);
                own.map(|(_, effect)| (step.seq, effect))
            });
            let turn = tracker.ask(last.moment, own)?;
            self.turns.extend(turn.map(|turn| Turn {
                condition: index,
                seq: last.seq,
                ..turn
            }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
