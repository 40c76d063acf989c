//! Programs that run beside a test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// A program that is killed with this value.
pub(super) struct Daemon {
    process: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts it with its output in a file.
    pub(super) fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let output = fs_err::OpenOptions::new().create(true).append(true).open(log)?.into_file();
        let process = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {}", crate::shown(command)))?;
        Ok(Self { process, log: log.to_owned() })
    }

    /// Waits a minute at most; says what it wrote last where it ends or is not ready by then.
    pub(super) fn wait_until(
        &mut self,
        name: &str,
        is_ready: impl Fn() -> bool,
    ) -> anyhow::Result<()> {
        for _ in 0..600 {
            if is_ready() {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("{name} ended: {status}\n{}", self.last_lines()?);
            }
            sleep(Duration::from_millis(100));
        }
        bail!("{name} is not ready\n{}", self.last_lines()?)
    }

    fn last_lines(&self) -> anyhow::Result<String> {
        let text = fs_err::read_to_string(&self.log)?;
        let lines: Vec<&str> = text.lines().collect();
        Ok(lines[lines.len().saturating_sub(20)..].join("\n"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
