//! The Chrome DevTools Protocol: calls with answers, over one WebSocket.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use crate::wait::DEADLINE;

type Pending = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

pub(super) struct DevTools {
    next: AtomicU64,
    pending: Pending,
    calls: mpsc::UnboundedSender<String>,
    told: Arc<Mutex<Told>>,
    task: JoinHandle<()>,
}

/// What the browser has said without being asked.
#[derive(Default)]
struct Told {
    console: Vec<String>,
    saved: Vec<PathBuf>,
}

impl DevTools {
    pub(super) async fn connect(address: &str) -> Result<Self> {
        let host = address
            .trim_start_matches("ws://")
            .split('/')
            .next()
            .context("a host")?;
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let (socket, _) = client_async_with_config(address, stream, Some(config)).await?;
        let pending = Pending::default();
        let told = Arc::default();
        let (calls, called) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(socket, called, pending.clone(), Arc::clone(&told)));
        Ok(Self {
            next: AtomicU64::new(1),
            pending,
            calls,
            told,
            task,
        })
    }

    /// Calls a method, of a session or of the browser, and waits for its result.
    pub(super) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<Value> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        lock(&self.pending).insert(id, answer);
        let mut call = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        self.calls.send(call.to_string())?;
        let mut answer = tokio::time::timeout(DEADLINE, answered)
            .await
            .with_context(|| format!("{method}: no answer"))?
            .with_context(|| format!("{method}: Chromium has gone"))?;
        if let Some(error) = answer.get("error") {
            bail!("{method}: {error}");
        }
        Ok(answer["result"].take())
    }

    /// What pages and workers wrote to their consoles, and exceptions that nobody caught.
    pub(super) fn console(&self) -> Vec<String> {
        lock(&self.told).console.clone()
    }

    /// The files that downloads have left, each whole; the earliest first.
    pub(super) fn saved(&self) -> Vec<PathBuf> {
        lock(&self.told).saved.clone()
    }
}

impl Drop for DevTools {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    mut socket: WebSocketStream<TcpStream>,
    mut calls: mpsc::UnboundedReceiver<String>,
    pending: Pending,
    told: Arc<Mutex<Told>>,
) {
    loop {
        tokio::select! {
            call = calls.recv() => {
                let Some(call) = call else { break };
                if socket.send(Message::text(call)).await.is_err() {
                    break;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { break };
                let Ok(message) = serde_json::from_slice::<Value>(&message.into_data()) else {
                    continue;
                };
                if let Some(id) = message["id"].as_u64() {
                    if let Some(answer) = lock(&pending).remove(&id) {
                        let _ = answer.send(message);
                    }
                } else if let Some(line) = console_line(&message) {
                    lock(&told).console.push(line);
                } else if let Some(file) = saved_file(&message) {
                    lock(&told).saved.push(file);
                }
            }
        }
    }
    lock(&pending).clear();
}

fn console_line(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.consoleAPICalled" => {
            let texts = parameters["args"].as_array()?.iter();
            let texts = texts.map(|text| match text["value"].as_str() {
                Some(text) => text.to_owned(),
                None => text["description"].to_string(),
            });
            Some(format!(
                "{}: {}",
                parameters["type"].as_str()?,
                texts.collect::<Vec<_>>().join(" ")
            ))
        }
        "Runtime.exceptionThrown" => Some(format!(
            "exception: {}",
            parameters["exceptionDetails"]["exception"]["description"]
        )),
        "Log.entryAdded" => Some(format!(
            "{}: {}",
            parameters["entry"]["level"].as_str()?,
            parameters["entry"]["text"].as_str()?
        )),
        _ => None,
    }
}

/// A file has its name before it has all its bytes: only the browser knows when it is whole.
fn saved_file(event: &Value) -> Option<PathBuf> {
    let parameters = &event["params"];
    let is_whole =
        event["method"] == "Browser.downloadProgress" && parameters["state"] == "completed";
    is_whole.then(|| parameters["filePath"].as_str().map(PathBuf::from))?
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
