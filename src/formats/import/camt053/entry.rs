//! The parts of an entry: a batch of payments is split if its details add up to it.

use super::super::element::Element;
use super::super::figures::{self, DecimalMark, Number};
use super::super::keys::comparable;
use super::super::statement::given;
use super::super::text::on_one_line;
use super::super::{Fault, ImportError};
use crate::money::{Balance, Currency};

/// A payment of an entry, or the entry itself.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) number: Number,
    pub(super) currency: Option<Currency>,
    pub(super) memo: String,
    pub(super) tags: Vec<(String, String)>,
}

impl Part {
    /// The texts that identify it.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.memo.as_str()).chain(self.tags.iter().map(|(_, value)| value.as_str()))
    }
}

/// The parts of an entry.
pub(super) fn parts(entry: &Element) -> Result<Vec<Part>, ImportError> {
    let (number, currency) = amount(entry)?;
    let details: Vec<&Element> = entry
        .children("NtryDtls")
        .flat_map(|own| own.children("TxDtls"))
        .collect();
    if details.len() > 1
        && let Some(parts) = split(entry, &details, number, currency)
    {
        return Ok(parts);
    }
    Ok(vec![part(
        entry,
        details.first().copied(),
        number,
        currency,
    )])
}

/// The details as parts, if they add up to the entry.
fn split(
    entry: &Element,
    details: &[&Element],
    whole: Number,
    currency: Option<Currency>,
) -> Option<Vec<Part>> {
    let mut parts = Vec::with_capacity(details.len());
    let mut sum = Balance::ZERO;
    for own in details {
        let number = amount_of(own, entry, currency)?;
        sum = sum.plus(number.value)?;
        parts.push(part(entry, Some(own), number, currency));
    }
    (sum == whole.value).then_some(parts)
}

/// The amount of a detail in the currency of its entry.
fn amount_of(detail: &Element, entry: &Element, currency: Option<Currency>) -> Option<Number> {
    let written = detail
        .at("Amt")
        .or_else(|| detail.at("AmtDtls/TxAmt/Amt"))?;
    let is_same = written.currency.as_deref().and_then(Currency::new) == currency;
    let number = figures::read(written.text.trim(), DecimalMark::Point).ok();
    let own = detail.value("CdtDbtInd");
    let direction = own.or_else(|| entry.value("CdtDbtInd"));
    Some(
        number
            .filter(|_| is_same)?
            .turned(direction == Some("DBIT")),
    )
}

fn part(
    entry: &Element,
    detail: Option<&Element>,
    number: Number,
    currency: Option<Currency>,
) -> Part {
    let clean = |text: &str| comparable(&on_one_line(text));
    let value = |path: &str| detail.and_then(|own| own.value(path)).map(clean);
    let remittance = detail.and_then(|own| own.at("RmtInf")).into_iter();
    let unstructured: Vec<String> = remittance
        .flat_map(|own| own.children("Ustrd").map(|own| clean(&own.text)))
        .collect();
    let structured = || value("RmtInf/Strd/CdtrRefInf/Ref");
    let additional = || entry.value("AddtlNtryInf").map(clean);
    let memo = match unstructured.join(" ") {
        text if !text.trim().is_empty() => Some(text),
        _ => structured()
            .or_else(|| value("AddtlTxInf"))
            .or_else(additional),
    };
    let party = |role: &str| {
        value(&format!("RltdPties/{role}/Nm"))
            .or_else(|| value(&format!("RltdPties/{role}/Pty/Nm")))
    };
    let is_out = number.value.is_negative();
    let (role, account) = if is_out {
        ("Cdtr", "CdtrAcct")
    } else {
        ("Dbtr", "DbtrAcct")
    };
    let reference = value("Refs/EndToEndId").filter(|text| text != "NOTPROVIDED");
    let tags = [
        ("counterparty", party(role)),
        ("iban", value(&format!("RltdPties/{account}/Id/IBAN"))),
        ("reference", reference),
        ("mandate", value("Refs/MndtId")),
    ];
    Part {
        number,
        currency,
        memo: memo.unwrap_or_default(),
        tags: given(tags),
    }
}

/// The amount of an element, above zero for a credit.
pub(super) fn amount(element: &Element) -> Result<(Number, Option<Currency>), ImportError> {
    let at = |fault: Fault| fault.on_line(element.line());
    let amount = element
        .at("Amt")
        .ok_or_else(|| at(Fault::missing("`<Amt>`")))?;
    let number = figures::read(amount.text.trim(), DecimalMark::Point)
        .map_err(|_| at(Fault::NotAnOfxAmount(amount.text.clone())))?;
    let currency = match &amount.currency {
        Some(code) => Some(Currency::new(code).ok_or_else(|| at(Fault::Currency(code.clone())))?),
        None => None,
    };
    match element.value("CdtDbtInd") {
        Some(direction @ ("CRDT" | "DBIT")) => Ok((number.turned(direction == "DBIT"), currency)),
        _ => Err(at(Fault::missing("`<CdtDbtInd>`"))),
    }
}
