//! A web server with a disc, for a relay in the same machine.

use std::{env, process::ExitCode, sync::Arc};

use anyhow::Result;
use tests::{
    drives::{noise, sample},
    range_server::{Manners, RangeServer},
};

const USAGE: &str = "lab-server ADDRESS SIZE SEED";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Ok([address, size, seed]) = <[String; 3]>::try_from(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match serve(&address, &size, &seed).await {
        Ok(never) => never,
        Err(error) => {
            eprintln!("lab-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(address: &str, size: &str, seed: &str) -> Result<ExitCode> {
    let disc = [sample("joliet")?, noise(size.parse()?, seed.parse()?)].concat();
    let manners = Manners {
        bytes: Arc::new(disc),
        etag: Some("disc".into()),
        ..Manners::default()
    };
    let server = RangeServer::start_on(address, manners, None).await?;
    println!("serves {}", server.url("disc.iso"));
    std::future::pending().await
}
