//! The real binary as a child process, embedded, in a folder of its own.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{Caller, Mail, backend::unique, inbox};

pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
    folder: PathBuf,
}

/// A folder that is removed when the test is over.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("turnout-test-{}", unique()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a command of the binary in `folder` to its end, and gives what it printed.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_turnout"));
    command.current_dir(folder);
    for name in ["DATABASE_URL", "REDIS_URL"] {
        command.env_remove(name);
    }
    command
}

impl Process {
    /// `turnout serve` in `folder`, once it is ready.
    pub(crate) async fn serve(folder: &Path, arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = format!("127.0.0.1:{port}");
        let log = |name: &str| {
            Stdio::from(
                File::options()
                    .create(true)
                    .append(true)
                    .open(folder.join(name))
                    .unwrap(),
            )
        };
        let child = command(folder)
            .args(["serve", "--listen", &address])
            .args(arguments)
            .env("TURNOUT_LOG_LEVEL", "debug")
            .stdout(log("stdout"))
            .stderr(log("stderr"))
            .spawn()
            .unwrap();
        let process = Self {
            child,
            url: format!("http://{address}"),
            folder: folder.to_owned(),
        };
        let begun = Instant::now();
        while reqwest::get(format!("{}/readyz", process.url)).await.is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "not ready: {}",
                process.output()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        process
    }

    pub(crate) fn anonymous(&self) -> Caller {
        Caller::new(&self.url, None, "")
    }

    /// Mails once there are `count` of them.
    pub(crate) async fn mails(&self, count: usize) -> Vec<Mail> {
        let begun = Instant::now();
        loop {
            let mails = inbox::read(&self.folder.join("data/outbox"));
            if mails.len() >= count {
                return mails;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{} of {count} mails: {}",
                mails.len(),
                self.output()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everything it printed and logged.
    pub(crate) fn output(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        read("stdout") + &read("stderr")
    }

    /// SIGKILL: nothing is finished.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and whether it ended well.
    pub(crate) fn terminate(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().success()
    }
}

/// A test that fails leaves no process behind.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
