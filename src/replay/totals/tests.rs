use super::*;
use crate::accounts::State;
use crate::accounts::testing::given;

fn shown(state: &State) -> Vec<String> {
    let accounts = state.unsorted().map(|(_, account)| account);
    let totals = totals(accounts).unwrap();
    let text = |total: &Total| {
        let currency = total.currency.map_or(String::new(), |c| c.to_string());
        format!("{}{currency}", total.balance.to_text(total.scale))
    };
    totals.iter().map(text).collect()
}

#[test]
fn there_is_a_total_a_currency_sorted_and_that_of_none_first() {
    let log = given(&[
        "deposit 5USD a",
        "deposit 1.5EUR b",
        "deposit 2EUR c",
        "deposit 3 d",
        "deposit 0.125 e",
        "open f JPY",
    ]);
    assert_eq!(shown(&log.state), ["3.125", "3.50EUR", "0JPY", "5.00USD"]);
    assert_eq!(shown(&State::default()), [""; 0]);
}

#[test]
fn a_total_beyond_the_range_names_its_currency() {
    let log = given(&["deposit 5EUR a"]);
    let mut account = *log.state.account("a").unwrap();
    account.balance = Balance::from_billionths(i128::MAX);
    let refused = totals([account, account].iter()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the total in EUR is beyond what a ledger can hold"
    );
}
