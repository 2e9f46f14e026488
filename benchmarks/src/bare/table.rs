//! The calls of the store, without the store. This is the only place of the benchmarks that names attributes of the table.
//!
//! If an expression of the store changes, change it here too. Otherwise a comparison compares different calls.

use std::collections::HashMap;

use anyhow::Context;
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use taskway_cloud::dynamo::layout::{
    AGENDA_INDEX, TASK_SORT, agenda_partition, agenda_until, attr, parse_task_partition, task_partition,
};
use taskway_protocol::{Generation, TaskId, TaskKey, Time};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// An update: its condition and its change. A name `#st` stands for the attribute `st`.
struct Update {
    condition: &'static str,
    change: &'static str,
}

const CLAIM: Update = Update {
    condition: "#born = :0 AND #st IN (:1, :2, :3) AND #g = :4 AND (#st <> :5 OR #le <= :6) AND \
        (attribute_not_exists(#dl) OR #dl > :7) AND #att < #mx AND (attribute_not_exists(#due) OR #due <= :8)",
    change: "SET #st = :9, #own = :10, #le = :11, #f = #f + :12, #att = #att + :13, #sa = :14 \
        REMOVE #due, #fin, #ttl, #ap, #as",
};

const END: Update = Update {
    condition: "#born = :0 AND #st IN (:1) AND #f = :2",
    change: "SET #st = :3, #fin = :4, #ttl = :5 REMOVE #due, #le, #ap, #as, #err",
};

const MARK: Update = Update {
    condition: "#born = :0 AND #st IN (:1) AND #g = :2",
    change: "SET #st = :3, #due = :4 REMOVE #le, #fin, #ttl, #ap, #as",
};

/// The most entries in a page of the agenda, as in the store.
const PAGE: i32 = 500;

/// The table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    client: Client,
    name: String,
}

/// An entry of the agenda, as far as its message needs it.
pub(crate) struct Due<'a> {
    pub(crate) id: TaskId,
    pub(crate) generation: Generation,
    pub(crate) timeout_seconds: u32,
    pub(crate) handler: &'a str,
    pub(crate) queue: &'a str,
    pub(crate) at: Time,
}

impl Table {
    pub(crate) fn new(client: Client, name: impl Into<String>) -> Self {
        Table { client, name: name.into() }
    }

    /// Reads the record of a task, as it is.
    pub(crate) async fn record(&self, key: &TaskKey) -> anyhow::Result<Item> {
        let get = self.client.get_item().table_name(&self.name);
        let got = get.key(attr::PK, s(task_partition(key))).key(attr::SK, s(TASK_SORT)).send().await?;
        got.item.with_context(|| format!("the table has no record of task {key}"))
    }

    /// A copy of a record under another key.
    pub(crate) fn copy(record: &Item, key: &TaskKey) -> Item {
        let mut record = record.clone();
        record.insert(attr::PK.to_owned(), s(task_partition(key)));
        record
    }

    /// Puts the first record of a task.
    pub(crate) async fn put(&self, record: Item) -> anyhow::Result<()> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(record))
            .condition_expression("attribute_not_exists(#pk) OR #ttl <= :now")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":now", n(1_764_000_000))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await?;
        Ok(())
    }

    /// Claims a task at the time `now`.
    pub(crate) async fn claim(&self, id: &TaskId, generation: u32, now: Time) -> anyhow::Result<()> {
        let (born, now) = (id.born.as_millis(), now.as_millis());
        let values = [
            n(born),
            s("scheduled"),
            s("queued"),
            s("running"),
            n(generation),
            s("running"),
            n(now - 5_000),
            n(now),
            n(now),
            s("running"),
            n(born ^ now),
            n(now + 65_000),
            n(1),
            n(1),
            n(now),
        ];
        self.update(&id.key, &CLAIM, values).await
    }

    /// Ends a task that was claimed once.
    pub(crate) async fn end(&self, id: &TaskId, now: Time) -> anyhow::Result<()> {
        let born = id.born.as_millis();
        let values = [n(born), s("running"), n(1), s("succeeded"), n(now.as_millis()), n(now.as_secs() + 604_800)];
        self.update(&id.key, &END, values).await
    }

    /// Marks a scheduled task as sent.
    pub(crate) async fn mark(&self, due: &Due<'_>) -> anyhow::Result<()> {
        let (born, generation) = (due.id.born.as_millis(), due.generation.0);
        let values = [n(born), s("scheduled"), n(generation), s("queued"), n(due.at.as_millis())];
        self.update(&due.id.key, &MARK, values).await
    }

    /// A page of the entries of a shard that are due by `until`, and the start of the next page.
    pub(crate) async fn agenda(
        &self,
        shard: u16,
        until: Time,
        from: Option<Item>,
    ) -> anyhow::Result<(Vec<Item>, Option<Item>)> {
        let found = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(AGENDA_INDEX)
            .key_condition_expression("#ap = :shard AND #as < :until")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_names("#as", attr::AGENDA_AT)
            .expression_attribute_values(":shard", s(agenda_partition(shard)))
            .expression_attribute_values(":until", s(agenda_until(until)))
            .set_exclusive_start_key(from)
            .limit(PAGE)
            .send()
            .await?;
        Ok((found.items.unwrap_or_default(), found.last_evaluated_key))
    }

    async fn update<const N: usize>(
        &self,
        key: &TaskKey,
        update: &Update,
        values: [AttributeValue; N],
    ) -> anyhow::Result<()> {
        let values = values.into_iter().enumerate().map(|(index, value)| (format!(":{index}"), value));
        let names = names(update.condition).chain(names(update.change));
        self.client
            .update_item()
            .table_name(&self.name)
            .key(attr::PK, s(task_partition(key)))
            .key(attr::SK, s(TASK_SORT))
            .condition_expression(update.condition)
            .update_expression(update.change)
            .set_expression_attribute_names(Some(names.map(|name| (format!("#{name}"), name.to_owned())).collect()))
            .set_expression_attribute_values(Some(values.collect()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await?;
        Ok(())
    }
}

impl<'a> Due<'a> {
    pub(crate) fn of(entry: &'a Item) -> anyhow::Result<Self> {
        let text = |name: &str| {
            let value = entry.get(name).and_then(|value| value.as_s().ok());
            value.with_context(|| format!("an entry of the agenda has no text {name}"))
        };
        let number = |name: &str| {
            let value = entry.get(name).and_then(|value| value.as_n().ok());
            value.with_context(|| format!("an entry of the agenda has no number {name}"))
        };
        let key = parse_task_partition(text(attr::PK)?).context("an entry of the agenda has no task key")?;
        let at = text(attr::AGENDA_AT)?.split('#').next().unwrap_or_default();
        Ok(Due {
            id: TaskId { key, born: Time::from_millis(number(attr::BORN)?.parse()?) },
            generation: Generation(number(attr::GENERATION)?.parse()?),
            timeout_seconds: number(attr::TIMEOUT)?.parse()?,
            handler: text(attr::HANDLER)?,
            queue: text(attr::QUEUE)?,
            at: Time::from_millis(at.parse()?),
        })
    }
}

/// The attributes in an expression.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split('#').skip(1);
    words.map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default())
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_names_its_attributes() {
        assert_eq!(names(MARK.condition).collect::<Vec<_>>(), ["born", "st", "g"]);
        assert_eq!(names("(#st <> :5 OR #le <= :6)").collect::<Vec<_>>(), ["st", "le"]);
    }
}
