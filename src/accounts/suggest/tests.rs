use super::*;
use crate::accounts::testing::given;

fn suggested(accounts: &[&str], name: &str) -> Option<String> {
    let opens: Vec<_> = accounts.iter().map(|name| format!("open {name}")).collect();
    let lines: Vec<_> = opens.iter().map(String::as_str).collect();
    suggest(&given(&lines).state, name)
}

#[test]
fn a_slip_of_the_fingers_is_seen_through() {
    let accounts = ["main", "savings", "expenses:groceries", "expenses:rent"];
    assert_eq!(suggested(&accounts, "mian").as_deref(), Some("main"));
    assert_eq!(suggested(&accounts, "Savings").as_deref(), Some("savings"));
    assert_eq!(suggested(&accounts, "saving").as_deref(), Some("savings"));
    assert_eq!(
        suggested(&accounts, "expenses:grocerys").as_deref(),
        Some("expenses:groceries")
    );
}

#[test]
fn a_last_segment_means_the_only_account_that_ends_in_it() {
    let accounts = ["expenses:groceries", "a:shop", "b:shop"];
    assert_eq!(
        suggested(&accounts, "groceries").as_deref(),
        Some("expenses:groceries")
    );
    assert_eq!(suggested(&accounts, "shop"), None);
    assert_eq!(suggested(&accounts, "roceries"), None);
}

#[test]
fn what_is_not_close_is_not_suggested() {
    assert_eq!(suggested(&["main", "savings"], "rent"), None);
    assert_eq!(suggested(&["ab"], "ac"), None);
    assert_eq!(suggested(&[], "main"), None);
}

#[test]
fn a_closed_account_is_not_suggested() {
    assert_eq!(
        suggest(&given(&["open main", "close main"]).state, "mian"),
        None
    );
}

fn similar_to(accounts: &[&str], name: &str) -> Option<String> {
    let opens: Vec<_> = accounts.iter().map(|name| format!("open {name}")).collect();
    let lines: Vec<_> = opens.iter().map(String::as_str).collect();
    similar(&given(&lines).state, name)
}

#[test]
fn a_new_account_that_is_probably_a_slip_is_close_to_another() {
    let accounts = ["main", "savings", "expenses:groceries", "assets:cash"];
    for (name, other) in [
        ("mian", "main"),
        ("Main", "main"),
        ("saving", "savings"),
        ("expenses:grocreis", "expenses:groceries"),
        ("asets:cash", "assets:cash"),
    ] {
        assert_eq!(
            similar_to(&accounts, name).as_deref(),
            Some(other),
            "{name}"
        );
    }
}

#[test]
fn a_new_account_of_a_series_is_no_slip() {
    let accounts = [
        "order:1001",
        "rider:asha",
        "cash:eur",
        "expenses:bar",
        "main",
    ];
    for name in [
        "order:1002",
        "rider:ravi",
        "cash:usd",
        "expenses:car",
        "main:old",
        "rest",
    ] {
        assert_eq!(similar_to(&accounts, name), None, "{name}");
    }
}
