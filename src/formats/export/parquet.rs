//! Parquet: the rows of the CSV with types, for DuckDB and its like.
//!
//! Owns the columns' types. Money is a decimal of 38 digits, nine of them behind the point, so that
//! every amount and every sum a database makes of them is exact; times are UTC with microseconds;
//! tags are a map.

use std::sync::Arc;

use ::parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;

use super::calendar::Calendar;
use super::row::{Row, currency, rows};
use super::{About, Export, ExportError, Format, Kind};
use crate::event::{Entry, Key};
use crate::money::Currency;
use crate::time::Timestamp;

const NAME: &str = "parquet";
pub(super) const FORMAT: Format = Format {
    name: NAME,
    kind: Kind::Binary,
    tells_the_first_line: false,
    make: |about| Box::new(Parquet::new(about)),
};

const SCHEMA: &str = "
message ledger {
  required int64 seq;
  required int32 date (DATE);
  required int64 effective (TIMESTAMP(MICROS,true));
  required int64 at (TIMESTAMP(MICROS,true));
  required binary type (STRING);
  required binary account (STRING);
  optional binary other_account (STRING);
  required fixed_len_byte_array(16) amount (DECIMAL(38,9));
  optional binary currency (STRING);
  optional binary memo (STRING);
  optional group tags (MAP) {
    repeated group key_value {
      required binary key (STRING);
      required binary value (STRING);
    }
  }
  optional binary key (STRING);
  optional int64 reverses;
}";

/// Rows wait until there are so many of them, or so many bytes of text.
const MOST_ROWS: usize = 64 * 1024;
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

struct Parquet {
    about: About,
    calendar: Calendar,
    rows: Columns,
    writer: Option<SerializedFileWriter<Vec<u8>>>,
}

fn failed(error: &ParquetError) -> ExportError {
    ExportError::Library {
        format: NAME,
        reason: error.to_string(),
    }
}

impl Parquet {
    fn new(about: &About) -> Parquet {
        Parquet {
            about: about.clone(),
            calendar: Calendar::new(&about.zone),
            rows: Columns::default(),
            writer: None,
        }
    }

    fn hand_over(&mut self, out: &mut Vec<u8>) -> Result<(), ParquetError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let rows = std::mem::take(&mut self.rows);
        if rows.seq.is_empty() {
            return Ok(());
        }
        let mut group = writer.next_row_group()?;
        rows.write(&mut group)?;
        group.close()?;
        // The writer counts what it has written for itself, so the bytes need not stay.
        out.append(writer.inner_mut());
        Ok(())
    }
}

impl Export for Parquet {
    fn head(&mut self, remarks: &[String], _: &mut Vec<u8>) -> Result<(), ExportError> {
        let opening = &self.about.opening;
        let facts = vec![
            KeyValue::new("ledger".to_owned(), opening.id.to_string()),
            KeyValue::new("zone".to_owned(), opening.zone.to_string()),
            KeyValue::new("export".to_owned(), remarks.join("; ")),
        ];
        let properties = WriterProperties::builder()
            .set_key_value_metadata(Some(facts))
            .build();
        let schema = parse_message_type(SCHEMA).map_err(|error| failed(&error))?;
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties));
        self.writer = Some(writer.map_err(|error| failed(&error))?);
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let currency = currency(&entry.event, &self.about);
        let date = days(self.calendar.day(entry));
        for row in rows(entry, &self.about.selection) {
            self.rows.push(entry, currency, date, &row);
        }
        if self.rows.seq.len() >= MOST_ROWS || self.rows.bytes >= MOST_BYTES {
            self.hand_over(out).map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        self.hand_over(out).map_err(|error| failed(&error))?;
        if let Some(writer) = self.writer.take() {
            let mut rest = writer.into_inner().map_err(|error| failed(&error))?;
            out.append(&mut rest);
        }
        Ok(())
    }
}

/// A date as days since 1970-01-01.
fn days(date: &str) -> i32 {
    let midnight = format!("{date}T00:00:00.000000Z");
    let midnight = Timestamp::from_canonical(midnight.as_bytes());
    let days = midnight.map_or(0, |at| at.unix_micros().div_euclid(DAY));
    i32::try_from(days).unwrap_or_default()
}

/// Values that may be absent: those that are there, and which are.
struct Optional<T> {
    values: Vec<T>,
    there: Vec<i16>,
}

impl<T> Default for Optional<T> {
    fn default() -> Optional<T> {
        Optional {
            values: Vec::new(),
            there: Vec::new(),
        }
    }
}

impl<T> Optional<T> {
    fn push(&mut self, value: Option<T>) {
        self.there.push(i16::from(value.is_some()));
        self.values.extend(value);
    }
}

/// A map in each row, laid out flat: `there` is 0 for no map and 2 for a pair, `goes_on` is 1 for
/// every pair of a row but its first.
#[derive(Default)]
struct Maps {
    keys: Vec<ByteArray>,
    values: Vec<ByteArray>,
    there: Vec<i16>,
    goes_on: Vec<i16>,
}

/// Rows, laid out by columns.
#[derive(Default)]
struct Columns {
    seq: Vec<i64>,
    date: Vec<i32>,
    effective: Vec<i64>,
    at: Vec<i64>,
    kind: Vec<ByteArray>,
    account: Vec<ByteArray>,
    other_account: Optional<ByteArray>,
    amount: Vec<FixedLenByteArray>,
    currency: Optional<ByteArray>,
    memo: Optional<ByteArray>,
    tags: Maps,
    key: Optional<ByteArray>,
    reverses: Optional<i64>,
    bytes: usize,
}

impl Columns {
    fn push(&mut self, entry: &Entry<'_>, currency: Option<Currency>, date: i32, row: &Row<'_>) {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let code = currency.map(Currency::text);
        self.seq.push(number(entry.seq));
        self.date.push(date);
        self.effective.push(entry.took_effect().unix_micros());
        self.at.push(entry.at.unix_micros());
        self.kind.push(ByteArray::from(entry.event.kind().as_str()));
        self.account.push(ByteArray::from(row.account));
        self.other_account.push(row.other.map(ByteArray::from));
        let billionths = row.change.billionths().to_be_bytes();
        self.amount
            .push(FixedLenByteArray::from(billionths.to_vec()));
        self.currency
            .push(code.map(|code| ByteArray::from(code.as_str())));
        self.memo.push(entry.memo().map(ByteArray::from));
        self.push_tags(entry);
        let key = entry.key.as_ref().map(Key::as_str);
        self.key.push(key.map(ByteArray::from));
        self.reverses.push(entry.reverses().map(number));
        let memo = entry.memo().map_or(0, str::len);
        self.bytes = self.bytes.saturating_add(memo).saturating_add(256);
    }

    fn push_tags(&mut self, entry: &Entry<'_>) {
        let tags = &mut self.tags;
        if entry.tags().is_empty() {
            tags.there.push(0);
            tags.goes_on.push(0);
        }
        for (index, (key, value)) in entry.tags().iter().enumerate() {
            tags.keys.push(ByteArray::from(key));
            tags.values.push(ByteArray::from(value));
            tags.there.push(2);
            tags.goes_on.push(i16::from(index > 0));
            self.bytes = self
                .bytes
                .saturating_add(key.len())
                .saturating_add(value.len());
        }
    }

    /// Writes them as one group; the order is that of the schema.
    fn write(self, group: &mut Group<'_>) -> Result<(), ParquetError> {
        column::<Int64Type>(group, &self.seq, None, None)?;
        column::<Int32Type>(group, &self.date, None, None)?;
        column::<Int64Type>(group, &self.effective, None, None)?;
        column::<Int64Type>(group, &self.at, None, None)?;
        column::<ByteArrayType>(group, &self.kind, None, None)?;
        column::<ByteArrayType>(group, &self.account, None, None)?;
        optional::<ByteArrayType>(group, &self.other_account)?;
        column::<FixedLenByteArrayType>(group, &self.amount, None, None)?;
        optional::<ByteArrayType>(group, &self.currency)?;
        optional::<ByteArrayType>(group, &self.memo)?;
        let tags = &self.tags;
        for values in [&tags.keys, &tags.values] {
            column::<ByteArrayType>(group, values, Some(&tags.there), Some(&tags.goes_on))?;
        }
        optional::<ByteArrayType>(group, &self.key)?;
        optional::<Int64Type>(group, &self.reverses)
    }
}

type Group<'g> = SerializedRowGroupWriter<'g, Vec<u8>>;

fn optional<T: DataType>(
    group: &mut Group<'_>,
    column: &Optional<T::T>,
) -> Result<(), ParquetError> {
    self::column::<T>(group, &column.values, Some(&column.there), None)
}

fn column<T: DataType>(
    group: &mut Group<'_>,
    values: &[T::T],
    there: Option<&[i16]>,
    goes_on: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let no_column = || ParquetError::General("the schema has fewer columns".to_owned());
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column.typed::<T>().write_batch(values, there, goes_on)?;
    column.close()
}
