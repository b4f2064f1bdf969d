//! The store of an address, with the client that this build has for it.

use std::sync::Arc;

#[cfg(feature = "nats")]
use super::nats::NatsStore;
#[cfg(feature = "postgres")]
use super::postgres::PostgresStore;
use super::{Address, Clock, Store};

/// The store of an address, which connects when it is first used; `None` if this build has no client
/// for it.
#[cfg_attr(
    not(any(feature = "nats", feature = "postgres")),
    expect(unused_variables, reason = "a client takes it")
)]
pub fn open(address: Address, clock: Arc<dyn Clock>) -> Option<Box<dyn Store>> {
    match address {
        #[cfg(feature = "nats")]
        Address::Nats(address) => Some(Box::new(NatsStore::new(address, clock))),
        #[cfg(feature = "postgres")]
        Address::Postgres(address) => Some(Box::new(PostgresStore::new(address, clock))),
        #[cfg(not(all(feature = "nats", feature = "postgres")))]
        _ => None,
    }
}
