//! Leases: one holder at a time has the sweep of a shard of the agenda, or one of the places of waiting requests.
//!
//! A tick takes the lease on a shard if more is due there than one page holds, so that overlapping ticks do not send the
//! same backlog twice. This only saves cost: if a tick sweeps without it, some of its messages die at their claims.
//!
//! A request takes a place while it waits for the end of its task, so that no more wait at once than there are places. A
//! place that nobody gave back is free when its lease is over.

use aws_sdk_dynamodb::{
    error::SdkError, operation::update_item::builders::UpdateItemFluentBuilder, types::ReturnValue,
};
use futures::FutureExt;

use super::{
    attr,
    error::StoreError,
    keys,
    record::{ms, n, s},
    store::Store,
};
use taskway_protocol::{Nonce, Time};

impl Store {
    /// Takes the lease on a shard until `ends`, and returns whether `holder` has it now. It does if nobody had the
    /// lease, if the lease of another holder is over, or if `holder` had it already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: `holder` may or may not have the lease.
    pub async fn take_sweep(&self, shard: u16, holder: Nonce, now: Time, ends: Time) -> Result<bool, StoreError> {
        self.take(keys::sweep_partition(shard), holder, now, ends).await
    }

    /// Gives the lease back early. Does nothing if another holder has it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the lease may last until its end.
    pub async fn leave_sweep(&self, shard: u16, holder: Nonce) -> Result<(), StoreError> {
        self.leave(keys::sweep_partition(shard), holder).await
    }

    /// Takes a place of a waiting request until `ends`, as [`take_sweep`](Store::take_sweep) does a shard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: `holder` may or may not have the place.
    pub async fn take_wait(&self, place: u16, holder: Nonce, now: Time, ends: Time) -> Result<bool, StoreError> {
        self.take(keys::wait_partition(place), holder, now, ends).await
    }

    /// Gives the place back early. Does nothing if another holder has it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the place may be taken until its end.
    pub async fn leave_wait(&self, place: u16, holder: Nonce) -> Result<(), StoreError> {
        self.leave(keys::wait_partition(place), holder).await
    }

    async fn take(&self, partition: String, holder: Nonce, now: Time, ends: Time) -> Result<bool, StoreError> {
        let take = self
            .lease(partition, holder, ends)
            .update_expression("SET #own = :own, #le = :ends")
            .condition_expression("attribute_not_exists(#le) OR #le <= :now OR #own = :own")
            .expression_attribute_values(":now", ms(now));
        written(take).await
    }

    async fn leave(&self, partition: String, holder: Nonce) -> Result<(), StoreError> {
        let leave = self
            .lease(partition, holder, Time::from_millis(0))
            .update_expression("SET #le = :ends")
            .condition_expression("#own = :own");
        written(leave).await.map(|_| ())
    }

    fn lease(&self, partition: String, holder: Nonce, ends: Time) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(attr::PK, s(partition))
            .key(attr::SK, s(keys::LEASE_SORT))
            .expression_attribute_names("#own", attr::OWNER)
            .expression_attribute_names("#le", attr::LEASE_END)
            .expression_attribute_values(":own", n(holder.0))
            .expression_attribute_values(":ends", ms(ends))
            .return_values(ReturnValue::AllNew)
    }
}

/// Sends an update, and returns whether its condition was met.
async fn written(update: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
    match update.send().boxed().await {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(false),
        Err(error) => Err(StoreError::unavailable(error)),
    }
}
