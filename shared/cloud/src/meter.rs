//! Counts what AWS bills for the calls of this process. An interceptor of the SDK's clients asks DynamoDB for the units of each
//! call, and counts requests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
            BeforeTransmitInterceptorContextRef,
        },
    },
    error::BoxError,
    operation::{
        batch_execute_statement::{BatchExecuteStatementInput, BatchExecuteStatementOutput},
        batch_get_item::{BatchGetItemInput, BatchGetItemOutput},
        batch_write_item::{BatchWriteItemInput, BatchWriteItemOutput},
        delete_item::{DeleteItemInput, DeleteItemOutput},
        get_item::{GetItemInput, GetItemOutput},
        put_item::{PutItemError, PutItemInput, PutItemOutput},
        query::{QueryInput, QueryOutput},
        scan::{ScanInput, ScanOutput},
        update_item::{UpdateItemError, UpdateItemInput, UpdateItemOutput},
    },
    types::{BatchStatementErrorCodeEnum as Code, ConsumedCapacity, ReturnConsumedCapacity},
};
use taskway_protocol::Usage;

/// The counter. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    bill: Arc<Mutex<Bill>>,
    /// Whether DynamoDB is asked for the indexes' part of each call.
    by_index: bool,
}

/// Counted units and requests.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// Write units of the table and its indexes.
    pub writes: f64,
    /// The part of `writes` for indexes. 0 unless the meter counts [`by_index`](Meter::by_index).
    pub index_writes: f64,
    /// The part of `writes` for refused writes.
    pub refused: f64,
    /// Read units of the table and its indexes.
    pub reads: f64,
    /// Requests by action, including the SDK's retries.
    pub calls: BTreeMap<String, u64>,
}

/// The units of a refused write. AWS bills it like a successful one, and records are under 1 KB.
const REFUSED: f64 = 1.0;

impl Meter {
    /// A counter that counts the indexes' part of the writes apart. DynamoDB's answers are longer then.
    pub fn by_index() -> Self {
        Meter { by_index: true, ..Meter::default() }
    }

    /// Returns the counts since the last call, and starts again from zero.
    pub fn take(&self) -> Bill {
        std::mem::take(&mut *self.bill())
    }

    /// Takes the counts back to what they were.
    pub fn reset(&self, to: Bill) {
        *self.bill() = to;
    }

    /// Returns the counts so far.
    pub fn so_far(&self) -> Bill {
        self.bill().clone()
    }

    fn bill(&self) -> MutexGuard<'_, Bill> {
        self.bill.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bill {
    /// The counts as they are added to those of all processes.
    pub fn usage(&self) -> Usage {
        let whole = |units: f64| units.round() as u64;
        let (write_units, half_read_units) = (whole(self.writes), whole(self.reads * 2.0));
        Usage { write_units, half_read_units, sqs_requests: self.sqs_requests() }
    }

    /// The number of SQS requests.
    pub fn sqs_requests(&self) -> u64 {
        self.calls.iter().filter(|(name, _)| name.starts_with("AmazonSQS.")).map(|(_, count)| count).sum()
    }

    /// The number of requests of one action, such as `AmazonSQS.ReceiveMessage`.
    pub fn calls(&self, name: &str) -> u64 {
        self.calls.get(name).copied().unwrap_or_default()
    }

    fn wrote(&mut self, used: Option<&ConsumedCapacity>) {
        let (all, indexes) = used.map(units).unwrap_or_default();
        self.writes += all;
        self.index_writes += indexes;
    }

    fn read(&mut self, used: Option<&ConsumedCapacity>) {
        self.reads += used.map(units).unwrap_or_default().0;
    }

    fn refuse(&mut self) {
        self.writes += REFUSED;
        self.refused += REFUSED;
    }
}

/// All units, and the indexes' part of them.
fn units(used: &ConsumedCapacity) -> (f64, f64) {
    let indexes = used.global_secondary_indexes.iter().flatten();
    let indexes: f64 = indexes.filter_map(|(_, capacity)| capacity.capacity_units).sum();
    (used.capacity_units.unwrap_or_default(), indexes)
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let asked = Some(if self.by_index { ReturnConsumedCapacity::Indexes } else { ReturnConsumedCapacity::Total });
        let input = context.input_mut();
        if let Some(put) = input.downcast_mut::<PutItemInput>() {
            put.return_consumed_capacity = asked;
        } else if let Some(update) = input.downcast_mut::<UpdateItemInput>() {
            update.return_consumed_capacity = asked;
        } else if let Some(get) = input.downcast_mut::<GetItemInput>() {
            get.return_consumed_capacity = asked;
        } else if let Some(query) = input.downcast_mut::<QueryInput>() {
            query.return_consumed_capacity = asked;
        } else if let Some(scan) = input.downcast_mut::<ScanInput>() {
            scan.return_consumed_capacity = asked;
        } else if let Some(gets) = input.downcast_mut::<BatchGetItemInput>() {
            gets.return_consumed_capacity = asked;
        } else if let Some(writes) = input.downcast_mut::<BatchWriteItemInput>() {
            writes.return_consumed_capacity = asked;
        } else if let Some(delete) = input.downcast_mut::<DeleteItemInput>() {
            delete.return_consumed_capacity = asked;
        } else if let Some(batch) = input.downcast_mut::<BatchExecuteStatementInput>() {
            batch.return_consumed_capacity = asked;
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or("unknown");
        let mut bill = self.bill();
        match bill.calls.get_mut(target) {
            Some(calls) => *calls += 1,
            None => drop(bill.calls.insert(target.to_owned(), 1)),
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut bill = self.bill();
        match context.output_or_error() {
            Ok(output) => {
                if let Some(put) = output.downcast_ref::<PutItemOutput>() {
                    bill.wrote(put.consumed_capacity.as_ref());
                } else if let Some(update) = output.downcast_ref::<UpdateItemOutput>() {
                    bill.wrote(update.consumed_capacity.as_ref());
                } else if let Some(get) = output.downcast_ref::<GetItemOutput>() {
                    bill.read(get.consumed_capacity.as_ref());
                } else if let Some(query) = output.downcast_ref::<QueryOutput>() {
                    bill.read(query.consumed_capacity.as_ref());
                } else if let Some(scan) = output.downcast_ref::<ScanOutput>() {
                    bill.read(scan.consumed_capacity.as_ref());
                } else if let Some(gets) = output.downcast_ref::<BatchGetItemOutput>() {
                    gets.consumed_capacity.iter().flatten().for_each(|used| bill.read(Some(used)));
                } else if let Some(writes) = output.downcast_ref::<BatchWriteItemOutput>() {
                    writes.consumed_capacity.iter().flatten().for_each(|used| bill.wrote(Some(used)));
                } else if let Some(delete) = output.downcast_ref::<DeleteItemOutput>() {
                    bill.wrote(delete.consumed_capacity.as_ref());
                } else if let Some(batch) = output.downcast_ref::<BatchExecuteStatementOutput>() {
                    batch.consumed_capacity.iter().flatten().for_each(|used| bill.wrote(Some(used)));
                    let errors = batch.responses.iter().flatten().filter_map(|answer| answer.error.as_ref());
                    let refused = errors
                        .filter(|error| matches!(error.code, Some(Code::ConditionalCheckFailed | Code::DuplicateItem)));
                    refused.for_each(|_| bill.refuse());
                }
            }
            Err(error) => {
                let error = error.as_operation_error();
                let put = error.and_then(|error| error.downcast_ref::<PutItemError>());
                let update = error.and_then(|error| error.downcast_ref::<UpdateItemError>());
                if put.is_some_and(PutItemError::is_conditional_check_failed_exception)
                    || update.is_some_and(UpdateItemError::is_conditional_check_failed_exception)
                {
                    bill.refuse();
                }
            }
        }
        Ok(())
    }
}
