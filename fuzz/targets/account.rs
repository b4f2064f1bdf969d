//! Account names: every way to read one agrees, and a name needs no escape in JSON and does nothing
//! on a terminal.
#![no_main]

use event_ledger::event::{AccountName, Key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let name = AccountName::new(text);
    assert_eq!(AccountName::from_text(text).as_ref(), name.as_ref().ok());
    match &name {
        Ok(name) => {
            assert_eq!(name.as_str(), text);
            assert!(text.chars().count() <= 64);
            let is_plain = |c: char| c.is_alphanumeric() || ":._-@/".contains(c);
            assert!(text.chars().all(is_plain), "{text:?}");
            assert_eq!(AccountName::typed(text).as_ref(), Ok(name));
        }
        Err(error) => {
            assert!(error.to_string().len() < 1024);
            if let Some(suggestion) = &error.suggestion {
                assert!(
                    AccountName::new(suggestion.to_string()).is_ok(),
                    "{suggestion}"
                );
            }
        }
    }
    if let Ok(typed) = AccountName::typed(text) {
        assert_eq!(AccountName::typed(typed.as_str()), Ok(typed.clone()));
    }
    if let Ok(key) = Key::new(text) {
        assert!((1..=128).contains(&key.as_str().chars().count()));
        assert!(!text.contains(char::is_control));
    }
});
