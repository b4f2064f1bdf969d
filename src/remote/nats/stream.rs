//! The settings and the state of a JetStream stream, in the JSON of its API: which settings are
//! safe for a ledger, and the names of subjects.

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::json;

use crate::remote::{AppendPosition, EngineHead, Identity, LogName, StoreError, StoreNode};

/// The header with an append's id.
pub(super) const ID: &str = "Ledger-Append";

/// The subject that a stream's appends are published to.
pub(super) fn subject(stream: &str) -> String {
    format!("ledger.{stream}")
}

/// The subject on which the server announces what it has stored.
pub(super) fn bell_subject(stream: &str) -> String {
    format!("ledger-stored.{stream}")
}

/// The settings of a new stream.
pub(super) fn creation(stream: &str, replicas: u8) -> String {
    json!({
        "name": stream,
        "subjects": [subject(stream)],
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "max_age": 0,
        "max_bytes": -1,
        "max_consumers": -1,
        "max_msg_size": -1,
        "max_msgs": -1,
        "max_msgs_per_subject": -1,
        "num_replicas": replicas,
        "deny_delete": true,
        "deny_purge": true,
        "allow_direct": true,
        "allow_atomic": true,
        "republish": {
            "src": subject(stream),
            "dest": bell_subject(stream),
            "headers_only": true,
        },
    })
    .to_string()
}

/// The part of an answer that shows whether it is an error.
#[derive(Debug, Deserialize)]
pub(super) struct ApiAnswer {
    pub(super) error: Option<ApiError>,
}

/// An error of the JetStream API.
#[derive(Debug, Deserialize)]
pub(super) struct ApiError {
    pub(super) code: u16,
    #[serde(default)]
    pub(super) err_code: u32,
    #[serde(default)]
    pub(super) description: String,
}

/// What a stream acknowledges.
#[derive(Debug, Deserialize)]
pub(super) struct Stored {
    pub(super) stream: String,
    pub(super) seq: u64,
}

/// The answer to `STREAM.INFO` and `STREAM.CREATE`.
#[derive(Debug, Deserialize)]
pub(super) struct StreamInfo {
    config: StreamSettings,
    state: StreamState,
    created: String,
    ts: Option<String>,
    cluster: Option<ClusterInfo>,
}

/// The servers of a cluster that keep a stream.
#[derive(Debug, Deserialize)]
struct ClusterInfo {
    leader: Option<String>,
    #[serde(default)]
    replicas: Vec<ClusterPeer>,
}

#[derive(Debug, Deserialize)]
struct ClusterPeer {
    name: String,
    #[serde(default)]
    offline: bool,
    #[serde(default)]
    lag: u64,
}

#[derive(Debug, Deserialize)]
struct StreamState {
    first_seq: u64,
    last_seq: u64,
}

#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the server's settings"
)]
struct StreamSettings {
    #[serde(default)]
    subjects: Vec<String>,
    storage: String,
    retention: String,
    discard: String,
    #[serde(default)]
    max_age: i64,
    #[serde(default)]
    max_msgs_per_subject: i64,
    #[serde(default)]
    max_msg_size: i64,
    #[serde(default)]
    deny_delete: bool,
    #[serde(default)]
    deny_purge: bool,
    #[serde(default)]
    allow_direct: bool,
    #[serde(default)]
    allow_atomic: bool,
    #[serde(default)]
    allow_rollup_hdrs: bool,
    #[serde(default)]
    allow_msg_ttl: bool,
    #[serde(default)]
    allow_msg_counter: bool,
    #[serde(default)]
    allow_msg_schedules: bool,
    #[serde(default)]
    no_ack: bool,
    #[serde(default)]
    sealed: bool,
    persist_mode: Option<String>,
    mirror: Option<serde_json::Value>,
    sources: Option<serde_json::Value>,
    subject_transform: Option<serde_json::Value>,
    republish: Option<Republish>,
}

#[derive(Debug, Deserialize)]
struct Republish {
    #[serde(default)]
    src: String,
    dest: String,
    #[serde(default)]
    headers_only: bool,
}

impl StreamInfo {
    /// The stream's head.
    pub(super) fn head(&self) -> EngineHead {
        let time = self.ts.as_ref().and_then(|text| {
            let timestamp: jiff::Timestamp = text.parse().ok()?;
            Some(SystemTime::from(timestamp))
        });
        EngineHead {
            position: AppendPosition::new(self.state.last_seq),
            identity: Identity::new(self.created.clone()),
            time,
        }
    }

    /// The servers that keep the stream; the only one if it is not in a cluster.
    pub(super) fn nodes(&self, only: impl FnOnce() -> String) -> Vec<StoreNode> {
        let node = |name: String, is_leader: bool| StoreNode {
            name,
            is_online: true,
            is_leader,
            behind: 0,
        };
        let Some(cluster) = self.cluster.as_ref() else {
            return vec![node(only(), true)];
        };
        let leader = cluster.leader.clone().map(|leader| node(leader, true));
        let peers = cluster.replicas.iter().map(|peer| StoreNode {
            is_online: !peer.offline,
            behind: peer.lag,
            ..node(peer.name.clone(), false)
        });
        let mut nodes: Vec<StoreNode> = leader.into_iter().chain(peers).collect();
        nodes.sort_by(|one, other| one.name.cmp(&other.name));
        nodes
    }

    /// The most bytes of a message, if the stream limits them.
    pub(super) fn most_message_bytes(&self) -> Option<usize> {
        usize::try_from(self.config.max_msg_size)
            .ok()
            .filter(|most| *most > 0)
    }

    /// Refuses a stream with a setting that could lose or change an append, or with a beginning that is
    /// lost.
    pub(super) fn check(&self, log_name: &LogName, stream: &str) -> Result<(), StoreError> {
        let settings = &self.config;
        let yes_or_no = |value: bool| value.to_string();
        let is_there = |value: &Option<serde_json::Value>| {
            let there = value.as_ref().is_some_and(|value| !value.is_null());
            if there { "set" } else { "absent" }.to_owned()
        };
        let limit = |value: i64| {
            if value <= 0 {
                "none".to_owned()
            } else {
                value.to_string()
            }
        };
        let republish = settings.republish.as_ref().map_or_else(
            || "absent".to_owned(),
            |bell| {
                format!(
                    "{} to {}, headers only {}",
                    bell.src, bell.dest, bell.headers_only
                )
            },
        );
        let bell = format!(
            "{} to {}, headers only true",
            subject(stream),
            bell_subject(stream)
        );
        let subjects = subject(stream);
        let persist = settings
            .persist_mode
            .clone()
            .filter(|mode| !mode.is_empty());
        let rows: [(&'static str, String, &str); 20] = [
            ("subjects", settings.subjects.join(", "), &subjects),
            ("storage", settings.storage.clone(), "file"),
            ("retention", settings.retention.clone(), "limits"),
            ("discard", settings.discard.clone(), "new"),
            ("max_age", limit(settings.max_age), "none"),
            (
                "max_msgs_per_subject",
                limit(settings.max_msgs_per_subject),
                "none",
            ),
            ("deny_delete", yes_or_no(settings.deny_delete), "true"),
            ("deny_purge", yes_or_no(settings.deny_purge), "true"),
            ("allow_direct", yes_or_no(settings.allow_direct), "true"),
            ("allow_atomic", yes_or_no(settings.allow_atomic), "true"),
            (
                "allow_rollup_hdrs",
                yes_or_no(settings.allow_rollup_hdrs),
                "false",
            ),
            ("allow_msg_ttl", yes_or_no(settings.allow_msg_ttl), "false"),
            (
                "allow_msg_counter",
                yes_or_no(settings.allow_msg_counter),
                "false",
            ),
            (
                "allow_msg_schedules",
                yes_or_no(settings.allow_msg_schedules),
                "false",
            ),
            ("no_ack", yes_or_no(settings.no_ack), "false"),
            (
                "persist_mode",
                persist.unwrap_or_else(|| "default".to_owned()),
                "default",
            ),
            ("mirror", is_there(&settings.mirror), "absent"),
            ("sources", is_there(&settings.sources), "absent"),
            (
                "subject_transform",
                is_there(&settings.subject_transform),
                "absent",
            ),
            ("republish", republish, &bell),
        ];
        for (setting, found, needed) in rows {
            if found != needed {
                return Err(StoreError::WrongSetting {
                    log_name: log_name.clone(),
                    setting,
                    found,
                    needed: needed.to_owned(),
                });
            }
        }
        if settings.sealed {
            return Err(StoreError::Refused {
                log_name: log_name.clone(),
                problem: "the stream is sealed".to_owned(),
            });
        }
        if self.state.last_seq > 0 && self.state.first_seq != 1 {
            return Err(StoreError::Hole {
                log_name: log_name.clone(),
                position: AppendPosition::new(1),
                node: None,
            });
        }
        Ok(())
    }
}

/// The oldest server that is safe.
const OLDEST_SERVER: [u64; 3] = [2, 12, 3];

/// Refuses a server that is too old.
pub(super) fn check_version(log_name: &LogName, version: &str) -> Result<(), StoreError> {
    let numbers = version.split(['-', '+']).next().unwrap_or_default();
    let mut found = numbers.split('.').map(|number| number.parse().unwrap_or(0));
    let found: [u64; 3] = std::array::from_fn(|_| found.next().unwrap_or(0));
    if found >= OLDEST_SERVER {
        return Ok(());
    }
    Err(StoreError::WrongSetting {
        log_name: log_name.clone(),
        setting: "the server's version",
        found: version
            .chars()
            .filter(|c| !c.is_control())
            .take(32)
            .collect(),
        needed: "2.12.3 or newer".to_owned(),
    })
}
