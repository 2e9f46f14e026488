//! A function opens its connections while it starts and then uses them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_config::{Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use serde_json::json;
use taskway_cloud::{
    aws,
    sqs::{Source, Urls},
};
use taskway_protocol::Priority;
use taskway_tests::World;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

/// Longer than warming may take.
const AT_MOST: Duration = Duration::from_secs(20);

/// Forwards connections and counts them.
struct Relay {
    url: String,
    accepted: Arc<AtomicUsize>,
    _serving: AbortOnDropHandle<()>,
}

impl Relay {
    async fn before(upstream: &str) -> Self {
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let serving = tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mut behind = TcpStream::connect(&upstream).await.unwrap();
                // Either side may close the connection.
                tokio::spawn(async move { copy_bidirectional(&mut connection, &mut behind).await.ok() });
            }
        });
        Relay { url, accepted, _serving: AbortOnDropHandle::new(serving) }
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// The configuration of a process, from a profile instead of the environment, with an endpoint for each service.
async fn config(dynamodb: &str, sqs: &str) -> SdkConfig {
    let text = format!(
        "[default]\naws_access_key_id = local\naws_secret_access_key = local\nservices = here\n\
         [services here]\ndynamodb =\n  endpoint_url = {dynamodb}\nsqs =\n  endpoint_url = {sqs}\n"
    );
    let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, text).build();
    aws::loader().await.unwrap().region(Region::from_static("us-east-1")).profile_files(files).load().await
}

fn urls(world: &World) -> Urls {
    let url = |lane| world.lanes.url(Source::Lane(lane)).unwrap().to_owned();
    Urls { high: url(Priority::High), normal: url(Priority::Normal), low: url(Priority::Low), dead_letters: None }
}

#[tokio::test]
async fn the_first_calls_use_the_connections_that_were_opened_early() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    let dynamodb = Relay::before(&world.stack.dynamodb).await;
    let sqs = Relay::before(&world.stack.sqs_url).await;
    let config = config(&dynamodb.url, &sqs.url).await;
    let (table, urls) = (world.stack.settings.table.clone(), urls(&world));

    aws::warm(&config, &table, &urls.normal).await;
    assert_eq!((dynamodb.accepted(), sqs.accepted()), (1, 1));

    aws::store(&config, table).get(&id.key).await.unwrap();
    let lanes = aws::lanes(&config, urls);
    let taken = lanes.receive(Source::Lane(Priority::Normal), 1, Duration::from_secs(60), Duration::ZERO).await;
    let receipt = &taken.unwrap()[0].receipt;
    lanes.set_visibility(Source::Lane(Priority::Normal), &[(receipt.clone(), Duration::ZERO)]).await.unwrap();
    assert_eq!((dynamodb.accepted(), sqs.accepted()), (1, 1));
}

#[tokio::test]
async fn warming_gives_up_on_services_that_do_not_answer() {
    // No server listens on the port of the dropped listener. The other listener accepts connections and never answers.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = config(&format!("http://{gone}"), &format!("http://{}", silent.local_addr().unwrap())).await;
    let warming = aws::warm(&config, "table", "http://127.0.0.1/000000000000/queue");
    timeout(AT_MOST, warming).await.expect("warming should have given up");
}
