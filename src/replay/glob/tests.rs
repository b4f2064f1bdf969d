use proptest::prelude::*;

use super::*;

#[test]
fn a_star_is_any_run_and_crosses_colons_and_a_question_mark_is_any_one() {
    for (pattern, name) in [
        ("*", "main"),
        ("main", "main"),
        ("expenses:*", "expenses:food:out"),
        ("*:out", "expenses:food:out"),
        ("e*f*t", "expenses:food:out"),
        ("ma?n", "main"),
        ("k?che", "küche"),
        ("ku\u{308}*", "küche"),
        ("a*", "a"),
        ("**", "a"),
        ("*ab", "aab"),
    ] {
        assert!(Glob::new(pattern).matches(name), "{pattern} {name}");
    }
    for (pattern, name) in [
        ("main", "mains"),
        ("main", "mai"),
        ("expenses:*", "expenses"),
        ("?", ""),
        ("a?", "a"),
        ("*x", "a"),
        ("", "a"),
        ("Main", "main"),
        ("[m]ain", "main"),
    ] {
        assert!(!Glob::new(pattern).matches(name), "{pattern} {name}");
    }
}

#[test]
fn only_a_star_or_a_question_mark_makes_a_pattern() {
    assert!(Glob::is_pattern("a*") && Glob::is_pattern("?a"));
    assert!(!Glob::is_pattern("a:b/c@d.e-f_g"));
}

#[test]
fn many_stars_do_not_blow_up() {
    let pattern = format!("{}b", "a*".repeat(2000));
    assert!(!Glob::new(&pattern).matches(&"a".repeat(5000)));
}

/// The obvious algorithm, which is exponential.
fn naive(pattern: &[char], name: &[char]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => (0..=name.len()).any(|taken| naive(rest, &name[taken..])),
        (Some((wanted, rest)), Some((found, others))) => {
            (*wanted == '?' || wanted == found) && naive(rest, others)
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn it_matches_what_the_obvious_way_matches(pattern in "[ab*?]{0,8}", name in "[ab]{0,10}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(Glob::new(&pattern).matches(&name), naive(&chars(&pattern), &chars(&name)));
    }
}
