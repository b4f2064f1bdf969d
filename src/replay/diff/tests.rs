use super::*;
use crate::accounts::testing::given;

fn shown(from: &State, to: &State) -> Vec<String> {
    let line = |one: AccountDiff| {
        let text = |balance: Balance| balance.to_text(one.scale);
        format!(
            "{} {} {} {}",
            one.account,
            text(one.from),
            text(one.to),
            text(one.change)
        )
    };
    diff(from, to).unwrap().into_iter().map(line).collect()
}

#[test]
fn only_what_changed_is_new_or_is_gone_is_told() {
    let before = given(&["deposit 5EUR a", "deposit 5 b", "deposit 9 c"]);
    let after = before.clone().with(&[
        "withdraw 2.5 a",
        "open empty",
        "transfer 4 c d",
        "deposit 1 b",
        "withdraw 1 b",
    ]);
    assert_eq!(
        shown(&before.state, &after.state),
        ["a 5.00 2.50 -2.50", "c 9 5 -4", "d 0 4 4", "empty 0 0 0"]
    );
    assert_eq!(shown(&after.state, &before.state)[3], "empty 0 0 0");
    assert_eq!(shown(&after.state, &after.state), [""; 0]);
}

#[test]
fn a_change_beyond_the_range_names_its_account() {
    let log = given(&["open a floor=none"]);
    let holding = |billionths: i128| {
        let mut account = *log.state.account("a").unwrap();
        account.balance = Balance::from_billionths(billionths);
        let mut state = State::default();
        state.put_account("a", account);
        state
    };
    let refused = diff(&holding(i128::MIN), &holding(i128::MAX));
    assert_eq!(
        refused,
        Err(Overflow::Change {
            account: "a".into()
        })
    );
}
