//! An executor whose handlers share a database pool, which is opened before the first task.
//!
//! `examples/README.md` says how to run it against the embedded stack: `--bin state` instead of `--bin welcome`.

use std::{collections::HashMap, sync::Arc};

use taskway::{Context, Failure, Handlers, Task};

/// Stands for a pool of connections, such as sqlx's `PgPool`. Cheap to clone.
#[derive(Clone)]
struct Pool(Arc<HashMap<u64, String>>);

impl Pool {
    async fn connect(url: &str) -> anyhow::Result<Self> {
        anyhow::ensure!(url.starts_with("postgres://"), "DATABASE_URL must begin with postgres://, and is {url:?}");
        Ok(Pool(Arc::new(HashMap::from([(42, "ada@example.com".to_owned())]))))
    }

    async fn email_of(&self, user: u64) -> anyhow::Result<Option<String>> {
        Ok(self.0.get(&user).cloned())
    }
}

async fn send_welcome(pool: Pool, task: Task<u64>, _cx: Context) -> Result<String, Failure> {
    let email = pool.email_of(task.payload).await.map_err(Failure::retry)?;
    email.ok_or_else(|| Failure::fatal(format!("there is no user {}", task.payload)))
}

async fn has_email(pool: Pool, task: Task<u64>, _cx: Context) -> Result<bool, Failure> {
    Ok(pool.email_of(task.payload).await.map_err(Failure::retry)?.is_some())
}

/// Opens the pool, and gives each handler a clone of it at every call.
async fn handlers() -> anyhow::Result<Handlers> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "postgres://localhost".to_owned());
    let pool = Pool::connect(&url).await?;
    let other = pool.clone();
    Ok(Handlers::new()
        .on("send_welcome", move |task, cx| send_welcome(pool.clone(), task, cx))
        .on("has_email", move |task, cx| has_email(other.clone(), task, cx)))
}

fn main() -> anyhow::Result<()> {
    taskway_executor::main_with(handlers)
}
