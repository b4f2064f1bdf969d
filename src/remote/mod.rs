//! Replicated engines: a log whose bytes are in a NATS JetStream stream or in a PostgreSQL table.
//!
//! The [`Store`] trait, addresses and secrets, the settling of lost answers, and the local mirror.
//! Must not depend on rules, printing or a clock: the caller passes a [`Clock`].

#[cfg(any(feature = "nats", feature = "postgres"))]
mod attempts;
#[cfg(test)]
pub(crate) mod memory;
pub mod mirror;
#[cfg(feature = "nats")]
pub mod nats;
mod open;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "nats", feature = "postgres"))]
mod runtime;
pub mod secret;
pub mod settle;
pub mod store;
#[cfg(test)]
mod testing;
pub mod url;

pub use mirror::{ChainCheck, Mirror, Seen, SettledAppend, SyncedPosition};
pub use open::open;
pub use secret::Secret;
pub use settle::Settled;
pub use store::{
    Append, AppendId, AppendPosition, Clock, Deadline, EngineHead, Fetched, Identity, LogName,
    NotAppended, PART_BYTES, PARTS, ReplicaRead, ReplicaSink, ReplicaState, Sink, Store,
    StoreError, StoreNode,
};
pub use url::{Address, NatsAddress, PostgresAddress, SuppliedSecrets};
