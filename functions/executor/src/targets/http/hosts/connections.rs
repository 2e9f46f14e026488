//! How many connections are kept for a next request, to all hosts together. The client's pool has a limit for each host, and
//! none for all.

use std::time::Duration;

use taskway_protocol::Time;

/// About how many connections are kept. A function may have 1,024 open files.
pub(super) const MOST: usize = 256;

/// The client closes a connection that nobody has used for this long. It looks at them as often, so one may live twice as long.
pub(in super::super) const IDLE: Duration = Duration::from_secs(30);

/// After this time no connection is left of those that were not needed.
pub(super) const WINDOW: Duration = Duration::from_secs(2 * IDLE.as_secs());

/// The shortest time between two sweeps.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

/// The connections to all hosts.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// The sum of [`OfHost::counted`].
    counted: usize,
    swept_at: Time,
}

/// The connections to a host.
#[derive(Debug, Default)]
pub(super) struct OfHost {
    /// Requests under way whose connections may be kept.
    keeping: usize,
    /// The most of them at once since `since`.
    peak: usize,
    since: Time,
    used_at: Time,
    /// How many connections the client may hold.
    counted: usize,
}

impl Connections {
    /// Begins a request. Says whether its connection may be kept.
    pub(super) fn open(&mut self, host: &mut OfHost, now: Time) -> bool {
        let is_kept = host.keeping < host.counted || self.counted < MOST;
        if is_kept {
            if host.keeping == 0 && host.counted == 0 {
                (host.since, host.peak) = (now, 0);
            }
            host.used_at = now;
            host.keeping += 1;
            host.peak = host.peak.max(host.keeping);
            if host.keeping > host.counted {
                host.counted += 1;
                self.counted += 1;
            }
        }
        is_kept
    }

    /// Ends a request whose connection may be kept. There is one only after a whole answer.
    pub(super) fn close(&mut self, host: &mut OfHost, is_whole: bool, now: Time) {
        host.keeping -= 1;
        host.used_at = now;
        if !is_whole {
            host.counted -= 1;
            host.peak = host.peak.min(host.counted);
            self.counted -= 1;
        }
    }

    pub(super) fn is_sweep_due(&self, now: Time) -> bool {
        self.counted >= MOST && self.swept_at.after(BETWEEN_SWEEPS) <= now
    }

    /// Counts no more connections than were needed at once lately: the client has closed the others.
    pub(super) fn sweep<'h>(&mut self, hosts: impl Iterator<Item = &'h mut OfHost>, now: Time) {
        self.swept_at = now;
        for host in hosts {
            let needed = match host {
                OfHost { keeping: 0, used_at, .. } if used_at.after(WINDOW) <= now => 0,
                OfHost { peak, since, .. } if since.after(WINDOW) <= now => *peak,
                OfHost { .. } => continue,
            };
            self.counted -= host.counted - needed;
            host.counted = needed;
            (host.since, host.peak) = (now, host.keeping);
        }
    }

    #[cfg(test)]
    pub(super) fn counted(&self) -> usize {
        self.counted
    }
}

impl OfHost {
    pub(super) fn is_none(&self) -> bool {
        self.counted == 0
    }

    #[cfg(test)]
    pub(super) fn counted(&self) -> usize {
        self.counted
    }
}
