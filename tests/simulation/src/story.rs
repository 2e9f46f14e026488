//! The events of a world, one a line. The same seed gives the same story, byte for byte.

use std::fmt::{Arguments, Write};

use taskway_protocol::Time;

use crate::clock::START;

/// A digest of all events in their order, and the events themselves if they are kept.
#[derive(Debug)]
pub struct Story {
    lines: Option<Vec<String>>,
    line: String,
    digest: u64,
}

impl Story {
    /// Starts a story. With `kept` it also keeps its lines.
    pub fn new(kept: bool) -> Self {
        // FNV-1a: its definition fits here, and no release of a library changes it.
        Story { lines: kept.then(Vec::new), line: String::new(), digest: 0xcbf2_9ce4_8422_2325 }
    }

    /// Adds one event that happened at `now`.
    pub fn tell(&mut self, now: Time, event: Arguments<'_>) {
        self.line.clear();
        let passed = now.since(START).as_millis();
        let (seconds, millis) = (passed / 1000, passed % 1000);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        // Writing to a string cannot fail.
        let _ = write!(self.line, "{hours}:{minutes:02}:{:02}.{millis:03} {event}", seconds % 60);
        for byte in self.line.bytes().chain([b'\n']) {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(self.line.clone());
        }
    }

    /// The digest of all events.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The lines, if they were kept.
    pub fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
