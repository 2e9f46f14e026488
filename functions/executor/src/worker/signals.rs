//! The signals that stop a process.

/// Listens for the signals that ask a process to end: SIGTERM, Ctrl-C, SIGQUIT and, on Linux, SIGHUP. A signal that arrives
/// while nobody waits for it is not missed.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    quit: tokio::signal::unix::Signal,
    /// `None` if the process was started with SIGHUP ignored, as `nohup` does, or if nobody can tell.
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn listen() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Signals {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                quit: signal(SignalKind::quit())?,
                hangup: hangup_counts().then(|| signal(SignalKind::hangup())).transpose()?,
            })
        }
        #[cfg(not(unix))]
        Ok(Signals {})
    }

    /// Waits for the next signal.
    pub async fn stop(&mut self) {
        #[cfg(unix)]
        {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = self.quit.recv() => {}
                _ = hangup => {}
            }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Whether this process was started so that SIGHUP reaches it. Linux tells, in `/proc`.
#[cfg(unix)]
fn hangup_counts() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| !ignores_hangup(&status))
}

/// Whether a process ignores SIGHUP, by the text of its `/proc/<pid>/status`. SIGHUP is the first bit of the mask.
#[cfg(unix)]
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 == 1)
}

#[cfg(all(test, unix))]
mod tests {
    use super::ignores_hangup;

    #[test]
    fn a_process_under_nohup_ignores_a_hangup() {
        assert!(ignores_hangup("Name:\tx\nSigIgn:\t0000000000000001\n"));
        assert!(!ignores_hangup("Name:\tx\nSigIgn:\t0000000000001000\n"));
        assert!(ignores_hangup("Name:\tx\n"));
    }
}
