//! The day on which an event took effect, in the ledger's zone.

use crate::event::Entry;
use crate::time::{Period, Step, Zone};

/// Formats effective days, and remembers the last one, since most events are on the same day as the
/// event before.
#[derive(Clone, Debug)]
pub(super) struct DayFormatter {
    zone: Zone,
    /// The last day that was formatted.
    last: Option<(Period, String)>,
}

impl DayFormatter {
    pub(super) fn new(zone: &Zone) -> DayFormatter {
        DayFormatter {
            zone: zone.clone(),
            last: None,
        }
    }

    /// The day on which an event took effect, such as `2026-03-14`. A later moment never gets an earlier
    /// day, even if clocks are set back over midnight.
    pub(super) fn day(&mut self, entry: &Entry<'_>) -> &str {
        let at = entry.took_effect();
        let is_that_day = |(day, _): &(Period, String)| day.first <= at && at <= day.last;
        if !self.last.as_ref().is_some_and(is_that_day) {
            let day = self.zone.period(Step::Day, at);
            self.last = Some((day, self.zone.label(Step::Day, at)));
        }
        self.last.as_ref().map_or("", |(_, day)| day.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{AccountName, Event, Hash, Record};
    use crate::time::Timestamp;

    fn at(text: &str) -> Entry<'static> {
        Entry {
            record: Record {
                seq: 1,
                at: Timestamp::parse_rfc3339(text).unwrap(),
                effective: None,
                event: Event::Close {
                    account: AccountName::main(),
                },
                link: None,
                key: None,
                more: false,
                note: None,
            },
            hash: Hash::from_bytes([0; 32]),
        }
    }

    #[test]
    fn days_are_those_of_the_zone_in_any_order_of_calls() {
        let mut formatter = DayFormatter::new(&Zone::named("Europe/Vienna").unwrap());
        for (moment, day) in [
            ("2026-03-14T22:59:59.999999Z", "2026-03-14"),
            ("2026-03-14T23:00:00Z", "2026-03-15"),
            ("2026-03-14T22:59:59.999999Z", "2026-03-14"),
            ("0001-01-01T00:00:00Z", "0001-01-01"),
            ("9999-12-30T22:00:00Z", "9999-12-30"),
            ("2026-07-01T22:00:00Z", "2026-07-02"),
        ] {
            assert_eq!(formatter.day(&at(moment)), day, "{moment}");
        }
    }
}
