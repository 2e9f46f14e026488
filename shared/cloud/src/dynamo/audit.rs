//! Where the audit stands, in an item of its own: so a pass goes on in whichever tick comes next, and no two ticks audit at
//! once.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{self, Item, Reader, ms, n, s},
    store::{Cursor, Store},
};
use taskway_protocol::{Audit, LastPass, Pass, Time, Waits};

/// The form that this code writes and reads; another is left to a newer release.
const VERSION: u32 = 1;

/// Where the audit stands.
#[derive(Clone, Debug)]
pub struct Position {
    /// In time.
    pub audit: Audit,
    /// In the table: what the pass goes on behind. Nothing at its beginning.
    pub from: Option<Cursor>,
    /// Until when a tick has the audit for itself.
    pub until: Time,
    /// How often the page that comes next was tried and not dealt with whole.
    pub tries: u32,
    /// How often it was written. Who writes says which it has read, so that of two that read the same one writes: this is
    /// the holder's name.
    writes: u64,
}

impl Position {
    /// Of a stack that has not been audited yet.
    pub const fn beginning(next: Time) -> Self {
        Position { audit: Audit::beginning(next), from: None, until: Time::from_millis(0), tries: 0, writes: 0 }
    }
}

impl Store {
    /// Where the audit stood a moment ago; nothing when there has not been one.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] when a newer release wrote it.
    pub async fn audit(&self) -> Result<Option<Position>, StoreError> {
        let key = || s(keys::AUDIT);
        let got = self.client.get_item().table_name(&self.table).key(attr::PK, key()).key(attr::SK, key());
        let got = got.send().await.map_err(StoreError::unavailable)?;
        got.item.as_ref().map(position).transpose().map_err(Into::into)
    }

    /// Writes where the audit stands; whether it did, for somebody else may have since it was read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not have been written.
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
        match put.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }
}

fn item(position: &Position) -> Item {
    let Position { audit, from, until, tries, writes } = position;
    let mut item = vec![
        (attr::PK, s(keys::AUDIT)),
        (attr::SK, s(keys::AUDIT)),
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
            (attr::PASS_COUNTS, s(format!("{}/{}", pass.looked, pass.found))),
        ]);
    }
    if let Some(last) = &audit.last {
        item.extend([
            (attr::LAST_BEGAN, ms(last.began)),
            (attr::LAST_WAITS, s(waits(&last.waits))),
            (attr::LAST_WENT_BY, s(waits(&last.went_by))),
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
        let (looked, found) = counts(read)?;
        Ok(Pass { began, waits: parse_waits(read, attr::PASS_WAITS)?, looked, found })
    });
    let last = read.optional(attr::LAST_BEGAN, Reader::time)?.map(|began| -> Result<LastPass, record::Malformed> {
        let (waits, went_by) = (parse_waits(read, attr::LAST_WAITS)?, parse_waits(read, attr::LAST_WENT_BY)?);
        Ok(LastPass { began, waits, went_by })
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
    let (looked, found) = read.text(attr::PASS_COUNTS)?.split_once('/').ok_or_else(malformed)?;
    Ok((looked.parse().map_err(|_| malformed())?, found.parse().map_err(|_| malformed())?))
}
