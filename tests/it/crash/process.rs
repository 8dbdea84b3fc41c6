//! The real program as a process of its own.

use std::{
    fs::File,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ansinh");

/// A running `ansinh serve`.
pub struct Process {
    child: Child,
    base: String,
}

impl Process {
    /// Starts it on a database, on the port that `home` remembers, and waits until it is ready.
    pub async fn start(home: &Path, database: &str) -> Self {
        Self::spawn(Command::new(PROGRAM), home, database).await
    }

    /// The same where it may write no file beyond so many MiB, as if the disk ended there.
    pub async fn start_within(home: &Path, database: &str, mib: u64) -> Self {
        // In blocks of 512 bytes. The signal that comes with it is not what a full disk sends.
        let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", mib * 2048);
        let mut command = Command::new("sh");
        command.args(["-c", &limited, PROGRAM]);
        Self::spawn(command, home, database).await
    }

    async fn spawn(mut command: Command, home: &Path, database: &str) -> Self {
        let port = port_of(home);
        let log = File::options().create(true).append(true).open(home.join("log")).unwrap();
        let child = command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .env("DATABASE_URL", database)
            .env("ANSINH_SECRET_KEY", crate::harness::app::SECRET_KEY)
            .env("ANSINH_DATABASE__POOL", "8")
            .env("RUST_LOG", "warn")
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut process = Self { child, base: format!("http://127.0.0.1:{port}") };
        process.wait_until_ready(home).await;
        process
    }

    /// Where it listens.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Megabytes of memory that it holds.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() >> 10
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop; it must do so of itself, and say that all is well.
    pub async fn terminate(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "does not stop");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn wait_until_ready(&mut self, home: &Path) {
        let begun = Instant::now();
        loop {
            let answer = reqwest::get(format!("{}/readyz", self.base)).await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || begun.elapsed() > Duration::from_secs(30) {
                let log = std::fs::read_to_string(home.join("log")).unwrap_or_default();
                panic!("does not start: {ended:?}\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same port after each restart: tokens and senders know it. It lies below those that systems hand out by themselves,
/// so that nobody takes it while the process is down.
fn port_of(home: &Path) -> u16 {
    let file = home.join("port");
    if let Ok(port) = std::fs::read_to_string(&file) {
        return port.parse().unwrap();
    }
    let port = loop {
        let port = 20_000 + rand::random::<u16>() % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            break port;
        }
    };
    std::fs::write(file, port.to_string()).unwrap();
    port
}
