//! `taskway ui`.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::Context;
use clap::Args;
use taskway_local::doors::Hosts;
use tokio::net::TcpListener;

use super::dev::host_name;
use crate::{client::Client, failure::Failure, output::Output, ui_server};

/// Show the dashboard of a deployed API in your browser
///
/// Serves the dashboard on 127.0.0.1, and passes its calls on to the API with your credentials: signed as every call of this
/// command, or with TASKWAY_TOKEN. The browser gets neither. Under `taskway dev` the dashboard is there already.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Ui {
    /// Port of the dashboard; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    port: u16,

    /// Pass only reads on, so that nobody changes anything by the dashboard
    #[arg(long)]
    read_only: bool,

    /// Another name by which your browser reaches this machine; may be repeated [default: localhost]
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    allow_host: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  taskway ui --url https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com
  AWS_PROFILE=production taskway ui --read-only --port 9000";

impl Ui {
    pub(crate) async fn run(self, client: Client, output: &Output) -> Result<(), Failure> {
        // Only this machine can reach the port. Every caller acts with the credentials of this command.
        let address = Ipv4Addr::LOCALHOST;
        let at = SocketAddr::from((address, self.port));
        let taken =
            format!("the dashboard cannot listen on {at}; if another program uses the port, choose one with --port");
        let listener = TcpListener::bind(at).await.context(taken).map_err(Failure::Other)?;
        let port = listener.local_addr()?.port();
        let mode = if self.read_only { ", read-only" } else { "" };
        let api = client.shown();
        let router = ui_server::router(client, self.read_only, Hosts::new(address.into(), self.allow_host))?;
        let said = output.line(&format!("dashboard  http://{address}:{port}/  of {api}{mode}\nCtrl-C ends"));
        // A reader that has gone, as `| head` does, does not stop it.
        match said {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        let interrupted = async {
            // Without the signal's handler, Ctrl-C ends the process by itself.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            served = async { axum::serve(listener, router).await } => served.context("the dashboard's server ended").map_err(Failure::Other),
            () = interrupted => Ok(()),
        }
    }
}
