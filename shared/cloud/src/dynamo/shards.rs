//! How many partitions each index has.

/// The number of partitions of each index. It is a setting, and it may change while tasks wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards {
    /// Partitions of the agenda: 1 to 64. DynamoDB takes about 1,000 writes a second in one partition, and each delayed
    /// task needs two.
    pub agenda: u16,
    /// Partitions of each queue's catalog: 1 to 32. Each task needs one write there.
    pub catalog: u16,
}

/// The setting of a stack that configures nothing. Readers always read at least these partitions.
impl Default for Shards {
    fn default() -> Self {
        Shards { agenda: 1, catalog: 4 }
    }
}

/// A text that is not a valid number of partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 1 to {most}")]
pub struct OutOfRange {
    /// The largest number that is allowed.
    pub most: u16,
}

impl Shards {
    /// The largest numbers that are allowed. Every tick queries every partition of the agenda. A list may read every
    /// partition of a catalog.
    pub const MOST: Shards = Shards { agenda: 64, catalog: 32 };

    /// The larger of the two numbers, for each index.
    #[must_use]
    pub fn max(self, other: Shards) -> Shards {
        Shards { agenda: self.agenda.max(other.agenda), catalog: self.catalog.max(other.catalog) }
    }

    /// Reads the agenda's number of partitions.
    ///
    /// # Errors
    /// If the text is not a number from 1 to 64.
    pub fn parse_agenda(text: &str) -> Result<u16, OutOfRange> {
        parse(text, Self::MOST.agenda)
    }

    /// Reads the catalog's number of partitions.
    ///
    /// # Errors
    /// If the text is not a number from 1 to 32.
    pub fn parse_catalog(text: &str) -> Result<u16, OutOfRange> {
        parse(text, Self::MOST.catalog)
    }
}

fn parse(text: &str, most: u16) -> Result<u16, OutOfRange> {
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|count| digits && (1..=most).contains(count)).ok_or(OutOfRange { most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_range_is_refused_with_the_limit() {
        assert_eq!((Shards::parse_agenda("1"), Shards::parse_agenda("64")), (Ok(1), Ok(64)));
        assert_eq!((Shards::parse_catalog("1"), Shards::parse_catalog("32")), (Ok(1), Ok(32)));
        for text in ["0", "65", "-1", "", " 4", "4.0", "65537", "many", "+4"] {
            assert_eq!(Shards::parse_agenda(text), Err(OutOfRange { most: 64 }), "{text:?}");
        }
        assert_eq!(Shards::parse_catalog("33"), Err(OutOfRange { most: 32 }));
    }

    #[test]
    fn the_larger_number_is_chosen_for_each_index() {
        let (one, other) = (Shards { agenda: 2, catalog: 9 }, Shards { agenda: 7, catalog: 3 });
        assert_eq!(one.max(other), Shards { agenda: 7, catalog: 9 });
    }
}
