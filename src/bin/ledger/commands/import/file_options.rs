//! What the user says about the file: as flags, or as a profile in TOML with the same words.

use std::io::Read as _;
use std::path::Path;

use anyhow::bail;
use clap::{Args, ValueEnum};
use event_ledger::formats::import::{
    DateFormat, DecimalMark, Encoding, Footer, ImportFormat, OptionError, Options, Pair, SignRule,
    Skip, ValueMap,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::commands::writing;
use crate::failure::{Correction, Failure, Hint};
use crate::flags::optional;
use crate::input_file;
use crate::output_file::{OutputFile, OutputTarget, beginning};

/// The first line of a profile.
const PROFILE: &str = "# Flags of `ledger import` for files of one kind.\n";

/// A file of another program, described where it does not describe itself.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "About the file")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct FileOptions {
    /// Format: csv, ofx, camt053, mt940, hledger or jsonl
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    from: Option<ForeignFormat>,
    /// Account of the statement; `main` unless named
    #[arg(short, long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Currency of amounts without one
    #[arg(long, value_name = "CURRENCY")]
    currency: Option<String>,
    /// Turn every sign round, as some card statements need
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    invert: bool,
    /// Map file columns to fields: date=Buchungstag,amount=Betrag
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    map: Vec<String>,
    /// Replace a value: `account:Main Account=giro`, `currency:R$=BRL` (repeatable)
    #[arg(long, value_name = "FIELD:OLD=NEW")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    value: Vec<String>,
    /// Decimal mark: comma or point
    #[arg(long, value_name = "MARK", hide_possible_values = true)]
    decimal: Option<Decimal>,
    /// Date format: %d.%m.%Y, %m/%d/%y, %I:%M %p
    #[arg(long, value_name = "PATTERN")]
    date_format: Option<String>,
    /// Character between fields: `;`, `,` or tab
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// Skip N lines before the header; `auto` finds the header
    #[arg(long, value_name = "N")]
    #[serde(deserialize_with = "number_or_text")]
    skip_lines: Option<String>,
    /// Skip N lines at the end; `auto` ends after the last row
    #[arg(long, value_name = "N")]
    #[serde(deserialize_with = "number_or_text")]
    skip_footer: Option<String>,
    /// The file has no header: columns are numbers, as in date=#1
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_header: bool,
    /// Identify rows by their content, not by their numbers
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_content: bool,
    /// Import only rows with this value (repeatable)
    #[arg(long, value_name = "COLUMN=VALUE")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    only: Vec<String>,
    /// Leave out rows with this value (repeatable)
    #[arg(long, value_name = "COLUMN=VALUE")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skip: Vec<String>,
    /// Import rows with this value although they read like balances
    #[arg(long, value_name = "COLUMN=VALUE")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    movement: Vec<String>,
    /// Word for money in, in the direction column (repeatable)
    #[arg(long = "in", value_name = "WORD")]
    #[serde(rename = "in", skip_serializing_if = "Vec::is_empty")]
    in_words: Vec<String>,
    /// Word for money out, in the direction column (repeatable)
    #[arg(long = "out", value_name = "WORD")]
    #[serde(rename = "out", skip_serializing_if = "Vec::is_empty")]
    out_words: Vec<String>,
    /// What decides the direction: sign, word, or both (a minus turns the word round)
    #[arg(long, value_name = "RULE", hide_possible_values = true)]
    direction: Option<DirectionRule>,
    /// Do not check the balances of the file
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_balance_check: bool,
    /// Encoding, if not UTF-8: windows-1252, utf-16le
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ForeignFormat {
    Csv,
    Ofx,
    #[value(alias = "camt", alias = "camt.053")]
    Camt053,
    Mt940,
    Hledger,
    Jsonl,
    #[value(hide = true)]
    Qif,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decimal {
    Comma,
    Point,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DirectionRule {
    Sign,
    Word,
    Both,
}

/// A number in TOML may be written as one.
fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum NumberOrText {
        Number(u64),
        Text(String),
    }
    Ok(Some(match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => number.to_string(),
        NumberOrText::Text(text) => text,
    }))
}

/// The format that a file has by its name.
fn likely_format(name: &Path) -> Option<&'static str> {
    let extension = name.extension()?.to_str()?.to_lowercase();
    Some(match &*extension {
        "csv" | "tsv" => "csv",
        "ofx" | "qfx" => "ofx",
        "xml" | "camt" => "camt053",
        "sta" | "mt940" | "940" => "mt940",
        "journal" | "hledger" | "ledger" => "hledger",
        "jsonl" | "ndjson" => "jsonl",
        _ => return None,
    })
}

impl FileOptions {
    /// The options of a profile, with those that are given as flags in their place.
    pub(super) fn with_rules(self, path: &Path) -> anyhow::Result<FileOptions> {
        let shown = path.display().to_string();
        let mut text = String::new();
        input_file::open(path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .map_err(|error| Failure::io(format!("cannot read {shown}: {error}")))?;
        let rules: FileOptions = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| {
                let before = text.get(..span.start).unwrap_or_default();
                before.matches('\n').count().saturating_add(1)
            });
            let place = line.map_or_else(|| shown.clone(), |line| format!("{shown}, line {line}"));
            Failure::usage(format!("{place}: {}", error.message().trim()))
                .with_hint("a profile has the words of the flags: from = \"csv\", account = \"giro\", map = [\"date=Tag\"]")
        })?;
        // What was given takes its place.
        let merge = || {
            let mut all = toml::Table::try_from(rules)?;
            all.extend(toml::Table::try_from(self)?);
            Ok(all)
        };
        let all = merge().map_err(|error: toml::ser::Error| not_written(&error))?;
        Ok(all.try_into().map_err(|error| not_written(&error))?)
    }

    /// Starts the file of a profile, before anything is recorded: what refuses it is found first.
    pub(super) fn start_profile(path: &Path, log: &Path) -> anyhow::Result<OutputFile> {
        let target = OutputTarget::new(path, log, "--save-rules giro.toml", |file| {
            let front = beginning(file, 200)?;
            Ok(front.is_empty() || front.starts_with(PROFILE.as_bytes()))
        })?;
        Ok(target.create()?)
    }

    pub(super) fn save(&self, mut file: OutputFile) -> Result<(), Failure> {
        let text = toml::to_string(self).map_err(|error| not_written(&error))?;
        file.put(PROFILE.as_bytes())?;
        file.put(text.as_bytes())?;
        file.commit()?;
        Ok(())
    }

    pub(super) fn format(&self, name: Option<&Path>) -> anyhow::Result<ImportFormat> {
        Ok(match self.from {
            Some(ForeignFormat::Csv) => ImportFormat::Csv,
            Some(ForeignFormat::Ofx) => ImportFormat::Ofx,
            Some(ForeignFormat::Camt053) => ImportFormat::Camt053,
            Some(ForeignFormat::Mt940) => ImportFormat::Mt940,
            Some(ForeignFormat::Hledger) => ImportFormat::Hledger,
            Some(ForeignFormat::Jsonl) => ImportFormat::Jsonl,
            Some(ForeignFormat::Qif) => bail!(
                Failure::usage(
                    "QIF is not imported: it says neither the currency nor the order of its dates"
                )
                .with_hint("ask the bank for camt.053, MT940, OFX or CSV")
            ),
            None => bail!(
                Failure::usage("the format is not named")
                    .with_advice("--from csv, ofx, camt053, mt940, hledger or jsonl")
                    .corrected(
                        name.and_then(likely_format)
                            .map(|format| Correction::flag("--from", format))
                    )
            ),
        })
    }

    /// Refuses flags that mean nothing for a format: they would be ignored.
    pub(super) fn refuse_strays(&self, format: ImportFormat) -> anyhow::Result<()> {
        use ImportFormat::{Camt053, Csv, Hledger, Jsonl, Mt940, Ofx};
        const STATEMENT: &[ImportFormat] = &[Csv, Ofx, Camt053, Mt940];
        const ROWS: &[ImportFormat] = &[Csv];
        let given: [(&str, bool, &[ImportFormat]); 19] = [
            (
                "--account",
                self.account.is_some(),
                &[Csv, Ofx, Camt053, Mt940, Jsonl],
            ),
            ("--invert", self.invert, STATEMENT),
            (
                "--map",
                !self.map.is_empty(),
                &[Csv, Ofx, Camt053, Mt940, Hledger],
            ),
            (
                "--value",
                !self.value.is_empty(),
                &[Csv, Ofx, Camt053, Mt940, Hledger],
            ),
            ("--decimal", self.decimal.is_some(), &[Csv, Ofx, Hledger]),
            ("--date-format", self.date_format.is_some(), ROWS),
            ("--delimiter", self.delimiter.is_some(), ROWS),
            ("--skip-lines", self.skip_lines.is_some(), ROWS),
            ("--skip-footer", self.skip_footer.is_some(), ROWS),
            ("--no-header", self.no_header, ROWS),
            ("--only", !self.only.is_empty(), ROWS),
            ("--skip", !self.skip.is_empty(), ROWS),
            ("--movement", !self.movement.is_empty(), ROWS),
            ("--in", !self.in_words.is_empty(), ROWS),
            ("--out", !self.out_words.is_empty(), ROWS),
            ("--direction", self.direction.is_some(), &[Csv, Ofx]),
            (
                "--no-balance-check",
                self.no_balance_check,
                &[Csv, Camt053, Mt940],
            ),
            ("--by-content", self.by_content, STATEMENT),
            ("--encoding", self.encoding.is_some(), &[format]),
        ];
        let stray = given
            .iter()
            .find(|(_, is_given, formats)| *is_given && !formats.contains(&format));
        match stray {
            None => Ok(()),
            Some((flag, _, formats)) => {
                let formats: Vec<&str> = formats.iter().map(|format| format.word()).collect();
                bail!(
                    Failure::usage(format!(
                        "{flag} is for {}, not for {}",
                        formats.join(", "),
                        format.word()
                    ))
                    .with_hint("ledger import --help")
                )
            }
        }
    }

    pub(super) fn options(&self) -> anyhow::Result<Options> {
        let mut map = Vec::new();
        for text in &self.map {
            map.extend(Pair::parse_list(text)?);
        }
        let values = self.value.iter().map(|text| ValueMap::parse(text));
        Ok(Options {
            account: writing::account_or_main(self.account.as_deref())?,
            currency: optional(self.currency.as_deref(), writing::currency)?,
            invert: self.invert,
            map,
            values: values.collect::<Result<Vec<_>, OptionError>>()?,
            decimal: self.decimal.map(|decimal| match decimal {
                Decimal::Comma => DecimalMark::Comma,
                Decimal::Point => DecimalMark::Point,
            }),
            date_format: optional(self.date_format.as_deref(), DateFormat::parse)?,
            delimiter: optional(self.delimiter.as_deref(), delimiter)?,
            skip: self
                .skip_lines
                .as_deref()
                .map_or(Ok(Skip::Lines(0)), skip)?,
            footer: self
                .skip_footer
                .as_deref()
                .map_or(Ok(Footer::Lines(0)), footer)?,
            has_header: !self.no_header,
            by_content: self.by_content,
            only: conditions(&self.only, "--only Status=Gebucht")?,
            left_out: conditions(&self.skip, "--skip Status=Vorgemerkt")?,
            movements: conditions(&self.movement, "--movement Text=Saldo")?,
            in_words: self.in_words.clone(),
            out_words: self.out_words.clone(),
            direction: self.direction.map(|rule| match rule {
                DirectionRule::Sign => SignRule::Sign,
                DirectionRule::Word => SignRule::Word,
                DirectionRule::Both => SignRule::Both,
            }),
            checks_balances: !self.no_balance_check,
            encoding: optional(self.encoding.as_deref(), Encoding::named)?,
        })
    }
}

fn not_written(error: &dyn std::error::Error) -> Failure {
    Failure::io(format!("cannot write the profile: {error}"))
}

fn conditions(texts: &[String], example: &str) -> anyhow::Result<Vec<Pair>> {
    let pairs = texts.iter().map(|text| Pair::parse(text));
    let pairs = pairs.collect::<Result<Vec<_>, OptionError>>();
    pairs.map_err(|error| anyhow::Error::from(error).context(Hint(example.to_owned())))
}

fn delimiter(text: &str) -> Result<u8, OptionError> {
    match text.as_bytes() {
        [one] if one.is_ascii() && !one.is_ascii_alphanumeric() && *one != b'"' => Ok(*one),
        b"tab" | b"\\t" => Ok(b'\t'),
        _ => Err(OptionError::Delimiter(text.to_owned())),
    }
}

fn skip(text: &str) -> anyhow::Result<Skip> {
    match text {
        "auto" => Ok(Skip::ToHeader),
        digits => lines(digits, "--skip-lines").map(Skip::Lines),
    }
}

fn footer(text: &str) -> anyhow::Result<Footer> {
    match text {
        "auto" => Ok(Footer::AfterLastRow),
        digits => lines(digits, "--skip-footer").map(Footer::Lines),
    }
}

fn lines(text: &str, flag: &str) -> anyhow::Result<u64> {
    Ok(text.parse().map_err(|_| {
        Failure::usage(format!("`{text}` is not a number of lines"))
            .with_hint(format!("{flag} 5, or {flag} auto"))
    })?)
}
