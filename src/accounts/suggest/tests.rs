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
