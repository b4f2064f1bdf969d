//! The lines of a log as a list.

use std::path::Path;

use serde_json::Value;

/// A line as it is in the file. Times are compared as texts.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) seq: u64,
    pub(super) at: String,
    pub(super) more: bool,
    pub(super) value: Value,
}

/// Some lines, in some order.
#[derive(Clone, Debug)]
pub(super) struct Lines(Vec<Line>);

/// `-12.5` in billionths.
pub(super) fn billionths(text: &str) -> i128 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let digits: i128 = format!("{whole}{part:0<9}").parse().unwrap();
    sign * digits
}

/// Billionths as they are typed.
pub(super) fn decimal(billionths: i128) -> String {
    let sign = if billionths < 0 { "-" } else { "" };
    let (whole, part) = (
        billionths.abs() / 1_000_000_000,
        billionths.abs() % 1_000_000_000,
    );
    let part = format!("{part:09}");
    let part = part.trim_end_matches('0');
    let dot = if part.is_empty() { "" } else { "." };
    format!("{sign}{whole}{dot}{part}")
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl Line {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.value[key].as_str()
    }

    pub(super) fn kind(&self) -> &str {
        text(&self.value["type"])
    }

    pub(super) fn effective(&self) -> &str {
        self.get("effective").unwrap_or(&self.at)
    }

    pub(super) fn amount(&self) -> i128 {
        billionths(self.get("amount").unwrap_or("0"))
    }

    /// The event that it names with this link.
    pub(super) fn links_to(&self, link: &str) -> Option<u64> {
        self.value[link].as_u64()
    }

    /// The event that it refers to in any way.
    pub(super) fn refers_to(&self) -> Option<u64> {
        let mut links = ["reverses", "captures", "corrects", "refunds"].iter();
        let linked = links.find_map(|link| self.links_to(link));
        match self.kind() {
            "release" => self.links_to("hold"),
            "redact" => self.links_to("event"),
            _ => linked,
        }
    }

    /// What it posts, account by account.
    pub(super) fn postings(&self) -> Vec<(&str, i128)> {
        let account = self.get("account").unwrap_or_default();
        let (from, to) = (
            self.get("from").unwrap_or_default(),
            self.get("to").unwrap_or_default(),
        );
        match self.kind() {
            "deposit" => vec![(account, self.amount())],
            "withdraw" => vec![(account, -self.amount())],
            "transfer" => vec![(from, -self.amount()), (to, self.amount())],
            "exchange" => {
                let arrives = billionths(self.get("to_amount").unwrap_or("0"));
                vec![(from, -self.amount()), (to, arrives)]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn change(&self, account: &str) -> i128 {
        let postings = self.postings();
        let own = postings.iter().filter(|(name, _)| *name == account);
        own.map(|(_, change)| change).sum()
    }

    /// The accounts that it names.
    pub(super) fn names(&self) -> Vec<&str> {
        let keys = ["account", "from", "to"].iter();
        keys.filter_map(|key| self.get(key)).collect()
    }
}

impl Lines {
    pub(super) fn read(path: &Path) -> Lines {
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().map(|line| {
            let value: Value = serde_json::from_str(line).unwrap();
            Line {
                seq: value["seq"].as_u64().unwrap(),
                at: value["at"].as_str().unwrap().to_owned(),
                more: value["more"] == Value::Bool(true),
                value,
            }
        });
        Lines(lines.collect())
    }

    pub(super) fn of(lines: Vec<Line>) -> Lines {
        Lines(lines)
    }

    pub(super) fn all(&self) -> &[Line] {
        &self.0
    }

    pub(super) fn last(&self) -> u64 {
        self.0.last().map_or(0, |line| line.seq)
    }

    pub(super) fn find(&self, seq: u64) -> Option<&Line> {
        self.0.iter().find(|line| line.seq == seq)
    }

    /// The first line and so many events.
    pub(super) fn first(&self, count: u64) -> Lines {
        let kept = self.0.iter().filter(|line| line.seq <= count);
        Lines(kept.cloned().collect())
    }

    /// These events and what refers to them, and to those, and so on.
    pub(super) fn with_what_refers_to(&self, named: &[u64]) -> Vec<u64> {
        let mut found: Vec<u64> = named.to_vec();
        loop {
            let refers = |line: &&Line| {
                let target = line.refers_to();
                target.is_some_and(|target| found.contains(&target)) && !found.contains(&line.seq)
            };
            let Some(more) = self.0.iter().find(refers).map(|line| line.seq) else {
                found.sort_unstable();
                found.dedup();
                return found;
            };
            found.push(more);
        }
    }

    pub(super) fn without(&self, left_out: &[u64]) -> Lines {
        let kept = self.0.iter().filter(|line| !left_out.contains(&line.seq));
        Lines(kept.cloned().collect())
    }

    /// Every account that is named, sorted.
    pub(super) fn accounts(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().flat_map(Line::names).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn balance(&self, account: &str) -> i128 {
        self.0.iter().map(|line| line.change(account)).sum()
    }

    /// True if a line names an account, or takes from or releases a hold that does.
    pub(super) fn touches(&self, line: &Line, account: &str) -> bool {
        let hold = match line.kind() {
            "release" => line.links_to("hold"),
            _ => line.links_to("captures"),
        };
        let hold = hold.and_then(|seq| self.find(seq));
        line.names().contains(&account) || hold.is_some_and(|hold| hold.names().contains(&account))
    }

    /// What these lines leave of a hold, without its expiry.
    pub(super) fn left(&self, hold: &Line, counts: impl Fn(&Line) -> bool) -> i128 {
        let mut left = hold.amount();
        for line in self.0.iter().filter(|line| counts(line)) {
            if line.kind() == "release" && line.links_to("hold") == Some(hold.seq) {
                left -= line.amount();
            }
            if line.links_to("captures") == Some(hold.seq) {
                left -= line.amount();
                if line.value["keep"] != Value::Bool(true) {
                    return 0;
                }
            }
        }
        left
    }

    /// The rests of holds with this account on one side, `from` or `to`.
    pub(super) fn pending(&self, account: &str, side: &str, moment: &str) -> i128 {
        let holds = self.0.iter().filter(|line| line.kind() == "hold");
        let own = holds.filter(|hold| hold.get(side) == Some(account));
        let open = own.filter(|hold| hold.get("expires").is_none_or(|expires| expires > moment));
        open.map(|hold| self.left(hold, |_| true)).sum()
    }

    /// `balance`, `available`, `pending_in` or `pending_out` of an account at a moment.
    pub(super) fn figure(&self, measure: &str, account: &str, moment: &str) -> i128 {
        match measure {
            "balance" => self.balance(account),
            "available" => self.balance(account) - self.pending(account, "from", moment),
            "pending_in" => self.pending(account, "to", moment),
            _ => self.pending(account, "from", moment),
        }
    }

    /// The last moment that is sealed.
    pub(super) fn seal(&self) -> Option<String> {
        let mut seals = self
            .0
            .iter()
            .filter(|line| matches!(line.kind(), "seal" | "unseal"));
        seals.next_back()?.get("through").map(str::to_owned)
    }

    /// For a message.
    pub(super) fn text(&self) -> String {
        let lines = self.0.iter();
        lines.map(|line| format!("{}\n", line.value)).collect()
    }
}
