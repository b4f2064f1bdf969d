//! Random requests against a model that shares nothing with the code: names and whole numbers in
//! plain maps.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::accounts::Decision;
use crate::accounts::testing::Log;

#[derive(Clone, Debug)]
enum Step {
    Open(usize, Option<i128>),
    Limit(usize, i128),
    Deposit(usize, i128),
    Withdraw(usize, i128),
    Transfer(usize, usize, i128),
    Close(usize),
    Reverse(usize),
}

const NAMES: [&str; 4] = ["a", "a:b", "küche", "main"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || 0..NAMES.len();
    let sum = || 1_i128..60;
    let floor = || -50_i128..50;
    let step = prop_oneof![
        1 => (name(), proptest::option::of(floor())).prop_map(|(n, f)| Step::Open(n, f)),
        1 => (name(), floor()).prop_map(|(n, f)| Step::Limit(n, f)),
        4 => (name(), sum()).prop_map(|(n, s)| Step::Deposit(n, s)),
        4 => (name(), sum()).prop_map(|(n, s)| Step::Withdraw(n, s)),
        4 => (name(), name(), sum()).prop_map(|(a, b, s)| Step::Transfer(a, b, s)),
        1 => name().prop_map(Step::Close),
        2 => (0_usize..40).prop_map(Step::Reverse),
    ];
    proptest::collection::vec(step, 0..60)
}

#[derive(Default)]
struct Model {
    strict: bool,
    balances: BTreeMap<String, i128>,
    floors: BTreeMap<String, i128>,
    closed: BTreeSet<String>,
    /// What each recorded event moved, and whether it was reversed.
    moved: Vec<(Vec<(String, i128)>, bool)>,
}

impl Model {
    fn is_open(&self, name: &str) -> bool {
        self.balances.contains_key(name) && !self.closed.contains(name)
    }

    fn may_receive(&self, name: &str) -> bool {
        self.is_open(name) || (!self.strict && !self.balances.contains_key(name))
    }

    fn may_give(&self, name: &str, sum: i128) -> bool {
        self.is_open(name) && self.balances[name] - sum >= *self.floors.get(name).unwrap_or(&0)
    }

    fn may_move(&self, legs: &[(String, i128)]) -> bool {
        legs.iter().all(|(name, change)| match change {
            change if *change < 0 => self.may_give(name, -change),
            _ => self.may_receive(name),
        })
    }

    fn post(&mut self, legs: Vec<(String, i128)>) {
        for (name, change) in &legs {
            *self.balances.entry(name.clone()).or_default() += change;
        }
        self.moved.push((legs, false));
    }

    /// Performs the step if it is allowed, and returns whether it was.
    fn take(&mut self, step: &Step) -> bool {
        let name = |index: usize| NAMES[index].to_owned();
        let (allowed, legs) = match step {
            Step::Open(n, floor) => {
                let allowed = !self.is_open(NAMES[*n]);
                if allowed {
                    self.balances.entry(name(*n)).or_default();
                    self.closed.remove(NAMES[*n]);
                    self.floors.insert(name(*n), floor.unwrap_or(0));
                }
                (allowed, vec![])
            }
            Step::Limit(n, floor) => {
                let allowed = self.is_open(NAMES[*n]);
                if allowed {
                    self.floors.insert(name(*n), *floor);
                }
                (allowed, vec![])
            }
            Step::Close(n) => {
                let allowed = self.is_open(NAMES[*n]) && self.balances[NAMES[*n]] == 0;
                if allowed {
                    self.closed.insert(name(*n));
                }
                (allowed, vec![])
            }
            Step::Deposit(n, sum) => {
                let legs = vec![(name(*n), *sum)];
                (self.may_move(&legs), legs)
            }
            Step::Withdraw(n, sum) => {
                let legs = vec![(name(*n), -sum)];
                (self.may_move(&legs), legs)
            }
            Step::Transfer(a, b, sum) => {
                let legs = vec![(name(*a), -sum), (name(*b), *sum)];
                (a != b && self.may_move(&legs), legs)
            }
            Step::Reverse(seq) => {
                let target = seq.checked_sub(1).and_then(|index| self.moved.get(index));
                let legs: Vec<_> = target
                    .filter(|(_, reversed)| !reversed)
                    .map(|(legs, _)| legs.iter().map(|(n, c)| (n.clone(), -c)).collect())
                    .unwrap_or_default();
                let allowed = !legs.is_empty() && self.may_move(&legs);
                if allowed {
                    self.moved[seq - 1].1 = true;
                }
                (allowed, legs)
            }
        };
        if allowed {
            self.post(legs);
        }
        allowed
    }
}

fn line(step: &Step) -> String {
    let name = |index: &usize| NAMES[*index];
    match step {
        Step::Open(n, None) => format!("open {}", name(n)),
        Step::Open(n, Some(floor)) => format!("open {} floor={floor}", name(n)),
        Step::Limit(n, floor) => format!("limit {} floor={floor}", name(n)),
        Step::Deposit(n, sum) => format!("deposit {sum} {}", name(n)),
        Step::Withdraw(n, sum) => format!("withdraw {sum} {}", name(n)),
        Step::Transfer(a, b, sum) => format!("transfer {sum} {} {}", name(a), name(b)),
        Step::Close(n) => format!("close {}", name(n)),
        Step::Reverse(seq) => format!("reverse {seq}"),
    }
}

proptest! {
    #[test]
    fn requests_are_taken_and_refused_as_a_plain_model_says(
        steps in steps(),
        strict in any::<bool>(),
        euro in any::<bool>(),
    ) {
        let mut log = Log::new(euro.then_some("EUR"), strict);
        let mut model = Model { strict, ..Model::default() };
        for step in &steps {
            let before = log.state.clone();
            let decision = log.when(&line(step));
            prop_assert_eq!(&log.state, &before, "deciding changes nothing");
            let allowed = model.take(step);
            prop_assert_eq!(decision.is_ok(), allowed, "{:?}: {:?}", step, decision);
            if let Ok(Decision::Record(proposals)) = decision {
                // Checks the rules again on what was decided, and must succeed in applying it.
                log.push_proposals(proposals, None);
            }
            let balances: BTreeMap<String, i128> = log
                .state
                .accounts()
                .iter()
                .map(|(name, account)| ((*name).to_owned(), account.balance.billionths() / 1_000_000_000))
                .collect();
            prop_assert_eq!(&balances, &model.balances);
        }
        // The state equals the sum of its events' changes, account by account.
        let mut sums: BTreeMap<String, i128> = BTreeMap::new();
        for entry in &log.entries {
            for posting in entry.event.postings() {
                *sums.entry(posting.account.to_string()).or_default() += posting.change.billionths();
            }
        }
        for (name, account) in log.state.accounts() {
            prop_assert_eq!(account.balance.billionths(), sums.get(name).copied().unwrap_or(0));
        }
    }
}
