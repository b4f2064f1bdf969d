//! What a key does to the state. Nothing here reads, draws or waits.

use event_ledger::replay::EventOrder;
use event_ledger::time::{Moment, Position, Step, Timestamp, When};
use ratatui::crossterm::event::KeyCode;

use super::links::links_of;
use super::state::{
    ExploreState, LogView, Overlay, Prompt, PromptKind, SearchHits, TimeCursor, TimeMark,
};
use super::view::LAST_OF_HELP;
use crate::failure::Failure;
use crate::output::sentence::counted;

/// How many keys further the help goes at once: the smallest window has so many.
const SOME_KEYS: usize = 5;

/// Events were recorded; there were so many before.
#[derive(Clone, Debug)]
pub(crate) struct Grown {
    pub(crate) before: usize,
    /// The new ones that a search finds.
    pub(crate) hits: Vec<u32>,
}

/// What the program has to do after a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Nothing,
    Quit,
    /// Search the log for a text in lower case.
    Search(String),
}

impl ExploreState {
    /// Takes a key, and tells what there is to do.
    pub(crate) fn press(&mut self, key: KeyCode, log: LogView<'_>) -> Wanted {
        self.message = None;
        match self.overlay.take() {
            Some(Overlay::Prompt(prompt)) => self.type_into(prompt, key, log),
            Some(Overlay::Help { first }) => self.key_over_help(first, key),
            Some(Overlay::Event { seq, link }) => self.key_over_event(seq, link, key, log),
            None => self.key(key, log),
        }
    }

    fn key(&mut self, key: KeyCode, log: LogView<'_>) -> Wanted {
        let position = self.place.position;
        match key {
            KeyCode::Left => self.go_to_position(position.saturating_sub(1), log),
            KeyCode::Right => self.go_to_position(position.saturating_add(1), log),
            KeyCode::PageUp => self.step_back(Step::Day, log),
            KeyCode::PageDown => self.step_on(Step::Day, log),
            KeyCode::Char('[') => self.step_back(Step::Month, log),
            KeyCode::Char(']') => self.step_on(Step::Month, log),
            KeyCode::Home => self.go_to_position(0, log),
            KeyCode::End => self.go_to_position(log.index.len(), log),
            KeyCode::Up => self.choose_account(|index, _| index.saturating_sub(1)),
            KeyCode::Down => {
                self.choose_account(|index, last| index.saturating_add(1).min(last));
            }
            KeyCode::Enter => {
                let seq = self.place.seq;
                self.overlay = seq.map(|seq| Overlay::Event { seq, link: 0 });
                if seq.is_none() {
                    self.message = Some("no event has happened yet".to_owned());
                }
            }
            KeyCode::Esc => {
                self.search = None;
            }
            KeyCode::Char('t') => self.prompt(PromptKind::GoTo, String::new()),
            KeyCode::Char('/') => self.prompt(PromptKind::Search, String::new()),
            KeyCode::Char('a') => self.prompt(PromptKind::Accounts, self.filter.clone()),
            KeyCode::Char('n') => self.next_hit(true, log),
            KeyCode::Char('N') => self.next_hit(false, log),
            KeyCode::Char('k') => self.toggle_order(log),
            KeyCode::Char('m') => self.toggle_mark(),
            KeyCode::Char('c') => self.shows_chart = !self.shows_chart,
            KeyCode::Char('?') => self.overlay = Some(Overlay::Help { first: 0 }),
            KeyCode::Char('q') => return Wanted::Quit,
            _ => {}
        }
        Wanted::Nothing
    }

    fn go_to_position(&mut self, position: usize, log: LogView<'_>) {
        self.place = TimeCursor::at(position, self.order, log);
    }

    fn go_to_moment(&mut self, moment: Timestamp, log: LogView<'_>) {
        self.place = TimeCursor::at_moment(moment, self.order, log);
    }

    /// Goes to the end of the period before the one that is shown.
    fn step_back(&mut self, step: Step, log: LogView<'_>) {
        let Some(time) = self.time(log) else {
            return;
        };
        match log.zone.period(step, time).first.previous_micro() {
            Some(moment) => self.go_to_moment(moment, log),
            None => self.go_to_position(0, log),
        }
    }

    /// Goes to the end of the period after the one that is shown; before the first event, to the end of
    /// its period.
    fn step_on(&mut self, step: Step, log: LogView<'_>) {
        let end = |moment| log.zone.period(step, moment).last;
        let moment = match self.time(log) {
            Some(time) => end(time).next_micro().map(end),
            None => log.index.orders().time_at(self.order, 1).map(end),
        };
        match moment {
            Some(moment) => self.go_to_moment(moment, log),
            None => self.go_to_position(log.index.len(), log),
        }
    }

    fn choose_account(&mut self, next: impl Fn(usize, usize) -> usize) {
        let Some(last) = self.listed.len().checked_sub(1) else {
            return;
        };
        let chosen = self.listed.iter().position(|id| Some(*id) == self.account);
        let index = chosen.map_or(0, |index| next(index, last));
        self.account = self.listed.get(index).copied().or(self.account);
    }

    /// Shows the same event in the other order.
    fn toggle_order(&mut self, log: LogView<'_>) {
        let was_at_the_end = self.is_at_the_end(log);
        self.order = match self.order {
            EventOrder::Effective => EventOrder::Recorded,
            EventOrder::Recorded => EventOrder::Effective,
        };
        let position = match self.place.seq {
            _ if was_at_the_end => log.index.len(),
            Some(seq) => log.index.orders().position_of(self.order, seq),
            None => 0,
        };
        self.go_to_position(position, log);
        self.message = Some(
            match self.order {
                EventOrder::Effective => "by the time at which events took effect",
                EventOrder::Recorded => "by the time at which events were recorded",
            }
            .to_owned(),
        );
    }

    /// Sets the mark here, or takes it away if it is here.
    fn toggle_mark(&mut self) {
        let here = TimeMark {
            order: self.order,
            place: self.place,
        };
        self.mark = (self.mark != Some(here)).then_some(here);
    }

    fn prompt(&mut self, kind: PromptKind, text: String) {
        self.overlay = Some(Overlay::Prompt(Prompt {
            kind,
            text,
            error: None,
        }));
    }

    fn type_into(&mut self, mut prompt: Prompt, key: KeyCode, log: LogView<'_>) -> Wanted {
        prompt.error = None;
        match key {
            KeyCode::Char(c) => prompt.text.push(c),
            KeyCode::Backspace => drop(prompt.text.pop()),
            KeyCode::Esc => {
                if prompt.kind == PromptKind::Accounts {
                    self.set_filter(String::new(), log);
                }
                return Wanted::Nothing;
            }
            KeyCode::Enter => return self.entered(prompt, log),
            // While accounts are filtered, one can be chosen.
            KeyCode::Up | KeyCode::Down if prompt.kind == PromptKind::Accounts => {
                self.key(key, log);
            }
            _ => {}
        }
        if prompt.kind == PromptKind::Accounts {
            self.set_filter(prompt.text.clone(), log);
        }
        self.overlay = Some(Overlay::Prompt(prompt));
        Wanted::Nothing
    }

    fn entered(&mut self, prompt: Prompt, log: LogView<'_>) -> Wanted {
        let text = prompt.text.trim().to_owned();
        match prompt.kind {
            PromptKind::Accounts => Wanted::Nothing,
            PromptKind::GoTo if text.is_empty() => Wanted::Nothing,
            PromptKind::GoTo => {
                if let Err(error) = self.go_to(&text, log) {
                    self.overlay = Some(Overlay::Prompt(Prompt {
                        error: Some(error),
                        ..prompt
                    }));
                }
                Wanted::Nothing
            }
            PromptKind::Search if text.is_empty() => {
                self.search = None;
                Wanted::Nothing
            }
            PromptKind::Search => {
                let text = text.to_lowercase();
                self.search = Some(SearchHits {
                    text: text.clone(),
                    found: None,
                });
                Wanted::Search(text)
            }
        }
    }

    fn go_to(&mut self, text: &str, log: LogView<'_>) -> Result<(), String> {
        let said = |error: anyhow::Error| Failure::from(error).message();
        let when = When::parse(text).map_err(|error| said(error.into()))?;
        let moment = when
            .resolve(log.now, log.zone)
            .map_err(|error| said(error.into()))?;
        let last = log.index.len();
        let missing = || format!("the log ends with event {last}");
        let seq = match &moment {
            Moment::Position(Position::Seq(seq)) => usize::try_from(*seq).ok(),
            Moment::Position(Position::BeforeHead(back)) => usize::try_from(*back)
                .ok()
                .and_then(|back| last.checked_sub(back)),
            Moment::Position(Position::Hash(_)) => {
                return Err("name an event by its number: seq:17".to_owned());
            }
            Moment::At(_) | Moment::Span(_) => {
                if let Some(moment) = moment.until() {
                    self.go_to_moment(moment, log);
                }
                return Ok(());
            }
        };
        let seq = seq.filter(|seq| *seq <= last).ok_or_else(missing)?;
        self.go_to_event(u32::try_from(seq).unwrap_or(0), log);
        Ok(())
    }

    /// Goes to an event and shows one of its accounts.
    pub(super) fn go_to_event(&mut self, seq: u32, log: LogView<'_>) {
        let position = if seq == 0 {
            0
        } else {
            log.index.orders().position_of(self.order, seq)
        };
        self.go_to_position(position, log);
        self.show_account_of(Some(seq).filter(|seq| *seq > 0), log);
    }

    fn set_filter(&mut self, filter: String, log: LogView<'_>) {
        if filter == self.filter {
            return;
        }
        self.filter = filter;
        self.list_accounts(log);
        let is_listed = self.account.is_some_and(|id| self.listed.contains(&id));
        if !is_listed {
            self.account = self.listed.first().copied().or(self.account);
        }
    }

    /// Takes the events that a search has found.
    pub(crate) fn take_hits(&mut self, text: &str, seqs: &[u32], log: LogView<'_>) {
        let Some(search) = &mut self.search else {
            return;
        };
        if search.text != text {
            return;
        }
        search.found = Some(seqs.to_vec());
        let here = self.place.seq.filter(|seq| seqs.binary_search(seq).is_ok());
        if here.is_some() {
            self.show_account_of(here, log);
            self.say_hit(seqs, log);
        } else {
            self.next_hit(true, log);
        }
    }

    /// Goes to the next hit in time, or the one before; from the last to the first.
    fn next_hit(&mut self, on: bool, log: LogView<'_>) {
        let Some(search) = &self.search else {
            self.message = Some("nothing is searched for: / searches".to_owned());
            return;
        };
        let Some(seqs) = search.found.clone() else {
            return;
        };
        let position = |seq: &u32| log.index.orders().position_of(self.order, *seq);
        let here = self.place.position;
        let found = if on {
            let later = seqs.iter().filter(|seq| position(seq) > here);
            later
                .min_by_key(|seq| position(seq))
                .or_else(|| seqs.iter().min_by_key(|seq| position(seq)))
        } else {
            let earlier = seqs.iter().filter(|seq| position(seq) < here);
            earlier
                .max_by_key(|seq| position(seq))
                .or_else(|| seqs.iter().max_by_key(|seq| position(seq)))
        };
        match found.copied() {
            Some(seq) => {
                self.go_to_event(seq, log);
                self.say_hit(&seqs, log);
            }
            None => self.message = Some(format!("no event with `{}`", search.text)),
        }
    }

    fn say_hit(&mut self, seqs: &[u32], log: LogView<'_>) {
        let here = self.place.position;
        let before = seqs
            .iter()
            .filter(|seq| log.index.orders().position_of(self.order, **seq) <= here)
            .count();
        let text = self.search.as_ref().map_or("", |search| &search.text);
        self.message = Some(format!("`{text}`: {before} of {}", seqs.len()));
    }

    fn key_over_help(&mut self, first: usize, key: KeyCode) -> Wanted {
        let first = match key {
            KeyCode::Up => first.saturating_sub(1),
            KeyCode::Down => first.saturating_add(1).min(LAST_OF_HELP),
            KeyCode::PageUp => first.saturating_sub(SOME_KEYS),
            KeyCode::PageDown => first.saturating_add(SOME_KEYS).min(LAST_OF_HELP),
            KeyCode::Char('q') => return Wanted::Quit,
            // Any other key closes it.
            _ => return Wanted::Nothing,
        };
        self.overlay = Some(Overlay::Help { first });
        Wanted::Nothing
    }

    fn key_over_event(&mut self, seq: u32, link: usize, key: KeyCode, log: LogView<'_>) -> Wanted {
        let links = links_of(seq, log);
        let link = match key {
            KeyCode::Up => link.saturating_sub(1),
            KeyCode::Down => link.saturating_add(1).min(links.len().saturating_sub(1)),
            KeyCode::Enter => {
                if let Some(chosen) = links.get(link) {
                    self.go_to_event(chosen.seq, log);
                    self.overlay = Some(Overlay::Event {
                        seq: chosen.seq,
                        link: 0,
                    });
                }
                return Wanted::Nothing;
            }
            KeyCode::Char('q') => return Wanted::Quit,
            KeyCode::Left | KeyCode::Right => {
                // Walks on with the event open.
                self.key(key, log);
                let seq = self.place.seq;
                self.overlay = seq.map(|seq| Overlay::Event { seq, link: 0 });
                return Wanted::Nothing;
            }
            _ => return Wanted::Nothing,
        };
        self.overlay = Some(Overlay::Event { seq, link });
        Wanted::Nothing
    }

    /// Takes in events that were recorded meanwhile. At the end it stays at the end.
    pub(crate) fn grow(&mut self, Grown { before, hits }: Grown, log: LogView<'_>) {
        self.place = if self.place.position == before {
            TimeCursor::at(log.index.len(), self.order, log)
        } else {
            self.place.after_growth(self.order, log)
        };
        if let Some(mark) = &mut self.mark {
            mark.place = mark.place.after_growth(mark.order, log);
        }
        let found = self.search.as_mut();
        if let Some(found) = found.and_then(|search| search.found.as_mut()) {
            found.extend(hits);
        }
        self.list_accounts(log);
        self.account = self.account.or_else(|| self.listed.first().copied());
        let count = log.index.len().saturating_sub(before);
        self.message = Some(counted(count, "new event"));
    }
}
