//! DynamoDB for one world: the embedded engine. Queries of its index read a replica that lags.

use std::collections::{BTreeMap, VecDeque};

use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use taskway_cloud::dynamo::layout::attr::{PK, SK};
use taskway_local::{
    dynamo::{Dynamo, DynamoError},
    template::Table as Schema,
};
use taskway_protocol::Time;

use crate::clock::WorldClock;

/// The key of an item.
pub type ItemKey = (String, String);

/// A written item, before and after the write.
#[derive(Debug)]
pub struct Write {
    /// The key.
    pub key: ItemKey,
    /// The item before the write, or `None` if it is new.
    pub before: Option<Value>,
    /// The item after the write, or `None` if it was deleted.
    pub after: Option<Value>,
}

/// The service's answer: an HTTP status and a JSON text.
pub type Answer = (u16, String);

/// The table, and the replica that queries of its index read.
pub struct Table {
    name: String,
    primary: Database,
    /// The replica that queries read. It gets the same writes later.
    replica: Database,
    behind: VecDeque<(Time, ItemKey, Option<Value>)>,
    items: BTreeMap<ItemKey, Value>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("items", &self.items.len()).field("behind", &self.behind.len()).finish()
    }
}

impl Table {
    /// Makes an empty table with this schema.
    ///
    /// # Errors
    /// If the engine refuses the schema.
    pub fn new(schema: &Schema, clock: WorldClock) -> Result<Self, DynamoError> {
        let open = || -> Result<Database, DynamoError> {
            let dynamo = Dynamo::open(None, std::sync::Arc::new(clock))?;
            dynamo.create_tables(std::slice::from_ref(schema))?;
            Ok(dynamo.database().clone())
        };
        Ok(Table {
            name: schema.name.clone(),
            primary: open()?,
            replica: open()?,
            behind: VecDeque::new(),
            items: BTreeMap::new(),
        })
    }

    /// Whether the table has an item with this key.
    pub fn has(&self, key: &ItemKey) -> bool {
        self.items.contains_key(key)
    }

    /// All items, in DynamoDB's JSON.
    pub fn items(&self) -> impl Iterator<Item = (&ItemKey, &Value)> {
        self.items.iter()
    }

    /// Answers a request. Returns the answer and the writes that it made. `lag` is the time until the index shows them,
    /// and `page` the largest number of items in a page of a query.
    pub fn call(
        &mut self,
        action: &str,
        body: &[u8],
        now: Time,
        lag: std::time::Duration,
        page: usize,
    ) -> (Answer, Vec<Write>) {
        let Ok(mut request) = serde_json::from_slice::<Value>(body) else { return (unreadable(), Vec::new()) };
        let (answer, written) = match action {
            "PutItem" => {
                let item = request["Item"].clone();
                let (answer, done) = run(request, |put| self.primary.put_item(put));
                (answer, if done { vec![(key_of(&item), Some(item))] } else { Vec::new() })
            }
            "UpdateItem" => {
                let key = key_of(&request["Key"]);
                let (answer, done) = run(request, |update| self.primary.update_item(update));
                // Every update by Taskway asks for the whole new item.
                let after = serde_json::from_str::<Value>(&answer.1).ok().map(|mut answer| answer["Attributes"].take());
                (answer, if done { vec![(key, after)] } else { Vec::new() })
            }
            "BatchExecuteStatement" => {
                let statements = request["Statements"].clone();
                let (answer, done) = run(request, |batch| self.primary.batch_execute_statement(batch));
                let written = if done { written_by(&statements, &answer.1) } else { Vec::new() };
                (answer, written.into_iter().map(|item| (key_of(&item), Some(item))).collect())
            }
            "DeleteItem" => {
                let key = key_of(&request["Key"]);
                let (answer, done) = run(request, |delete| self.primary.delete_item(delete));
                (answer, if done && self.has(&key) { vec![(key, None)] } else { Vec::new() })
            }
            "GetItem" => (run(request, |get| self.primary.get_item(get)).0, Vec::new()),
            "BatchGetItem" => (run(request, |get| self.primary.batch_get_item(get)).0, Vec::new()),
            "BatchWriteItem" => {
                // Taskway only deletes by it.
                let deletes = request["RequestItems"][&self.name].as_array().cloned().unwrap_or_default();
                let keys: Vec<ItemKey> = deletes.iter().map(|one| key_of(&one["DeleteRequest"]["Key"])).collect();
                let (answer, done) = run(request, |write| self.primary.batch_write_item(write));
                let gone = keys.into_iter().filter(|key| done && self.has(key)).map(|key| (key, None));
                (answer, gone.collect())
            }
            // A query of the table and not of an index.
            "Query" if request["IndexName"].is_null() => {
                request["Limit"] = json!(request["Limit"].as_u64().unwrap_or(u64::MAX).min(page as u64));
                (run(request, |query| self.primary.query(query)).0, Vec::new())
            }
            "Query" => {
                self.catch_up(now);
                // DynamoDB may end a page after any item.
                request["Limit"] = json!(request["Limit"].as_u64().unwrap_or(u64::MAX).min(page as u64));
                (run(request, |query| self.replica.query(query)).0, Vec::new())
            }
            "Scan" => {
                request["Limit"] = json!(request["Limit"].as_u64().unwrap_or(u64::MAX).min(8 * page as u64));
                (run(request, |scan| self.primary.scan(scan)).0, Vec::new())
            }
            other => ((400, format!("{{\"__type\":\"UnknownOperation\",\"message\":\"{other}\"}}")), Vec::new()),
        };
        let written = written.into_iter().map(|(key, after)| self.written(key, after, now, lag));
        (answer, written.collect())
    }

    /// Deletes an item, as DynamoDB's time to live does.
    pub fn delete(&mut self, key: &ItemKey, now: Time) -> Option<Write> {
        let request = json!({"TableName": self.name, "Key": {PK: {"S": key.0}, SK: {"S": key.1}}});
        let (_, done) = run(request, |delete| self.primary.delete_item(delete));
        done.then(|| self.written(key.clone(), None, now, std::time::Duration::ZERO))
    }

    fn written(&mut self, key: ItemKey, after: Option<Value>, now: Time, lag: std::time::Duration) -> Write {
        let before = match &after {
            Some(item) => self.items.insert(key.clone(), item.clone()),
            None => self.items.remove(&key),
        };
        // The index shows writes in their order.
        let shown = self.behind.back().map_or(now.after(lag), |(last, ..)| now.after(lag).max(*last));
        self.behind.push_back((shown, key.clone(), after.clone()));
        Write { key, before, after }
    }

    fn catch_up(&mut self, now: Time) {
        while let Some((at, ..)) = self.behind.front()
            && *at <= now
        {
            let Some((_, key, item)) = self.behind.pop_front() else { return };
            match item {
                Some(item) => {
                    run(json!({"TableName": self.name, "Item": item}), |put| self.replica.put_item(put));
                }
                None => {
                    let key = json!({PK: {"S": key.0}, SK: {"S": key.1}});
                    run(json!({"TableName": self.name, "Key": key}), |delete| self.replica.delete_item(delete));
                }
            }
        }
    }
}

fn key_of(item: &Value) -> ItemKey {
    let part = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    (part(PK), part(SK))
}

/// The items after the writes of a batch, for each statement that succeeded. An `UPDATE` returns its item. An `INSERT`
/// returns nothing, and names its attributes in the order of its parameters.
fn written_by(statements: &Value, answer: &str) -> Vec<Value> {
    let Ok(answer) = serde_json::from_str::<Value>(answer) else { return Vec::new() };
    let answers = answer["Responses"].as_array().into_iter().flatten();
    let done = statements.as_array().into_iter().flatten().zip(answers).filter(|(_, answer)| answer["Error"].is_null());
    done.map(|(statement, answer)| {
        if answer["Item"].is_object() {
            return answer["Item"].clone();
        }
        let names = statement["Statement"].as_str().unwrap_or_default().split('\'').skip(1).step_by(2);
        let values = statement["Parameters"].as_array().into_iter().flatten();
        Value::Object(names.map(str::to_owned).zip(values.cloned()).collect())
    })
    .collect()
}

/// Runs a request. Returns the answer, and whether the request succeeded.
fn run<T: DeserializeOwned, R: Serialize>(
    request: Value,
    call: impl FnOnce(T) -> Result<R, DynoxideError>,
) -> (Answer, bool) {
    let Ok(request) = serde_json::from_value(request) else { return (unreadable(), false) };
    match call(request).map(|answer| serde_json::to_string(&answer)) {
        Ok(Ok(text)) => ((200, text), true),
        Ok(Err(error)) => ((500, error.to_string()), false),
        Err(error) => ((error.status_code(), error.to_json()), false),
    }
}

fn unreadable() -> Answer {
    (400, r#"{"__type":"com.amazon.coral.service#SerializationException"}"#.to_owned())
}
