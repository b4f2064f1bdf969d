//! JSON Lines: every event in the form of a receipt and of `replay --json`, with memo and tags taken
//! out of the note. It includes the log's first line and leaves out only the salts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::exporter::{ContentKind, ExportError, ExportFormat, Exporter};
use super::row::{amount, floor};
use crate::event::{AccountName, Entry, Event, Key, Link, Note};
use crate::money::{Currency, CurrencyText, Scale};
use crate::time::{InstantText, Timestamp};

const NAME: &str = "jsonl";
/// What every file in this format starts with. No log starts with a space, so that an export is never
/// taken for a log, nor a log for an export.
pub(super) const FIRST_BYTES: &[u8] = b" {\"v\":";
pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: NAME,
    kind: ContentKind::Json,
    has_ledger_line: true,
    make: |_| Box::new(Jsonl),
};

struct Jsonl;

/// The keys, in the order of the log.
#[derive(Serialize)]
struct ExportedLine<'e> {
    v: u64,
    seq: u64,
    at: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective: Option<&'e str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    /// `null` beside an amount without a currency.
    #[expect(
        clippy::option_option,
        reason = "absent and `null` are two things in JSON"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Option<&'e str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<String>,
    #[serde(rename = "final", skip_serializing_if = "Option::is_none")]
    is_final: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverses: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captures: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<bool>,
    hash: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<&'e str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<&'e str, &'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<bool>,
}

impl Exporter for Jsonl {
    fn start(&mut self, _: &[String], _: &mut Vec<u8>) -> Result<(), ExportError> {
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        if entry.seq == 0 {
            out.push(b' ');
        }
        let code = entry.event.currency().map(Currency::text);
        let code = code.as_ref().map(CurrencyText::as_str);
        let kind = entry.event.kind();
        let [first, second] = entry.event.touched();
        let (first, second) = (
            first.map(AccountName::as_str),
            second.map(AccountName::as_str),
        );
        let exchange = match &entry.event {
            Event::Exchange(exchange) => Some(exchange),
            _ => None,
        };
        let (mut expires, mut hold, mut through, mut is_final, mut event) =
            (None, None, None, None, None);
        match &entry.event {
            Event::Hold(own) => expires = own.expires.map(|expires| expires.to_string()),
            Event::Release { hold: own, .. } => hold = Some(*own),
            Event::Seal {
                through: own,
                is_final: last,
            } => {
                through = Some(own.to_string());
                is_final = last.then_some(true);
            }
            Event::Unseal { through: own } => through = own.map(|through| through.to_string()),
            Event::Redact { event: own } => event = Some(*own),
            _ => {}
        }
        let (mut captures, mut keep, mut corrects, mut refunds) = (None, None, None, None);
        match entry.link {
            Some(Link::Captures { hold, keep: kept }) => {
                captures = Some(hold);
                keep = kept.then_some(true);
            }
            Some(Link::Corrects(seq)) => corrects = Some(seq),
            Some(Link::Refunds(seq)) => refunds = Some(seq),
            Some(Link::Reverses(_)) | None => {}
        }
        let opening = match &entry.event {
            Event::Ledger(opening) => Some(opening),
            _ => None,
        };
        let is_transfer = matches!(
            entry.event,
            Event::Transfer { .. } | Event::Exchange(_) | Event::Hold(_)
        );
        let (at, effective) = (entry.at.text(), entry.effective.map(Timestamp::text));
        let line = ExportedLine {
            v: entry.version(),
            seq: entry.seq,
            at: at.as_str(),
            effective: effective.as_ref().map(InstantText::as_str),
            kind: kind.as_str(),
            id: opening.map(|opening| opening.id.as_str()),
            account: first.filter(|_| !is_transfer),
            from: first.filter(|_| is_transfer),
            to: second,
            amount: amount(&entry.event).map(|amount| amount.to_string()),
            to_amount: exchange.map(|exchange| exchange.to_amount.to_string()),
            to_currency: exchange.map(|exchange| exchange.to_currency.to_string()),
            expires,
            hold,
            through,
            is_final,
            event,
            currency: if entry.event.amount().is_some() {
                Some(code)
            } else {
                code.map(Some)
            },
            floor: floor(&entry.event).map(|floor| floor.to_text(Scale::WHOLE)),
            zone: opening.map(|opening| opening.zone.as_ref()),
            strict: opening.filter(|opening| opening.strict).map(|_| true),
            reverses: entry.reverses(),
            captures,
            keep,
            corrects,
            refunds,
            key: entry.key.as_ref().map(Key::as_str),
            more: entry.more.then_some(true),
            hash: entry.hash.as_str(),
            memo: entry.memo(),
            tags: entry.tags().iter().collect(),
            redacted: matches!(entry.note, Some(Note::Redacted(_))).then_some(true),
        };
        serde_json::to_writer(&mut *out, &line).map_err(|error| ExportError::Library {
            format: NAME,
            reason: error.to_string(),
        })?;
        out.push(b'\n');
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), ExportError> {
        Ok(())
    }
}
