//! The position of the audit, in an item of the table. With it, a pass goes on in any later tick, and only one tick
//! audits at a time.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use futures::FutureExt;

use super::{
    attr,
    error::StoreError,
    keys,
    page::Cursor,
    record::{self, Item, Reader, ms, n, s},
    store::Store,
};
use taskway_protocol::{Audit, LastPass, Pass, Time, Waits};

/// The version of the form that this code reads and writes. Only a newer release can read a newer version.
const VERSION: u32 = 1;

/// The position of the audit.
#[derive(Clone, Debug)]
pub struct Position {
    /// The progress of the passes.
    pub audit: Audit,
    /// The place in the table after which the pass goes on. `None` at the beginning of the table.
    pub from: Option<Cursor>,
    /// Until when one tick has the audit for itself.
    pub until: Time,
    /// How often a tick has tried the next page and failed with part of it.
    pub tries: u32,
    /// How often the position was written. Each write expects the number that its tick has read. So if two ticks have
    /// read the same position, only one of them writes.
    writes: u64,
}

impl Position {
    /// The position of a stack that was never audited.
    pub const fn beginning(next: Time) -> Self {
        Position { audit: Audit::beginning(next), from: None, until: Time::from_millis(0), tries: 0, writes: 0 }
    }
}

impl Store {
    /// Reads the position. `None` if the stack was never audited. The read is eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] if a newer release wrote the position.
    pub async fn audit(&self) -> Result<Option<Position>, StoreError> {
        let key = || s(keys::AUDIT_KEY);
        let got = self.client.get_item().table_name(&self.table).key(attr::PK, key()).key(attr::SK, key());
        let got = got.send().boxed().await.map_err(StoreError::unavailable)?;
        got.item.as_ref().map(position).transpose().map_err(Into::into)
    }

    /// Writes the position. Returns `false`, and writes nothing, if another tick has written it since it was read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the position may or may not have been written.
    pub async fn put_audit(&self, position: &mut Position) -> Result<bool, StoreError> {
        let seen = position.writes;
        position.writes += 1;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item(position)));
        let put = if seen == 0 {
            put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", attr::PK)
        } else {
            put.condition_expression("#n = :seen")
                .expression_attribute_names("#n", attr::WRITES)
                .expression_attribute_values(":seen", n(seen))
        };
        match put.send().boxed().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }
}

fn item(position: &Position) -> Item {
    let Position { audit, from, until, tries, writes } = position;
    let mut item = vec![
        (attr::PK, s(keys::AUDIT_KEY)),
        (attr::SK, s(keys::AUDIT_KEY)),
        (attr::VERSION, n(VERSION)),
        (attr::WRITES, n(writes)),
        (attr::UNTIL, ms(*until)),
        (attr::TRIES, n(tries)),
        (attr::NEXT, ms(audit.next)),
    ];
    if let Some(pass) = &audit.pass {
        item.extend([
            (attr::PASS_BEGAN, ms(pass.began)),
            (attr::PASS_WAITS, s(waits(&pass.waits))),
            (attr::PASS_COUNTS, s(format!("{}/{}", pass.scanned, pass.found))),
        ]);
    }
    if let Some(last) = &audit.last {
        item.extend([
            (attr::LAST_BEGAN, ms(last.began)),
            (attr::LAST_WAITS, s(waits(&last.waits))),
            (attr::LAST_JUDGED_BY, s(waits(&last.judged_by))),
        ]);
    }
    let key = |name| from.as_ref().and_then(|cursor| cursor.0.get(name)).cloned();
    let from = [(attr::FROM_PARTITION, key(attr::PK)), (attr::FROM_SORT, key(attr::SK))];
    item.extend(from.into_iter().filter_map(|(name, value)| Some((name, value?))));
    item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn position(item: &Item) -> Result<Position, record::Malformed> {
    let read = Reader(item);
    if read.number::<u32>(attr::VERSION)? != VERSION {
        return Err(record::Malformed { attribute: attr::VERSION });
    }
    let pass = read.optional(attr::PASS_BEGAN, Reader::time)?.map(|began| -> Result<Pass, record::Malformed> {
        let (scanned, found) = counts(read)?;
        Ok(Pass { began, waits: parse_waits(read, attr::PASS_WAITS)?, scanned, found })
    });
    let last = read.optional(attr::LAST_BEGAN, Reader::time)?.map(|began| -> Result<LastPass, record::Malformed> {
        let (waits, judged_by) = (parse_waits(read, attr::LAST_WAITS)?, parse_waits(read, attr::LAST_JUDGED_BY)?);
        Ok(LastPass { began, waits, judged_by })
    });
    let from = read.optional(attr::FROM_PARTITION, Reader::text)?.map(|partition| -> Result<_, record::Malformed> {
        let key = [(attr::PK, partition), (attr::SK, read.text(attr::FROM_SORT)?)];
        Ok(Cursor(key.into_iter().map(|(name, value)| (name.to_owned(), s(value))).collect()))
    });
    Ok(Position {
        audit: Audit { next: read.time(attr::NEXT)?, pass: pass.transpose()?, last: last.transpose()? },
        from: from.transpose()?,
        until: read.time(attr::UNTIL)?,
        tries: read.optional(attr::TRIES, Reader::number)?.unwrap_or_default(),
        writes: read.number(attr::WRITES)?,
    })
}

fn waits(waits: &Waits) -> String {
    [waits.high, waits.normal, waits.low].map(|wait| wait.as_millis().to_string()).join("/")
}

fn parse_waits(read: Reader<'_>, attribute: &'static str) -> Result<Waits, record::Malformed> {
    let (high, normal, low) = read.triple(attribute)?;
    let [high, normal, low] = [high, normal, low].map(Duration::from_millis);
    Ok(Waits { high, normal, low })
}

fn counts(read: Reader<'_>) -> Result<(u64, u64), record::Malformed> {
    let malformed = || record::Malformed { attribute: attr::PASS_COUNTS };
    let (scanned, found) = read.text(attr::PASS_COUNTS)?.split_once('/').ok_or_else(malformed)?;
    Ok((scanned.parse().map_err(|_| malformed())?, found.parse().map_err(|_| malformed())?))
}
