//! What the cells of each column hold, found in one pass before any of them is relied on.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use hashbrown::HashSet;

use super::super::days::{self, DateDetector};
use super::super::figures::{self, DecimalMark, DecimalMarkDetector};
use super::super::options::Options;
use super::super::text::ReadSeek;
use super::super::words::NOT_BOOKED;
use super::super::{Fault, ImportError, currencies};
use super::columns::{self, ColumnRole, ColumnRoles};
use super::headers::{ACCOUNTS, IDS, KINDS, NO_MONEY};
use super::records::CsvRecord;
use super::rows::{RowKind, RowSorter};
use super::table::CsvTable;
use crate::money::Currency;

/// How many different values of a column are kept.
const VALUES: usize = 40;

/// What the cells of one column hold, of the rows that are movements.
#[derive(Default)]
pub(super) struct ColumnProfile {
    /// The header, folded.
    pub(super) header: String,
    pub(super) filled: u64,
    /// Cells that read like numbers, and those of them that are not zero, are below zero, have a
    /// fraction or a direction beside them.
    pub(super) numbers: u64,
    pub(super) nonzero: u64,
    pub(super) negative: u64,
    pub(super) fractions: u64,
    pub(super) marked: u64,
    /// Cells that are words for a direction.
    pub(super) directions: u64,
    /// Cells that are codes of currencies.
    currencies: u64,
    /// Different values with their first lines, up to a number.
    pub(super) values: Vec<(u64, String)>,
    pub(super) has_more_values: bool,
    not_booked: Option<(u64, String)>,
    /// Digests of the values of a column that may number the rows.
    ids: Option<HashSet<u64>>,
    pub(super) marks: DecimalMarkDetector<(u64, usize)>,
}

/// What the columns of a file hold.
pub(super) struct Survey {
    pub(super) profiles: Vec<ColumnProfile>,
    pub(super) dates: DateDetector<u64>,
    /// How many rows are movements.
    pub(super) movements: u64,
}

impl Survey {
    /// Looks at all rows.
    pub(super) fn of(
        input: &mut dyn ReadSeek,
        table: &CsvTable,
        columns: &ColumnRoles,
        sorter: &RowSorter,
        options: &Options,
    ) -> Result<Survey, ImportError> {
        let profile = |name: &String| {
            let header = columns::fold(name);
            ColumnProfile {
                ids: IDS.contains(&header.as_str()).then(HashSet::new),
                header,
                ..ColumnProfile::default()
            }
        };
        let mut survey = Survey {
            profiles: table.header.iter().map(profile).collect(),
            dates: DateDetector::new(options.date_format.as_ref()),
            movements: 0,
        };
        let date = columns.one(&ColumnRole::Date).unwrap_or_default();
        let mut wrong_date = None;
        let mut rows = table.rows(input, options)?;
        while let Some(record) = rows.next()? {
            if sorter.kind(&record) != RowKind::Movement {
                continue;
            }
            table.check_width(&record)?;
            survey.movements = survey.movements.saturating_add(1);
            for (place, profile) in (0..).zip(&mut survey.profiles) {
                profile.add(&record, place, options);
            }
            let cell = record.field(date);
            let added = survey.dates.add(|| record.line, cell);
            if let Err((line, fault)) = added
                && wrong_date.is_none()
            {
                wrong_date = Some((line, fault));
            }
        }
        survey.ask_for_states(table, columns, sorter)?;
        match wrong_date {
            Some((line, fault)) => Err(fault.at(table.place(line, date))),
            None => Ok(survey),
        }
    }

    pub(super) fn profile(&self, place: usize) -> Option<&ColumnProfile> {
        self.profiles.get(place)
    }

    /// The columns of which this is true.
    fn places<'s>(
        &'s self,
        is_one: impl Fn(usize, &ColumnProfile) -> bool + 's,
    ) -> impl Iterator<Item = usize> + 's {
        let profiles = (0..).zip(&self.profiles);
        profiles.filter_map(move |(place, profile)| is_one(place, profile).then_some(place))
    }

    /// Refuses rows of several states, or in one that may never be booked.
    fn ask_for_states(
        &self,
        table: &CsvTable,
        columns: &ColumnRoles,
        sorter: &RowSorter,
    ) -> Result<(), ImportError> {
        let state = columns.one(&ColumnRole::State);
        let date = columns.one(&ColumnRole::Date);
        for (place, profile) in (0..).zip(&self.profiles) {
            let is_state = Some(place) == state;
            let is_short = !profile.has_more_values || is_state || Some(place) == date;
            let is_ignored = columns.all(&ColumnRole::Ignore).any(|own| own == place);
            if sorter.is_settled(place) || is_ignored {
                continue;
            }
            let pending = profile.not_booked.as_ref().filter(|_| is_short);
            let second = profile.values.get(1).filter(|_| is_state);
            let Some((line, value)) = pending.or(second) else {
                continue;
            };
            let first = profile.values.first().map(|(_, value)| value);
            let first = first.filter(|first| *first != value);
            let fault = Fault::States {
                column: table.name(place),
                values: first.into_iter().chain([value]).cloned().collect(),
                pending: pending.map(|(_, value)| value.clone()),
            };
            return Err(fault.at(table.place(*line, place)));
        }
        Ok(())
    }

    /// The decimal mark of a column: as its numbers allow, otherwise as those of others.
    pub(super) fn mark(
        &self,
        table: &CsvTable,
        money: &[usize],
        others: &[usize],
        asked: Option<DecimalMark>,
    ) -> Result<DecimalMark, ImportError> {
        let mut all = DecimalMarkDetector::default();
        for profile in money.iter().filter_map(|place| self.profile(*place)) {
            all.merge(&profile.marks);
        }
        if all.is_open() && asked.is_none() {
            let decided = others
                .iter()
                .filter_map(|place| self.profile(*place))
                .find(|profile| profile.marks.is_decided());
            if let Some(mark) = decided.and_then(|profile| profile.marks.mark(None).ok()) {
                return Ok(mark);
            }
        }
        all.mark(asked)
            .map_err(|((line, column), fault)| fault.at(table.place(line, column)))
    }

    /// Columns of numbers with fractions that no field claims: each could be the money.
    pub(super) fn unclaimed_money(&self, columns: &ColumnRoles) -> Vec<usize> {
        let is_money = |place, profile: &ColumnProfile| {
            profile.numbers > 0
                && profile.numbers == profile.filled
                && profile.nonzero > 0
                && (profile.fractions > 0 || profile.marked > 0)
                && !NO_MONEY.contains(&profile.header.as_str())
                && columns.claims_no_money(place)
        };
        self.places(is_money).collect()
    }

    /// The names of the columns of text that have no role: neither figures nor dates, and not the same
    /// on every row.
    pub(super) fn unused_texts(
        &self,
        table: &CsvTable,
        columns: &ColumnRoles,
        words: &[usize],
    ) -> Vec<String> {
        let is_one = |place, profile: &ColumnProfile| {
            let varies = profile.has_more_values || profile.values.len() > 1 || self.movements == 1;
            let is_date = |(_, value): &(u64, String)| days::is_like_one(value);
            profile.numbers < profile.filled
                && varies
                && !profile.values.iter().all(is_date)
                && profile.ids.is_none()
                && !columns.has_role(place)
                && !words.contains(&place)
        };
        self.places(is_one).map(|place| table.name(place)).collect()
    }

    /// Columns that hold words for a direction on every row and nothing else.
    pub(super) fn direction_columns(&self, columns: &ColumnRoles) -> Vec<usize> {
        let is_one = |place, profile: &ColumnProfile| {
            let is_memo = columns.all(&ColumnRole::Memo).any(|own| own == place);
            // A short text of a memo is a direction by chance.
            let is_long = |(_, value): &(u64, String)| value.chars().count() > 3;
            self.movements > 0
                && profile.filled == self.movements
                && profile.directions == profile.filled
                && columns.claims_no_money(place)
                && (!is_memo || profile.values.iter().all(is_long))
        };
        self.places(is_one).collect()
    }

    /// A column that may be a direction although its words are not all known: half of them are, or
    /// there are at most two of them under a header that speaks of a kind.
    pub(super) fn half_known_directions(&self, columns: &ColumnRoles) -> Option<usize> {
        let memo = columns.one(&ColumnRole::Memo);
        let is_one = |place, profile: &ColumnProfile| {
            let header = &profile.header;
            let is_kind = header.is_empty() || KINDS.iter().any(|word| header.contains(word));
            let is_half =
                profile.directions > 0 && profile.directions.saturating_mul(2) >= profile.filled;
            let is_pair =
                self.movements > 0 && profile.values.len() <= 2 && profile.numbers == 0 && is_kind;
            profile.filled == self.movements
                && profile.directions < profile.filled
                && (is_half || is_pair)
                && Some(place) != memo
                && columns.claims_no_money(place)
        };
        self.places(is_one).next()
    }

    /// The column of currencies that no header names; several different ones are a question.
    pub(super) fn currency_column(
        &self,
        table: &CsvTable,
        columns: &ColumnRoles,
    ) -> Result<Option<usize>, ImportError> {
        let is_one = |place, profile: &ColumnProfile| {
            self.movements > 0
                && profile.currencies == self.movements
                && columns.claims_no_money(place)
        };
        let values = |place: usize| {
            let values = self.profile(place).into_iter().flat_map(|own| &own.values);
            values.map(|(_, value)| value)
        };
        let mut found = self.places(is_one);
        let Some(first) = found.next() else {
            return Ok(None);
        };
        match found.find(|other| values(*other).ne(values(first))) {
            None => Ok(Some(first)),
            Some(other) => {
                let fault = columns::two(&ColumnRole::Currency, &table.header, first, other);
                Err(fault.on_line(table.line))
            }
        }
    }

    /// The column that numbers the rows: filled on every row, no value twice.
    pub(super) fn id_column(&self) -> Option<usize> {
        let is_one = |_, profile: &ColumnProfile| {
            let ids = profile.ids.as_ref();
            let count = ids.and_then(|ids| u64::try_from(ids.len()).ok());
            // Small numbers are those of the rows of this file.
            let is_small = |(_, value): &(u64, String)| {
                value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit())
            };
            self.movements > 0
                && count == Some(self.movements)
                && !profile.values.iter().all(is_small)
        };
        self.places(is_one).next()
    }

    /// Refuses a file whose rows are of several accounts that nothing tells apart.
    pub(super) fn ask_for_accounts(
        &self,
        table: &CsvTable,
        columns: &ColumnRoles,
        sorter: &RowSorter,
    ) -> Result<(), ImportError> {
        if columns.is_mapped(&ColumnRole::Account) {
            return Ok(());
        }
        for (place, profile) in (0..).zip(&self.profiles) {
            let is_account = ACCOUNTS.contains(&profile.header.as_str());
            if !is_account || columns.is_settled(place) || sorter.is_settled(place) {
                continue;
            }
            let is_filled = |own: &&(u64, String)| !own.1.is_empty();
            let filled: Vec<_> = profile.values.iter().filter(is_filled).collect();
            if let [_, (line, _), ..] = filled.as_slice() {
                let values = filled.iter().take(3).map(|(_, value)| value.clone());
                let fault = Fault::AccountColumn {
                    column: table.name(place),
                    values: values.collect(),
                };
                return Err(fault.at(table.place(*line, place)));
            }
        }
        Ok(())
    }
}

impl ColumnProfile {
    fn add(&mut self, record: &CsvRecord, place: usize, options: &Options) {
        let cell = record.field(place);
        let is_known = self.values.iter().any(|(_, value)| value == cell);
        if !is_known {
            if self.values.len() < VALUES {
                self.values.push((record.line, cell.to_owned()));
            } else {
                self.has_more_values = true;
            }
        }
        if cell.is_empty() {
            return;
        }
        self.filled = self.filled.saturating_add(1);
        if let Some(ids) = &mut self.ids {
            ids.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(cell));
        }
        let number = figures::take_apart(cell);
        if let Some(number) = number.filter(|number| currencies::can_be_money(number.unit)) {
            let count = |counter: &mut u64, is_one: bool| {
                *counter = counter.saturating_add(u64::from(is_one));
            };
            let is_zero = !number
                .digits
                .bytes()
                .any(|byte| matches!(byte, b'1'..=b'9'));
            count(&mut self.numbers, true);
            count(&mut self.nonzero, !is_zero);
            count(&mut self.negative, number.negative && !is_zero);
            count(&mut self.fractions, number.digits.contains([',', '.']));
            count(&mut self.marked, number.direction.is_some() && !is_zero);
            self.marks.add(&(record.line, place), number.digits);
            return;
        }
        if options.direction_of(cell).is_some() {
            self.directions = self.directions.saturating_add(1);
        }
        if Currency::new(cell).is_some_and(currencies::is_iso) {
            self.currencies = self.currencies.saturating_add(1);
        }
        if self.not_booked.is_none()
            && cell.len() <= 24
            && NOT_BOOKED.contains(&cell.to_lowercase().as_str())
        {
            self.not_booked = Some((record.line, cell.to_owned()));
        }
    }
}
