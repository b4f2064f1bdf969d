//! Parquet: the rows of the CSV export with types, for DuckDB and similar programs.
//!
//! Amounts are decimals of 38 digits with nine decimal places, so that sums in a database are exact.
//! Times are UTC with microseconds. Tags are a map.

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

use super::day::DayFormatter;
use super::exporter::{ContentKind, ExportContext, ExportError, ExportFormat, Exporter};
use super::row::{AccountRow, currency, links, rows};
use crate::event::{Entry, Key};
use crate::money::Currency;
use crate::time::Timestamp;

const NAME: &str = "parquet";
pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: NAME,
    kind: ContentKind::Binary,
    is_by_event: false,
    make: |context| Box::new(Parquet::new(context)),
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
  optional int64 captures;
  optional int64 corrects;
  optional int64 refunds;
}";

/// Limits of a row group: rows and bytes of text.
const MOST_ROWS: usize = 64 * 1024;
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

struct Parquet {
    context: ExportContext,
    day: DayFormatter,
    rows: ParquetRows,
    writer: Option<SerializedFileWriter<Vec<u8>>>,
}

impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> ExportError {
        ExportError::Library {
            format: NAME,
            reason: error.to_string(),
        }
    }
}

impl Parquet {
    fn new(context: &ExportContext) -> Parquet {
        Parquet {
            context: context.clone(),
            day: DayFormatter::new(&context.zone),
            rows: ParquetRows::default(),
            writer: None,
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), ParquetError> {
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
        // The writer counts its bytes itself, so they can be taken away here.
        out.append(writer.inner_mut());
        Ok(())
    }
}

impl Exporter for Parquet {
    fn start(&mut self, remarks: &[String], _: &mut Vec<u8>) -> Result<(), ExportError> {
        let opening = &self.context.opening;
        let facts = vec![
            KeyValue::new("ledger".to_owned(), opening.id.to_string()),
            KeyValue::new("zone".to_owned(), opening.zone.to_string()),
            KeyValue::new("export".to_owned(), remarks.join("; ")),
        ];
        let properties = WriterProperties::builder()
            .set_key_value_metadata(Some(facts))
            .set_created_by(super::recognise::CREATED_BY.to_owned())
            .build();
        let schema = parse_message_type(SCHEMA)?;
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties));
        self.writer = Some(writer?);
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let currency = currency(&entry.event, &self.context);
        let date = days(self.day.day(entry));
        for row in rows(entry, &self.context.selection) {
            self.rows.push(entry, row.currency.or(currency), date, &row);
        }
        if self.rows.seq.len() >= MOST_ROWS || self.rows.bytes >= MOST_BYTES {
            self.flush(out)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        self.flush(out)?;
        if let Some(writer) = self.writer.take() {
            let mut rest = writer.into_inner()?;
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

/// A column of optional values: the values, and for each row whether it has one.
#[derive(Default)]
struct OptionalColumn<T> {
    values: Vec<T>,
    definition: Vec<i16>,
}

impl<T> OptionalColumn<T> {
    fn push(&mut self, value: Option<T>) {
        self.definition.push(i16::from(value.is_some()));
        self.values.extend(value);
    }
}

/// A column of maps in Parquet's flat layout: the definition level is 0 for an empty map and 2 for a
/// pair, the repetition level is 1 for every pair after the first of a row.
#[derive(Default)]
struct MapColumn {
    keys: Vec<ByteArray>,
    values: Vec<ByteArray>,
    definition: Vec<i16>,
    repetition: Vec<i16>,
}

/// Rows, stored by column.
#[derive(Default)]
struct ParquetRows {
    seq: Vec<i64>,
    date: Vec<i32>,
    effective: Vec<i64>,
    at: Vec<i64>,
    kind: Vec<ByteArray>,
    account: Vec<ByteArray>,
    other_account: OptionalColumn<ByteArray>,
    amount: Vec<FixedLenByteArray>,
    currency: OptionalColumn<ByteArray>,
    memo: OptionalColumn<ByteArray>,
    tags: MapColumn,
    key: OptionalColumn<ByteArray>,
    /// `reverses`, `captures`, `corrects`, `refunds`.
    links: [OptionalColumn<i64>; 4],
    bytes: usize,
}

impl ParquetRows {
    fn push(
        &mut self,
        entry: &Entry<'_>,
        currency: Option<Currency>,
        date: i32,
        row: &AccountRow<'_>,
    ) {
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
        for (column, link) in self.links.iter_mut().zip(links(entry)) {
            column.push(link.map(number));
        }
        let memo = entry.memo().map_or(0, str::len);
        self.bytes = self.bytes.saturating_add(memo).saturating_add(256);
    }

    fn push_tags(&mut self, entry: &Entry<'_>) {
        let tags = &mut self.tags;
        if entry.tags().is_empty() {
            tags.definition.push(0);
            tags.repetition.push(0);
        }
        for (index, (key, value)) in entry.tags().iter().enumerate() {
            tags.keys.push(ByteArray::from(key));
            tags.values.push(ByteArray::from(value));
            tags.definition.push(2);
            tags.repetition.push(i16::from(index > 0));
            self.bytes = self
                .bytes
                .saturating_add(key.len())
                .saturating_add(value.len());
        }
    }

    /// Writes the rows as one group, in the order of the schema.
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
            column::<ByteArrayType>(
                group,
                values,
                Some(&tags.definition),
                Some(&tags.repetition),
            )?;
        }
        optional::<ByteArrayType>(group, &self.key)?;
        for link in &self.links {
            optional::<Int64Type>(group, link)?;
        }
        Ok(())
    }
}

type Group<'g> = SerializedRowGroupWriter<'g, Vec<u8>>;

fn optional<T: DataType>(
    group: &mut Group<'_>,
    column: &OptionalColumn<T::T>,
) -> Result<(), ParquetError> {
    self::column::<T>(group, &column.values, Some(&column.definition), None)
}

fn column<T: DataType>(
    group: &mut Group<'_>,
    values: &[T::T],
    definition: Option<&[i16]>,
    repetition: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let no_column = || ParquetError::General("the schema has fewer columns".to_owned());
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column
        .typed::<T>()
        .write_batch(values, definition, repetition)?;
    column.close()
}
