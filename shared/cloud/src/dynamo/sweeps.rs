//! Who goes through a shard of the agenda in which more is due than a page holds, so that ticks that overlap do not send
//! the same backlog twice.
//!
//! Nothing rests on it but the price: whoever sweeps without it sends messages that die at their claim.

use aws_sdk_dynamodb::{
    error::SdkError, operation::update_item::builders::UpdateItemFluentBuilder, types::ReturnValue,
};

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{ms, n, s},
    store::Store,
};
use taskway_protocol::{Nonce, Time};

impl Store {
    /// Takes a shard until `ends`, and says whether it is `holder`'s now: it is when nobody had it, whoever had it is
    /// over, or it was the holder's own.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not be the holder's.
    pub async fn take_sweep(&self, shard: u16, holder: Nonce, now: Time, ends: Time) -> Result<bool, StoreError> {
        let take = self
            .sweep_lease(shard, holder, ends)
            .update_expression("SET #own = :own, #le = :ends")
            .condition_expression("attribute_not_exists(#le) OR #le <= :now OR #own = :own")
            .expression_attribute_values(":now", ms(now));
        written(take).await
    }

    /// Gives a shard back before its time; somebody else's stays theirs.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it is free at its time.
    pub async fn leave_sweep(&self, shard: u16, holder: Nonce) -> Result<(), StoreError> {
        let leave = self
            .sweep_lease(shard, holder, Time::from_millis(0))
            .update_expression("SET #le = :ends")
            .condition_expression("#own = :own");
        written(leave).await.map(|_| ())
    }

    fn sweep_lease(&self, shard: u16, holder: Nonce, ends: Time) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::sweep(shard)))
            .key(attr::SK, s(keys::LEASE_ITEM))
            .expression_attribute_names("#own", attr::OWNER)
            .expression_attribute_names("#le", attr::LEASE_END)
            .expression_attribute_values(":own", n(holder.0))
            .expression_attribute_values(":ends", ms(ends))
            .return_values(ReturnValue::AllNew)
    }
}

/// Whether the condition allowed it.
async fn written(update: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(false),
        Err(error) => Err(StoreError::unavailable(error)),
    }
}
