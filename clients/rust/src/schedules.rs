//! The client's methods about schedules.

use taskway_api::{Schedule, Task};

use crate::{
    call::Call,
    client::Client,
    error::{Error, Misuse},
    new_schedule::NewSchedule,
    pages::Pages,
};

impl Client {
    /// All schedules without their payloads, the latest put first.
    pub fn schedules(&self) -> Pages<'_, Schedule> {
        Pages::new(self, Call::schedules())
    }

    /// A schedule, with what it means and when it fires.
    ///
    /// # Errors
    /// If there is none, or no answer.
    pub async fn schedule(&self, name: &str) -> Result<Schedule, Error> {
        self.ask(Call::schedule(name)?).await
    }

    /// Makes a schedule, or puts this one in its place.
    ///
    /// # Errors
    /// If the API refuses a field.
    pub async fn put_schedule(&self, name: &str, schedule: NewSchedule) -> Result<Schedule, Error> {
        let body = schedule.request()?.to_json().map_err(Misuse::json)?;
        self.ask(Call::put_schedule(name, body)?).await
    }

    /// Deletes a schedule, and cancels its firings that have not started.
    ///
    /// # Errors
    /// If there is none, or no answer.
    pub async fn delete_schedule(&self, name: &str) -> Result<(), Error> {
        self.send(&Call::delete_schedule(name)?).await.map(drop)
    }

    /// Submits the schedule's task now, beside its own times. The request is not sent again if the first may have been carried
    /// out, because that would submit a second task.
    ///
    /// # Errors
    /// If there is no such schedule, or no answer.
    pub async fn run_schedule(&self, name: &str) -> Result<Task, Error> {
        self.ask(Call::run_schedule(name)?).await
    }
}
