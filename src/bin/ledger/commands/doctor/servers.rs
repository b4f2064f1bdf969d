//! The servers that keep a log on an engine: which are there, and how they are set.

use event_ledger::remote::StoreNode;

use crate::monitor::{self, Monitored};
use crate::output::sentence::counted;
use crate::session::Session;

/// What is known of the servers.
pub(super) struct Servers {
    pub(super) nodes: Vec<StoreNode>,
    pub(super) monitored: Vec<Monitored>,
}

impl Servers {
    /// Asks the engine for its servers, and each monitoring port.
    pub(super) fn ask(monitors: &[String], session: &mut Session) -> anyhow::Result<Servers> {
        let mut monitored = Vec::new();
        for url in monitors {
            monitored.push(monitor::ask(url)?);
        }
        Ok(Servers {
            nodes: session.nodes()?,
            monitored,
        })
    }

    /// Prints a line a server, and how to fix what is wrong with it.
    pub(super) fn show(&self, session: &mut Session) {
        let mut lines = Vec::new();
        if let [only] = self.nodes.as_slice() {
            lines.push((format!("{}: keeps the log alone", only.name), None));
        } else {
            lines.extend(self.nodes.iter().map(of_node));
        }
        for server in &self.monitored {
            lines.extend(of_monitored(server));
        }
        for (line, fix) in lines {
            if session.quiet && fix.is_none() {
                continue;
            }
            session.line(&line);
            if let Some(fix) = fix {
                session.line(&format!("  fix: {fix}"));
            }
        }
    }
}

type ServerLine = (String, Option<&'static str>);

fn of_node(node: &StoreNode) -> ServerLine {
    let name = &node.name;
    if !node.is_online {
        let fix = "start it again: it fetches what it lacks from the others";
        return (format!("{name}: it is offline"), Some(fix));
    }
    let text = match (node.is_leader, node.behind) {
        (true, _) => format!("{name}: leads"),
        (false, 0) => format!("{name}: is in step"),
        (false, behind) => format!("{name}: is {} behind", counted(behind, "append")),
    };
    (text, None)
}

fn of_monitored(server: &Monitored) -> Vec<ServerLine> {
    let name = &server.server;
    let mut lines = Vec::new();
    if let Some(illness) = &server.illness {
        let fix = "see its own log; a server that catches up becomes well by itself";
        lines.push((format!("{name}: it says: {illness}"), Some(fix)));
    }
    if server.syncs_always {
        let text = format!("{name}: version {}, syncs each append", server.version);
        lines.push((text, None));
    } else {
        let text = format!("{name}: acknowledges appends before they are synced");
        let fix = "write `sync_interval: always` in the jetstream block of its configuration, and restart it";
        lines.push((text, Some(fix)));
    }
    lines
}
