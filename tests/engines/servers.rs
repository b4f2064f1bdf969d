//! Servers for tests, also for those of `src/remote`: started on free ports, with data in temporary
//! directories, killed at the end.
#![allow(dead_code, reason = "no test file uses all of it")]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::skip;

/// A program that the tests need: from a variable, the path or one of these directories. If it is
/// missing the test is skipped, unless `LEDGER_ENGINES=required`.
fn program(variable: &str, name: &str, directories: &[PathBuf]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(directories.iter().cloned())
        .map(|directory| directory.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var("LEDGER_ENGINES").is_ok_and(|value| value == "required");
        assert!(!required, "there is no {name}, and LEDGER_ENGINES=required");
        skip("logs on engines", &format!("there is no {name}"));
    }
    found
}

/// How long tests under load run.
pub(crate) fn load_time() -> Duration {
    let seconds = std::env::var("LEDGER_ENGINES_SECONDS").ok();
    Duration::from_secs(seconds.map_or(10, |seconds| seconds.parse().unwrap()))
}

/// A free port that no other test gets, below those that the system gives to outgoing connections: a
/// server that is started again finds its port free.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let own = std::process::id() * 37 % 12_000;
        let number = own + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(20_000 + number % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A process that is killed in the end.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Waits for a line of its output with this text, and continues to read its output.
    fn wait_for(output: impl Read + Send + 'static, text: &str) {
        let mut lines = BufReader::new(output).lines();
        let mut seen = String::new();
        loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("it ended without {text:?}:\n{seen}");
            };
            if line.contains(text) {
                break;
            }
            seen += &line;
            seen.push('\n');
        }
        std::thread::spawn(move || lines.for_each(drop));
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, signal).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A node of NATS.
pub(crate) struct Node {
    program: PathBuf,
    config: PathBuf,
    pub(crate) port: u16,
    pub(crate) monitor: u16,
    pub(crate) running: Option<Running>,
}

impl Node {
    /// A node with this configuration, not started yet; `None` if there is no program.
    pub(crate) fn of(config: PathBuf, port: u16, monitor: u16) -> Option<Node> {
        Some(Node {
            program: program("LEDGER_NATS_SERVER", "nats-server", &[])?,
            config,
            port,
            monitor,
            running: None,
        })
    }

    pub(crate) fn start(&mut self) {
        let mut child = Command::new(&self.program)
            .arg("-c")
            .arg(&self.config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stderr.take().unwrap();
        self.running = Some(Running(child));
        Running::wait_for(output, "Server is ready");
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.running = None;
    }
}

/// Nodes of NATS that keep data together.
pub(crate) struct Nats {
    pub(crate) nodes: Vec<Node>,
    pub(crate) directory: TempDir,
}

impl Nats {
    /// Starts this many nodes with these additional settings; `None` if there is no program.
    pub(crate) fn start(count: usize, settings: &str) -> Option<Nats> {
        Nats::start_in(tempfile::tempdir().unwrap(), count, settings)
    }

    /// The same, with a directory that has files which the settings name.
    pub(crate) fn start_in(directory: TempDir, count: usize, settings: &str) -> Option<Nats> {
        let program = program("LEDGER_NATS_SERVER", "nats-server", &[])?;
        let routes: Vec<u16> = (0..count).map(|_| free_port()).collect();
        let mut nodes = Vec::new();
        for (number, route) in routes.iter().enumerate() {
            let (port, monitor) = (free_port(), free_port());
            let store = directory.path().join(format!("node{number}"));
            let mut text = format!(
                "server_name: node{number}\nlisten: \"127.0.0.1:{port}\"\n\
                 http: \"127.0.0.1:{monitor}\"\n\
                 jetstream {{ store_dir: {:?}, sync_interval: always }}\n{settings}\n",
                store.display()
            );
            if count > 1 {
                let urls: Vec<String> = routes
                    .iter()
                    .map(|route| format!("\"nats://127.0.0.1:{route}\""))
                    .collect();
                let _ = writeln!(
                    text,
                    "cluster {{ name: tests, listen: \"127.0.0.1:{route}\", routes: [{}] }}",
                    urls.join(", ")
                );
            }
            let config = directory.path().join(format!("{number}.conf"));
            std::fs::write(&config, text).unwrap();
            nodes.push(Node {
                program: program.clone(),
                config,
                port,
                monitor,
                running: None,
            });
        }
        for node in &mut nodes {
            node.start();
        }
        Some(Nats { nodes, directory })
    }

    /// Starts one node with exactly this configuration.
    pub(crate) fn start_with(directory: TempDir, text: &str) -> Option<Nats> {
        let config = directory.path().join("server.conf");
        std::fs::write(&config, text).unwrap();
        let mut node = Node::of(config, 0, 0)?;
        node.start();
        Some(Nats {
            nodes: vec![node],
            directory,
        })
    }

    /// The hosts of an address.
    pub(crate) fn hosts(&self) -> String {
        let hosts: Vec<String> = self
            .nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        hosts.join(",")
    }

    /// The address of a stream.
    pub(crate) fn address(&self, stream: &str) -> String {
        format!("nats://{}/{stream}", self.hosts())
    }

    /// A request of the JetStream API, as an administrator sends it.
    #[cfg(feature = "nats")]
    pub(crate) fn api(&self, subject: &str, body: &serde_json::Value) -> serde_json::Value {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let url = format!("nats://127.0.0.1:{}", self.nodes[0].port);
            let client = async_nats::connect(url).await.unwrap();
            let subject = format!("$JS.API.{subject}");
            let answer = client.request(subject, body.to_string().into()).await;
            serde_json::from_slice(&answer.unwrap().payload).unwrap()
        })
    }
}

/// A server of PostgreSQL.
pub(crate) struct Postgres {
    program: PathBuf,
    pub(crate) directory: TempDir,
    pub(crate) port: u16,
    settings: Vec<String>,
    running: Option<Running>,
}

/// The password of the user `ann`.
pub(crate) const PASSWORD: &str = "hunter2";

/// The server refuses to run as root; then it runs as Debian's user `postgres`.
fn as_ordinary_user(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--",
        ])
        .arg(program);
    command
}

/// Makes a directory and everything in it the server's own.
fn give_to_server(directory: &Path) {
    if rustix::process::geteuid().is_root() {
        let given = Command::new("chown")
            .args(["-R", "postgres"])
            .arg(directory)
            .status();
        assert!(given.unwrap().success());
    }
}

impl Postgres {
    /// Starts a server; `None` if there is no program.
    pub(crate) fn start(settings: &[&str]) -> Option<Postgres> {
        Postgres::start_in(tempfile::tempdir().unwrap(), settings)
    }

    /// The same, with a directory that has files which the settings name.
    pub(crate) fn start_in(directory: TempDir, settings: &[&str]) -> Option<Postgres> {
        let mut directories: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .map(|version| version.path().join("bin"))
            .collect();
        directories.sort();
        let initdb = program("LEDGER_INITDB", "initdb", &directories)?;
        let password = directory.path().join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        give_to_server(directory.path());
        let made = as_ordinary_user(&initdb)
            .args([
                "--no-sync",
                "--auth=scram-sha-256",
                "--username=ann",
                "-E",
                "UTF8",
            ])
            .arg(format!("--pwfile={}", password.display()))
            .arg("-D")
            .arg(directory.path().join("data"))
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let mut server = Postgres {
            program: initdb.with_file_name("postgres"),
            directory,
            port: free_port(),
            settings: settings
                .iter()
                .map(|setting| (*setting).to_owned())
                .collect(),
            running: None,
        };
        server.run();
        Some(server)
    }

    pub(crate) fn run(&mut self) {
        let mut command = as_ordinary_user(&self.program);
        command
            .arg("-D")
            .arg(self.directory.path().join("data"))
            .args(["-p", &self.port.to_string(), "-h", "127.0.0.1", "-k", ""]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let mut child = command
            .current_dir(self.directory.path())
            .env("LC_ALL", "C.UTF-8")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stderr.take().unwrap();
        self.running = Some(Running(child));
        // A standby takes only connections that read.
        Running::wait_for(output, "ready to accept ");
    }

    /// Starts a server that follows this one: what is acknowledged is readable there.
    #[cfg(feature = "postgres")]
    pub(crate) fn standby(&self) -> Postgres {
        let directory = tempfile::tempdir().unwrap();
        give_to_server(directory.path());
        let programs = std::fs::canonicalize(&self.program).unwrap();
        let made = as_ordinary_user(&programs.with_file_name("pg_basebackup"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "ann"])
            .args(["-R", "-X", "stream", "-c", "fast", "-D"])
            .arg(directory.path().join("data"))
            .current_dir(directory.path())
            .env("PGPASSWORD", PASSWORD)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{text}");
        let mut standby = Postgres {
            program: self.program.clone(),
            directory,
            port: free_port(),
            settings: Vec::new(),
            running: None,
        };
        standby.run();
        self.sql("alter system set synchronous_standby_names = '*'");
        self.sql("alter system set synchronous_commit = 'remote_apply'");
        self.sql("select pg_reload_conf()");
        standby
    }

    /// Makes a standby the primary.
    #[cfg(feature = "postgres")]
    pub(crate) fn promote(&self) {
        self.sql("select pg_promote()");
    }

    /// `kill -9` of the server; its other processes end by themselves.
    pub(crate) fn kill(&mut self) {
        self.running = None;
        // Remains of the killed server keep the next one from starting for a moment.
        std::thread::sleep(Duration::from_millis(500));
        let _ = std::fs::remove_file(self.directory.path().join("data/postmaster.pid"));
    }

    /// The address of a ledger. The password is in `PGPASSWORD`.
    pub(crate) fn address(&self, ledger: &str) -> String {
        format!(
            "postgres://ann@127.0.0.1:{}/postgres?ledger={ledger}",
            self.port
        )
    }

    /// Runs a statement as an administrator does.
    #[cfg(feature = "postgres")]
    pub(crate) fn sql(&self, statement: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let text = format!(
                "host=127.0.0.1 port={} user=ann password={PASSWORD} dbname=postgres",
                self.port
            );
            let (client, connection) = tokio_postgres::connect(&text, tokio_postgres::NoTls)
                .await
                .unwrap();
            tokio::spawn(connection);
            client.batch_execute(statement).await.unwrap();
        });
    }
}
