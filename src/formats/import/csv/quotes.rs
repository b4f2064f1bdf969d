//! Quotes that do not pair: whoever reads on past one takes the rows behind it for text.
//!
//! Owns where a quoted field begins and ends. Must not know what the fields hold.

use super::super::Fault;

/// Where a quoted field is wrong, counted from the text's start: lines that end before it, fields
/// of its row before it; and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Astray {
    pub(super) lines: u64,
    pub(super) column: usize,
    pub(super) fault: Fault,
}

#[derive(Clone, Copy)]
enum State {
    Start,
    Plain,
    Quoted,
    /// Behind a quote that closes the field, or is the first of two that are one.
    Closed,
    /// Behind it and some blanks.
    Behind,
}

/// The first field whose quotes do not pair.
pub(super) fn astray(text: &str, delimiter: u8) -> Option<Astray> {
    let mut state = State::Start;
    let (mut lines, mut column) = (0_u64, 0_usize);
    let mut opened = 0_u64;
    for (at, byte) in text.bytes().enumerate() {
        let ends_field = byte == delimiter || matches!(byte, b'\r' | b'\n');
        state = match (state, byte) {
            (State::Start, b'"') => {
                opened = lines;
                State::Quoted
            }
            (State::Quoted, b'"') => State::Closed,
            (State::Closed, b'"') | (State::Quoted, _) => State::Quoted,
            _ if ends_field => {
                column = if byte == delimiter {
                    column.saturating_add(1)
                } else {
                    0
                };
                State::Start
            }
            (State::Closed | State::Behind, b' ' | b'\t') => State::Behind,
            (State::Closed | State::Behind, _) => {
                let behind = text.get(at..).unwrap_or_default();
                let ends = |c: char| matches!(c, '\r' | '\n') || c == char::from(delimiter);
                let behind = behind.split(ends).next().unwrap_or_default();
                return Some(Astray {
                    lines: opened,
                    column,
                    fault: Fault::QuoteAstray(behind.chars().take(20).collect()),
                });
            }
            (State::Start | State::Plain, _) => State::Plain,
        };
        if byte == b'\n' {
            lines = lines.saturating_add(1);
        }
    }
    matches!(state, State::Quoted).then_some(Astray {
        lines: opened,
        column,
        fault: Fault::QuoteOpen,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_that_pair_are_left_alone_and_others_found_where_they_open() {
        for good in [
            "",
            "a,b\n",
            "a,\"b\"\r\n",
            "\"a\n\"\"b\"\"\",c",
            "a\"b,c",
            "\"a\" ,b",
            "\"\",\"\"",
        ] {
            assert_eq!(astray(good, b','), None, "{good}");
        }
        let open = |lines, column| Astray {
            lines,
            column,
            fault: Fault::QuoteOpen,
        };
        assert_eq!(astray("a,b\nc,\"d\ne,f\n", b','), Some(open(1, 1)));
        assert_eq!(astray("\"", b','), Some(open(0, 0)));
        let inside = |behind: &str| Fault::QuoteAstray(behind.to_owned());
        // The row below is closed by what opens there.
        let swallowed = astray("a,\"b\nc,\"d\"\n", b',').unwrap();
        assert_eq!((swallowed.lines, swallowed.column), (0, 1));
        assert_eq!(swallowed.fault, inside("d\""));
        assert_eq!(
            astray("\"a \"b\" c\"\tx", b'\t').unwrap().fault,
            inside("b\" c\"")
        );
    }

    proptest! {
        #[test]
        fn what_is_written_with_quotes_pairs(rows in proptest::collection::vec(
            proptest::collection::vec("[a\", \n\r;]{0,6}", 2), 0..6,
        )) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(astray(&text, b','), None);
        }
    }
}
