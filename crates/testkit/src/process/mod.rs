//! Child processes that cannot outlive their parent.
//!
//! A [`Program`] says what to run; [`Process`] is it running, with its output in a log file. A process ends when it is
//! stopped, when its value is dropped, and also when the parent is killed with SIGKILL: a small shell script
//! (`guard.sh`) waits for the parent's end of a pipe to close.

mod binary;
mod ready;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};

pub use binary::{BUILT, binary, build, build_command};
pub(crate) use ready::{both_ends, lost_its_port};

const GUARD: &str = include_str!("guard.sh");

/// How long a process may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(60);

/// The signal that asks a program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ends what it does in an orderly way; what our own services expect.
    Term,
    /// For PostgreSQL: close all connections and leave recovery to the next start.
    Quit,
    /// At once, nothing can be finished.
    Kill,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Quit => "QUIT",
            Self::Kill => "KILL",
        }
    }
}

/// The system account that a child runs as, where it must not be root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// User number.
    pub uid: u32,
    /// Group number.
    pub gid: u32,
}

/// What to run, and how it is to end.
#[derive(Clone, Debug)]
pub struct Program {
    name: String,
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    account: Option<Account>,
    signal: Signal,
    log: PathBuf,
    forwarded: bool,
}

impl Program {
    /// A program, known as `name` in messages, that writes all its output to `log`.
    pub fn new(name: &str, path: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            path: path.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            account: None,
            signal: Signal::Term,
            log: log.into(),
            forwarded: false,
        }
    }

    /// Lets its output go where ours goes, instead of into the log file: for a child that talks to people.
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        self.forwarded = true;
        self
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable for the child.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// A folder to remove once the program has ended, however that came about.
    #[must_use]
    pub fn remove_afterwards(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Runs the child under another system account.
    #[must_use]
    pub fn account(mut self, account: Option<Account>) -> Self {
        self.account = account;
        self
    }

    /// The signal that ends it; SIGTERM unless said otherwise.
    #[must_use]
    pub fn signal(mut self, signal: Signal) -> Self {
        self.signal = signal;
        self
    }

    /// Starts it. It is running when this returns, not yet ready; see [`Process::wait_for_line`].
    ///
    /// # Errors
    /// When the program or its log file cannot be opened.
    pub fn start(self) -> Result<Process> {
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard", self.signal.name()]);
        command.arg(self.folder.as_deref().unwrap_or(Path::new("")));
        command.arg(&self.path).args(&self.arguments).envs(self.environment.iter().cloned());
        // A group of its own: Ctrl-C at the terminal reaches only the parent, which then stops its children in order.
        command.process_group(0).stdin(Stdio::piped());
        if !self.forwarded {
            let log = File::options().create(true).append(true).open(&self.log);
            let log = log.doing(|| format!("opening the log file {}", self.log.display()))?;
            let errors = log.try_clone().doing(|| format!("opening the log file {}", self.log.display()))?;
            command.stdout(log).stderr(errors);
        }
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid).env("HOME", "/").current_dir("/");
        }
        let child = command.spawn().doing(|| format!("starting {} ({})", self.name, self.path.display()))?;
        Ok(Process { child, status: None, program: self })
    }
}

/// A running child process. Dropping it stops it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    status: Option<ExitStatus>,
    program: Program,
}

impl Process {
    /// Its name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.program.name
    }

    /// The file that its output goes to.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.program.log
    }

    /// Everything it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read(&self.program.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Its process number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.exit_status().is_none()
    }

    /// How it ended, if it has.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.ended(status);
        }
        self.status
    }

    /// Ends it with SIGKILL, as a crash of the machine would, and waits until it is gone.
    pub fn kill(&mut self) {
        self.end(Signal::Kill);
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self) -> ExitStatus {
        // Not `Child::wait`: that closes the pipe by which the guard sees that we live.
        loop {
            if let Some(status) = self.exit_status() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to end and waits until it has; a child that does not listen is killed after fifteen seconds.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        self.end(self.program.signal);
        self.status
    }

    fn end(&mut self, signal: Signal) {
        if self.status.is_some() {
            return;
        }
        self.send(signal);
        let asked = Instant::now();
        while self.is_running() {
            if asked.elapsed() > PATIENCE {
                self.send(Signal::Kill);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Not yet waited for, so the number cannot belong to another process.
    fn send(&mut self, signal: Signal) {
        let number = self.child.id().to_string();
        if signal == Signal::Kill {
            // An error means that it has ended by itself, which is what was wanted.
            let _ = self.child.kill();
        } else {
            let kill = format!("kill -s {} {number}", signal.name());
            let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        }
    }

    /// Tells the watcher that there is nothing left to end.
    fn ended(&mut self, status: ExitStatus) {
        self.status = Some(status);
        if let Some(mut pipe) = self.child.stdin.take() {
            // The watcher may be gone already when the program never started; then nobody is left to be told.
            let _ = pipe.write_all(b"done\n");
        }
    }

    fn failed(&self, what: impl Into<String>) -> Error {
        Error::Child {
            name: self.program.name.clone(),
            what: what.into(),
            log: self.program.log.clone(),
            tail: ready::last_lines(&self.log(), 25),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}
