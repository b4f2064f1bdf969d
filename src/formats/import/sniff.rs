//! What a file is, by its first bytes: a file in another format than the user says is refused by name.

use super::options::ImportFormat;
use super::{Fault, ImportError};

/// What a file is for certain.
enum Sniffed {
    Format(ImportFormat),
    /// Something that cannot be imported.
    Other(&'static str),
}

/// Refuses a file that is certainly in another format.
pub(super) fn refuse_other(front: &[u8], asked: ImportFormat) -> Result<(), ImportError> {
    let (is, from) = match sniff(front) {
        Some(Sniffed::Format(format)) if format != asked => (name(format), Some(format)),
        Some(Sniffed::Other(what)) => (what, None),
        _ => return Ok(()),
    };
    Err(Fault::OtherFormat {
        is: is.to_owned(),
        asked: name(asked),
        from,
    }
    .whole())
}

fn name(format: ImportFormat) -> &'static str {
    match format {
        ImportFormat::Csv => "CSV",
        ImportFormat::Jsonl => "JSON Lines",
        ImportFormat::Hledger => "a journal of hledger",
        ImportFormat::Ofx => "OFX",
        ImportFormat::Camt053 => "camt.053 (ISO 20022)",
        ImportFormat::Mt940 => "MT940 (SWIFT)",
    }
}

fn sniff(front: &[u8]) -> Option<Sniffed> {
    let binary = [
        (&b"%PDF"[..], "a PDF"),
        (b"PK\x03\x04", "a spreadsheet or an archive (ZIP)"),
        (b"\xd0\xcf\x11\xe0", "a spreadsheet (XLS)"),
    ];
    if let Some((_, what)) = binary.iter().find(|(start, _)| front.starts_with(start)) {
        return Some(Sniffed::Other(what));
    }
    // UTF-16 of these formats is ASCII with NULs.
    let text = front.iter().filter(|byte| **byte != 0);
    let text: String = text.map(|byte| char::from(*byte)).collect();
    let text = text
        .trim_start_matches(['\u{ef}', '\u{bb}', '\u{bf}', '\u{ff}', '\u{fe}'])
        .trim_start();
    let upper: String = text.chars().take(4000).collect();
    let upper = upper.to_ascii_uppercase();
    if text.starts_with('<') {
        let marks = [
            ("CAMT.053", Sniffed::Format(ImportFormat::Camt053)),
            ("<BKTOCSTMRSTMT", Sniffed::Format(ImportFormat::Camt053)),
            (
                "CAMT.052",
                Sniffed::Other("camt.052, a report within the day"),
            ),
            (
                "CAMT.054",
                Sniffed::Other("camt.054, a notification of single payments"),
            ),
            ("<OFX", Sniffed::Format(ImportFormat::Ofx)),
            ("<?OFX", Sniffed::Format(ImportFormat::Ofx)),
            ("<HTML", Sniffed::Other("a web page (HTML)")),
            ("<!DOCTYPE HTML", Sniffed::Other("a web page (HTML)")),
        ];
        let mut marks = marks.into_iter();
        return marks
            .find(|(mark, _)| upper.contains(mark))
            .map(|(_, is)| is);
    }
    if ["!TYPE:", "!ACCOUNT", "!OPTION:"]
        .iter()
        .any(|mark| upper.starts_with(mark))
    {
        let what = "QIF, which says neither currency nor the order of its dates";
        return Some(Sniffed::Other(what));
    }
    let begins_mt940 =
        text.starts_with("{1:") || text.starts_with(":20:") || text.contains("\n:20:");
    let mut tags = [":25:", ":60F:", ":60M:", ":61:"].iter();
    let format = if upper.starts_with("OFXHEADER") {
        ImportFormat::Ofx
    } else if begins_mt940 && tags.any(|tag| text.contains(tag)) {
        ImportFormat::Mt940
    } else if text.starts_with("{\"") {
        ImportFormat::Jsonl
    } else {
        return None;
    };
    Some(Sniffed::Format(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_format_is_refused_by_its_name() {
        for (text, asked, message) in [
            (
                "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>",
                ImportFormat::Csv,
                "it is camt.053 (ISO 20022), not CSV",
            ),
            (
                "\n:20:x\n:25:1/2\n:60F:C260101EUR0,\n",
                ImportFormat::Csv,
                "it is MT940 (SWIFT), not CSV",
            ),
            (
                "OFXHEADER:100\n<OFX>",
                ImportFormat::Camt053,
                "it is OFX, not camt.053 (ISO 20022)",
            ),
            (
                "!Type:Bank\nD1/2/26\n",
                ImportFormat::Csv,
                "it is QIF, which says neither currency nor the order of its dates, not CSV",
            ),
            ("%PDF-1.7", ImportFormat::Ofx, "it is a PDF, not OFX"),
            (
                "{\"type\":\"deposit\"}",
                ImportFormat::Csv,
                "it is JSON Lines, not CSV",
            ),
        ] {
            let error = refuse_other(text.as_bytes(), asked).unwrap_err();
            assert_eq!(error.fault.to_string(), message);
        }
        for text in ["Date,Amount\n", "2026-01-01 x\n", ""] {
            assert!(refuse_other(text.as_bytes(), ImportFormat::Csv).is_ok());
        }
    }
}
