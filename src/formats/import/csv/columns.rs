//! Which column is what: as the user maps it, otherwise by well-known headers.
//!
//! Names only. What the cells of a column hold is looked at in `survey`.

use unicode_normalization::UnicodeNormalization as _;

use super::super::Fault;
use super::super::currencies;
use super::super::options::Pair;
use super::headers::{
    AMOUNTS, BALANCES, CREDITS, CURRENCIES, DATES, DEBITS, DIRECTIONS, FEES, MEMOS, OTHER_AMOUNTS,
    STATES, TAGS,
};
use crate::money::Currency;

/// The field that a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ColumnRole {
    Date,
    Amount,
    Debit,
    Credit,
    Direction,
    Fee,
    Balance,
    Currency,
    Memo,
    Account,
    From,
    To,
    Key,
    Ignore,
    Tag(String),
    State,
}

const WORDS: [(&str, ColumnRole); 14] = [
    ("date", ColumnRole::Date),
    ("amount", ColumnRole::Amount),
    ("debit", ColumnRole::Debit),
    ("credit", ColumnRole::Credit),
    ("direction", ColumnRole::Direction),
    ("fee", ColumnRole::Fee),
    ("balance", ColumnRole::Balance),
    ("currency", ColumnRole::Currency),
    ("memo", ColumnRole::Memo),
    ("account", ColumnRole::Account),
    ("from", ColumnRole::From),
    ("to", ColumnRole::To),
    ("key", ColumnRole::Key),
    ("ignore", ColumnRole::Ignore),
];

/// The roles of the money.
pub(super) const MONEY: [ColumnRole; 3] =
    [ColumnRole::Amount, ColumnRole::Debit, ColumnRole::Credit];

impl ColumnRole {
    fn named(word: &str) -> Option<ColumnRole> {
        if let Some(tag) = word.strip_prefix("tag:") {
            return (!tag.is_empty()).then(|| ColumnRole::Tag(tag.to_owned()));
        }
        let found = WORDS.into_iter().find(|(name, _)| *name == word);
        found.map(|(_, role)| role)
    }

    /// The word of the command line.
    pub(super) fn word(&self) -> String {
        match self {
            ColumnRole::Tag(tag) => format!("tag:{tag}"),
            ColumnRole::State => "state".to_owned(),
            other => {
                let found = WORDS.iter().find(|(_, role)| role == other);
                found.map_or_else(String::new, |(name, _)| (*name).to_owned())
            }
        }
    }

    /// True if several columns may be it.
    fn takes_several(&self) -> bool {
        matches!(
            self,
            ColumnRole::Memo | ColumnRole::Tag(_) | ColumnRole::Fee | ColumnRole::Ignore
        )
    }
}

/// The columns of a file by what they are.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnRoles {
    found: Vec<(ColumnRole, usize)>,
    /// How many of them the user mapped; they come first.
    mapped: usize,
    /// Columns whose headers name an amount.
    pub(super) amounts: Vec<usize>,
}

impl ColumnRoles {
    /// Finds the columns that are mapped, and well-known ones for what is not.
    pub(super) fn of(header: &[String], map: &[Pair]) -> Result<ColumnRoles, Fault> {
        let mut columns = ColumnRoles::default();
        for Pair { left, right } in map {
            let role = ColumnRole::named(left).ok_or_else(|| Fault::NoSuchRole {
                name: left.clone(),
                known: known_words(),
            })?;
            let place = place(header, right)?;
            if let Some(other) = columns.one(&role)
                && !role.takes_several()
            {
                return Err(two(&role, header, other, place));
            }
            columns.found.push((role, place));
        }
        columns.mapped = columns.found.len();
        columns.add_known(header)?;
        columns.complete(header)?;
        Ok(columns)
    }

    /// True of a header: it has what a statement needs, even if twice.
    pub(super) fn fit(header: &[String], map: &[Pair]) -> bool {
        let columns = ColumnRoles::of(header, map);
        header.len() > 1 && matches!(columns, Ok(_) | Err(Fault::TwoColumns { .. }))
    }

    /// The column of this role.
    pub(super) fn one(&self, role: &ColumnRole) -> Option<usize> {
        self.all(role).next()
    }

    /// Every column of this role, in the order of the mapping or of the file.
    pub(super) fn all(&self, role: &ColumnRole) -> impl Iterator<Item = usize> {
        self.found
            .iter()
            .filter(move |(own, _)| own == role)
            .map(|(_, place)| *place)
    }

    /// The columns of the money, those last whose headers only name an amount.
    pub(super) fn money(&self) -> Vec<usize> {
        let named = MONEY.iter().filter_map(|role| self.one(role));
        named.chain(self.amounts.iter().copied()).collect()
    }

    /// True if the user mapped a column to this role.
    pub(super) fn is_mapped(&self, role: &ColumnRole) -> bool {
        self.found
            .iter()
            .take(self.mapped)
            .any(|(own, _)| own == role)
    }

    /// True of a column that the user mapped.
    pub(super) fn is_settled(&self, place: usize) -> bool {
        self.found
            .iter()
            .take(self.mapped)
            .any(|(_, own)| *own == place)
    }

    /// True of a column that has a role, that of being ignored too.
    pub(super) fn has_role(&self, place: usize) -> bool {
        self.found.iter().any(|(_, own)| *own == place) || self.amounts.contains(&place)
    }

    /// Gives a column a role that its cells say.
    pub(super) fn add(&mut self, role: ColumnRole, place: usize) {
        self.found.push((role, place));
    }

    /// True of a column that may still be money, a direction or a currency: it has no field, or one
    /// that takes any text.
    pub(super) fn claims_no_money(&self, place: usize) -> bool {
        let takes_text = |role: &ColumnRole| matches!(role, ColumnRole::Memo | ColumnRole::Tag(_));
        let is_mapped = self.is_settled(place);
        let mut roles = self.found.iter().filter(|(_, own)| *own == place);
        !is_mapped && !self.amounts.contains(&place) && roles.all(|(role, _)| takes_text(role))
    }

    /// The columns that become tags.
    pub(super) fn tags(&self) -> impl Iterator<Item = (&str, usize)> {
        self.found.iter().filter_map(|(role, place)| match role {
            ColumnRole::Tag(tag) => Some((tag.as_str(), *place)),
            _ => None,
        })
    }

    fn add_known(&mut self, header: &[String]) -> Result<(), Fault> {
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        if self.money().is_empty() {
            self.amounts = self.free(&folded, AMOUNTS);
        }
        if self.money().is_empty() {
            self.amounts = self.free(&folded, OTHER_AMOUNTS);
        }
        let lists: [(ColumnRole, &[&[&str]]); 7] = [
            (ColumnRole::Date, &DATES),
            (ColumnRole::Debit, &[DEBITS]),
            (ColumnRole::Credit, &[CREDITS]),
            (ColumnRole::Direction, &[DIRECTIONS]),
            (ColumnRole::Currency, &[CURRENCIES]),
            (ColumnRole::State, &[STATES]),
            (ColumnRole::Balance, &[BALANCES]),
        ];
        for (role, ranks) in lists {
            let is_side = matches!(role, ColumnRole::Debit | ColumnRole::Credit);
            if self.one(&role).is_some() || is_side && self.is_mapped(&ColumnRole::Amount) {
                continue;
            }
            for names in ranks {
                match self.free(&folded, names).as_slice() {
                    [] => continue,
                    // The first one that fits is found by the cells.
                    places if role == ColumnRole::Balance => {
                        self.found
                            .extend(places.iter().map(|place| (ColumnRole::Balance, *place)));
                    }
                    [one] => self.found.push((role.clone(), *one)),
                    [one, other, ..] => return Err(two(&role, header, *one, *other)),
                }
                break;
            }
        }
        if !self.is_mapped(&ColumnRole::Fee) {
            let fees = self.free(&folded, FEES).into_iter();
            self.found
                .extend(fees.map(|place| (ColumnRole::Fee, place)));
        }
        if self.one(&ColumnRole::Memo).is_none() {
            let mut known = MEMOS.iter().flat_map(|names| self.free(&folded, names));
            let first = known.next().map(|place| (ColumnRole::Memo, place));
            self.found.extend(first);
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
            if self.is_free(place) {
                self.found.push((ColumnRole::Tag(tag.to_owned()), place));
            }
        }
        Ok(())
    }

    fn is_free(&self, place: usize) -> bool {
        !self.found.iter().any(|(_, taken)| *taken == place) && !self.amounts.contains(&place)
    }

    /// The columns without a role that have one of these headers.
    fn free(&self, folded: &[String], headers: &[&str]) -> Vec<usize> {
        let columns = (0..).zip(folded);
        columns
            .filter(|(place, own)| self.is_free(*place) && headers.contains(&own.as_str()))
            .map(|(place, _)| place)
            .collect()
    }

    /// The error of a column that is still missing.
    fn complete(&self, header: &[String]) -> Result<(), Fault> {
        let missing = if self.one(&ColumnRole::Date).is_none() {
            "date"
        } else if self.money().is_empty() {
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

/// The error of two columns that can both be of this role.
pub(super) fn two(role: &ColumnRole, header: &[String], one: usize, other: usize) -> Fault {
    Fault::TwoColumns {
        role: role.word(),
        one: name(header, one),
        other: name(header, other),
    }
}

/// A column as the user names it in a mapping: by its header if that is unique, otherwise by number.
pub(super) fn name(header: &[String], place: usize) -> String {
    let own = header
        .get(place)
        .filter(|own| !own.is_empty() && !own.contains(['=', ',']));
    match own {
        Some(own) if header.iter().filter(|other| *other == own).count() == 1 => own.clone(),
        _ => format!("#{}", place.saturating_add(1)),
    }
}

/// The column of this name or, written `#3`, of this number.
pub(super) fn place(header: &[String], name: &str) -> Result<usize, Fault> {
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
    let found = exactly.or_else(numbered).or_else(folded);
    found.ok_or_else(|| Fault::NoSuchColumn {
        name: name.to_owned(),
        columns: header.to_vec(),
    })
}

/// A header without what differs from bank to bank: capitals, accents, blanks, and a unit at its end.
pub(super) fn fold(name: &str) -> String {
    let (name, _) = split_unit(name.trim_start_matches('#'));
    let mut folded = String::new();
    for word in name.split(|c: char| c.is_whitespace() || c == '_') {
        if !folded.is_empty() && !word.is_empty() {
            folded.push(' ');
        }
        for c in word.nfc().flat_map(char::to_lowercase) {
            match c {
                'ä' => folded.push_str("ae"),
                'ö' => folded.push_str("oe"),
                'ü' => folded.push_str("ue"),
                'ß' => folded.push_str("ss"),
                other => folded.extend(std::iter::once(other).nfd().filter(|c| !is_accent(*c))),
            }
        }
    }
    folded
}

fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A header split from the unit at its end: `Betrag (€)`, `Betrag in EUR`, `Amount GBP`, `Saldo [CHF]`.
fn split_unit(name: &str) -> (&str, &str) {
    let name = name.trim();
    for (opens, closes) in [('(', ')'), ('[', ']')] {
        if let Some((front, unit)) = name
            .strip_suffix(closes)
            .and_then(|name| name.rsplit_once(opens))
        {
            let unit = unit.trim();
            let unit = unit.strip_prefix("in ").unwrap_or(unit);
            if !currencies::candidates(unit).is_empty() {
                return (front.trim(), unit);
            }
        }
    }
    if let Some((front, unit)) = name.rsplit_once(' ')
        && (currencies::certain(unit).is_some_and(currencies::is_iso)
            && unit
                .chars()
                .all(|c| c.is_ascii_uppercase() || !c.is_ascii()))
    {
        let front = front.trim();
        let front = front
            .strip_suffix(" in")
            .or_else(|| front.strip_suffix(" en"))
            .unwrap_or(front);
        return (front, unit);
    }
    (name, "")
}

/// The currency in a header like `Betrag (€)`.
pub(super) fn unit_in(name: &str, asked: Option<Currency>) -> Option<Currency> {
    let (_, unit) = split_unit(name);
    currencies::resolve(unit, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(line: &str) -> Vec<String> {
        line.split(';').map(str::to_owned).collect()
    }

    /// The columns of a header with their roles, separated by `;`.
    fn found(line: &str, map: &str) -> Result<String, Fault> {
        let header = header(line);
        let map = Pair::parse_list(map).unwrap_or_default();
        let columns = ColumnRoles::of(&header, &map)?;
        let named = columns.found.iter();
        let named = named.map(|(role, place)| format!("{}={}", role.word(), header[*place]));
        let amounts = columns.amounts.iter();
        let amounts = amounts.map(|place| format!("amount={}", header[*place]));
        Ok(named.chain(amounts).collect::<Vec<_>>().join(";"))
    }

    #[test]
    fn headers_of_known_banks_are_known() {
        for (line, expected) in [
            (
                "Auftragskonto;Buchungstag;Valutadatum;Buchungstext;Verwendungszweck;\
                 Beguenstigter/Zahlungspflichtiger;Kontonummer/IBAN;Betrag;Waehrung;Info",
                "date=Buchungstag;currency=Waehrung;memo=Verwendungszweck;tag:text=Buchungstext;\
                 tag:counterparty=Beguenstigter/Zahlungspflichtiger;tag:iban=Kontonummer/IBAN;\
                 amount=Betrag",
            ),
            (
                "Buchungsdatum;Wertstellung;Status;Zahlungspflichtige*r;Zahlungsempfänger*in;\
                 Verwendungszweck;Umsatztyp;IBAN;Betrag (€)",
                "date=Buchungsdatum;state=Status;memo=Verwendungszweck;\
                 tag:payer=Zahlungspflichtige*r;tag:counterparty=Zahlungsempfänger*in;\
                 tag:kind=Umsatztyp;tag:iban=IBAN;amount=Betrag (€)",
            ),
            (
                "Date;Description;Money Out;Money In;Balance",
                "date=Date;debit=Money Out;credit=Money In;balance=Balance;memo=Description",
            ),
        ] {
            assert_eq!(found(line, "").unwrap(), expected);
        }
    }

    #[test]
    fn what_is_named_goes_before_what_is_known() {
        let map = "date=Tag,amount=#4,memo=betrag";
        assert_eq!(
            found("Datum;Tag;Betrag;Brutto", map).unwrap(),
            "date=Tag;amount=Brutto;memo=Betrag"
        );
    }

    #[test]
    fn two_columns_for_one_thing_are_asked_about() {
        let fault = found("Datum;Buchungstag;Betrag", "").unwrap_err();
        assert!(
            matches!(fault, Fault::TwoColumns { ref role, .. } if role == "date"),
            "{fault:?}"
        );
        let fault = found("Datum;Text", "").unwrap_err();
        assert!(
            matches!(fault, Fault::NoColumn { ref role, .. } if role == "amount"),
            "{fault:?}"
        );
        let fault = found("Datum;Betrag", "when=Datum").unwrap_err();
        assert!(matches!(fault, Fault::NoSuchRole { .. }), "{fault:?}");
        let fault = found("Datum;Betrag", "memo=Text").unwrap_err();
        assert!(matches!(fault, Fault::NoSuchColumn { .. }), "{fault:?}");
    }

    #[test]
    fn two_columns_of_one_name_are_told_apart_by_their_numbers() {
        let names = "Buchung;Betrag;Währung;Saldo;Währung";
        let Fault::TwoColumns { one, other, .. } = found(names, "").unwrap_err() else {
            panic!();
        };
        assert_eq!((one.as_str(), other.as_str()), ("#3", "#5"));
        let columns = ColumnRoles::of(&header(names), &Pair::parse_list("currency=#5").unwrap());
        assert_eq!(columns.unwrap().one(&ColumnRole::Currency), Some(4));
    }

    #[test]
    fn the_header_of_an_amount_may_name_its_currency() {
        for (name, folded, code) in [
            ("Betrag (€)", "betrag", Some("EUR")),
            ("Umsatz in EUR", "umsatz", Some("EUR")),
            ("Amount GBP", "amount", Some("GBP")),
            ("Saldo [CHF]", "saldo", Some("CHF")),
            ("Amount ($)", "amount", None),
            ("Money Out", "money out", None),
            ("Débit", "debit", None),
        ] {
            assert_eq!(fold(name), folded);
            assert_eq!(unit_in(name, None), code.and_then(Currency::new), "{name}");
        }
        assert_eq!(
            unit_in("Amount ($)", Currency::new("CAD")),
            Currency::new("CAD")
        );
    }
}
