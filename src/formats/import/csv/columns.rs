//! Which column is what: by the words that whoever imports a file names, else by well-known headers.
//!
//! Owns what a column is to us. Two columns that could both be one thing are asked about.

use super::super::Fault;
use super::super::figures::currency_of;
use super::super::options::Pair;
use super::headers::{
    AMOUNTS, CREDITS, CURRENCIES, DATES, DEBITS, DIRECTIONS, MEMOS, STATES, TAGS,
};
use crate::money::Currency;

/// What a column is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Date,
    Amount,
    Debit,
    Credit,
    Direction,
    Currency,
    Memo,
    Account,
    From,
    To,
    Key,
    Tag(String),
    State,
}

const WORDS: [(&str, Role); 11] = [
    ("date", Role::Date),
    ("amount", Role::Amount),
    ("debit", Role::Debit),
    ("credit", Role::Credit),
    ("direction", Role::Direction),
    ("currency", Role::Currency),
    ("memo", Role::Memo),
    ("account", Role::Account),
    ("from", Role::From),
    ("to", Role::To),
    ("key", Role::Key),
];

impl Role {
    fn named(word: &str) -> Option<Role> {
        if let Some(tag) = word.strip_prefix("tag:") {
            return (!tag.is_empty()).then(|| Role::Tag(tag.to_owned()));
        }
        let found = WORDS.into_iter().find(|(name, _)| *name == word);
        found.map(|(_, role)| role)
    }

    /// Our word for it.
    pub(super) fn word(&self) -> String {
        match self {
            Role::Tag(tag) => format!("tag:{tag}"),
            Role::State => "state".to_owned(),
            other => {
                let found = WORDS.iter().find(|(_, role)| role == other);
                found.map_or_else(String::new, |(name, _)| (*name).to_owned())
            }
        }
    }

    /// True where several columns may be it.
    fn takes_several(&self) -> bool {
        matches!(self, Role::Memo | Role::Tag(_))
    }
}

/// The columns of a file, by what they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    found: Vec<(Role, usize)>,
    /// What the header of the amount says it is in.
    pub(super) currency: Option<Currency>,
}

impl Columns {
    /// Finds the columns that are named, and the well-known ones for what was not named.
    pub(super) fn of(header: &[String], map: &[Pair]) -> Result<Columns, Fault> {
        let mut columns = Columns::default();
        for Pair { left, right } in map {
            let role = Role::named(left).ok_or_else(|| Fault::NoSuchRole {
                name: left.clone(),
                known: known_words(),
            })?;
            let place = place(header, right).ok_or_else(|| Fault::NoSuchColumn {
                name: right.clone(),
                columns: header.to_vec(),
            })?;
            if let Some(other) = columns.one(&role)
                && !role.takes_several()
            {
                return Err(two(&role, header, other, place));
            }
            columns.found.push((role, place));
        }
        columns.add_known(header)?;
        columns.complete(header)?;
        let amounts = [Role::Amount, Role::Debit, Role::Credit];
        columns.currency = amounts
            .iter()
            .filter_map(|role| columns.one(role))
            .find_map(|place| header.get(place))
            .and_then(|name| unit_in(name));
        Ok(columns)
    }

    /// True of a header: it has what a statement needs, be it twice.
    pub(super) fn fit(header: &[String], map: &[Pair]) -> bool {
        let columns = Columns::of(header, map);
        header.len() > 1 && matches!(columns, Ok(_) | Err(Fault::TwoColumns { .. }))
    }

    /// The column of this role.
    pub(super) fn one(&self, role: &Role) -> Option<usize> {
        self.all(role).next()
    }

    /// Every column of this role, in the order of the mapping or of the file.
    pub(super) fn all(&self, role: &Role) -> impl Iterator<Item = usize> {
        self.found
            .iter()
            .filter(move |(own, _)| own == role)
            .map(|(_, place)| *place)
    }

    /// The columns that become tags.
    pub(super) fn tags(&self) -> impl Iterator<Item = (&str, usize)> {
        self.found.iter().filter_map(|(role, place)| match role {
            Role::Tag(tag) => Some((tag.as_str(), *place)),
            _ => None,
        })
    }

    fn add_known(&mut self, header: &[String]) -> Result<(), Fault> {
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let is_free = |columns: &Columns, place: usize| {
            !columns.found.iter().any(|(_, taken)| *taken == place)
        };
        let has_sides = self.one(&Role::Debit).is_some() || self.one(&Role::Credit).is_some();
        let lists: [(Role, &[&[&str]]); 7] = [
            (Role::Date, &DATES),
            (Role::Amount, &[AMOUNTS]),
            (Role::Debit, &[DEBITS]),
            (Role::Credit, &[CREDITS]),
            (Role::Direction, &[DIRECTIONS]),
            (Role::Currency, &[CURRENCIES]),
            (Role::State, &[STATES]),
        ];
        for (role, ranks) in lists {
            let is_said = self.one(&role).is_some()
                || role == Role::Amount && has_sides
                || matches!(role, Role::Debit | Role::Credit) && self.one(&Role::Amount).is_some();
            if is_said {
                continue;
            }
            for names in ranks {
                let places: Vec<usize> = (0..)
                    .zip(&folded)
                    .filter(|(place, name)| is_free(self, *place) && names.contains(&name.as_str()))
                    .map(|(place, _)| place)
                    .collect();
                match places.as_slice() {
                    [] => {}
                    [one] => {
                        self.found.push((role.clone(), *one));
                        break;
                    }
                    [one, other, ..] => return Err(two(&role, header, *one, *other)),
                }
            }
        }
        if self.one(&Role::Memo).is_none() {
            let known = MEMOS.iter().find_map(|names| {
                (0..)
                    .zip(&folded)
                    .find(|(place, name)| is_free(self, *place) && names.contains(&name.as_str()))
            });
            self.found
                .extend(known.map(|(place, _)| (Role::Memo, place)));
        }
        for (place, name) in (0..).zip(&folded) {
            let known = TAGS
                .iter()
                .find(|(_, names)| names.contains(&name.as_str()));
            let tag = match known {
                Some((tag, _)) => *tag,
                None if MEMOS.iter().any(|names| names.contains(&name.as_str())) => "text",
                None => continue,
            };
            if is_free(self, place) {
                self.found.push((Role::Tag(tag.to_owned()), place));
            }
        }
        Ok(())
    }

    /// Asks for what is still missing.
    fn complete(&self, header: &[String]) -> Result<(), Fault> {
        let has = |role: &Role| self.one(role).is_some();
        let missing = if !has(&Role::Date) {
            "date"
        } else if !has(&Role::Amount) && !has(&Role::Debit) && !has(&Role::Credit) {
            "amount"
        } else {
            return Ok(());
        };
        Err(Fault::NoColumn {
            role: missing.to_owned(),
            columns: header.to_vec(),
        })
    }
}

fn known_words() -> Vec<String> {
    let words = WORDS.iter().map(|(name, _)| (*name).to_owned());
    words.chain(["tag:NAME".to_owned()]).collect()
}

fn two(role: &Role, header: &[String], one: usize, other: usize) -> Fault {
    let is_one_name = header.get(one) == header.get(other);
    let name = |place: usize| match header.get(place) {
        Some(name) if !is_one_name => name.clone(),
        _ => format!("#{}", place.saturating_add(1)),
    };
    Fault::TwoColumns {
        role: role.word(),
        one: name(one),
        other: name(other),
    }
}

/// The column of this name or, written `#3`, of this number.
pub(super) fn place(header: &[String], name: &str) -> Option<usize> {
    let exactly = header.iter().position(|own| own == name);
    let folded = || {
        let wanted = fold(name);
        let mut like = (0..).zip(header).filter(|(_, own)| fold(own) == wanted);
        let found = like.next().map(|(place, _)| place);
        found.filter(|_| like.next().is_none())
    };
    let numbered = || {
        let number: usize = name.strip_prefix('#')?.parse().ok()?;
        let place = number.checked_sub(1)?;
        (place < header.len()).then_some(place)
    };
    exactly.or_else(folded).or_else(numbered)
}

/// A header without what differs from bank to bank: capitals, umlauts, blanks, and a unit behind it.
fn fold(name: &str) -> String {
    let mut folded = String::new();
    let name = match name.rsplit_once('(') {
        Some((front, unit)) if currency_of(unit.trim_end_matches(')').trim()).is_some() => front,
        _ => name,
    };
    for word in name.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        for c in word.chars().flat_map(char::to_lowercase) {
            match c {
                'ä' => folded.push_str("ae"),
                'ö' => folded.push_str("oe"),
                'ü' => folded.push_str("ue"),
                'ß' => folded.push_str("ss"),
                other => folded.push(other),
            }
        }
    }
    folded
}

/// The currency in a header like `Betrag (€)`.
fn unit_in(name: &str) -> Option<Currency> {
    let (_, unit) = name.rsplit_once('(')?;
    currency_of(unit.trim_end().strip_suffix(')')?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn found(names: &[&str], map: &str) -> Result<Vec<String>, Fault> {
        let header = header(names);
        let map = Pair::parse_list(map).unwrap_or_default();
        let columns = Columns::of(&header, &map)?;
        let texts = columns
            .found
            .iter()
            .map(|(role, place)| format!("{}={}", role.word(), header[*place]));
        Ok(texts.collect())
    }

    #[test]
    fn headers_of_known_banks_are_known() {
        for (names, expected) in [
            (
                &[
                    "Auftragskonto",
                    "Buchungstag",
                    "Valutadatum",
                    "Buchungstext",
                    "Verwendungszweck",
                    "Beguenstigter/Zahlungspflichtiger",
                    "Kontonummer/IBAN",
                    "Betrag",
                    "Waehrung",
                    "Info",
                ][..],
                &[
                    "date=Buchungstag",
                    "amount=Betrag",
                    "currency=Waehrung",
                    "memo=Verwendungszweck",
                    "tag:text=Buchungstext",
                    "tag:counterparty=Beguenstigter/Zahlungspflichtiger",
                    "tag:iban=Kontonummer/IBAN",
                ][..],
            ),
            (
                &[
                    "Buchungsdatum",
                    "Wertstellung",
                    "Status",
                    "Zahlungspflichtige*r",
                    "Zahlungsempfänger*in",
                    "Verwendungszweck",
                    "Umsatztyp",
                    "IBAN",
                    "Betrag (€)",
                ],
                &[
                    "date=Buchungsdatum",
                    "amount=Betrag (€)",
                    "state=Status",
                    "memo=Verwendungszweck",
                    "tag:payer=Zahlungspflichtige*r",
                    "tag:counterparty=Zahlungsempfänger*in",
                    "tag:kind=Umsatztyp",
                    "tag:iban=IBAN",
                ],
            ),
            (
                &["Date", "Description", "Money Out", "Money In", "Balance"],
                &[
                    "date=Date",
                    "debit=Money Out",
                    "credit=Money In",
                    "memo=Description",
                ],
            ),
        ] {
            assert_eq!(found(names, "").unwrap(), expected);
        }
    }

    #[test]
    fn what_is_named_goes_before_what_is_known() {
        assert_eq!(
            found(
                &["Datum", "Tag", "Betrag", "Brutto"],
                "date=Tag,amount=#4,memo=betrag"
            )
            .unwrap(),
            ["date=Tag", "amount=Brutto", "memo=Betrag"]
        );
    }

    #[test]
    fn two_columns_for_one_thing_are_asked_about() {
        let fault = found(&["Datum", "Buchungstag", "Betrag"], "").unwrap_err();
        assert!(
            matches!(fault, Fault::TwoColumns { ref role, .. } if role == "date"),
            "{fault:?}"
        );
        let fault = found(&["Datum", "Text"], "").unwrap_err();
        assert!(
            matches!(fault, Fault::NoColumn { ref role, .. } if role == "amount"),
            "{fault:?}"
        );
        let fault = found(&["Datum", "Betrag"], "when=Datum").unwrap_err();
        assert!(matches!(fault, Fault::NoSuchRole { .. }), "{fault:?}");
        let fault = found(&["Datum", "Betrag"], "memo=Text").unwrap_err();
        assert!(matches!(fault, Fault::NoSuchColumn { .. }), "{fault:?}");
    }

    #[test]
    fn two_columns_of_one_name_are_told_apart_by_their_numbers() {
        let names = ["Buchung", "Betrag", "Währung", "Saldo", "Währung"];
        let Fault::TwoColumns { one, other, .. } = found(&names, "").unwrap_err() else {
            panic!();
        };
        assert_eq!((one.as_str(), other.as_str()), ("#3", "#5"));
        let columns = Columns::of(&header(&names), &Pair::parse_list("currency=#5").unwrap());
        assert_eq!(columns.unwrap().one(&Role::Currency), Some(4));
    }

    #[test]
    fn the_header_of_an_amount_may_say_what_it_is_in() {
        let columns = Columns::of(&header(&["Datum", "Betrag (€)"]), &[]).unwrap();
        assert_eq!(columns.currency, Currency::new("EUR"));
    }
}
