//! The Chrome DevTools Protocol: calls with answers, over one WebSocket.

use std::{
    collections::HashMap,
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
    console: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
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
        let console = Arc::default();
        let (calls, called) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(socket, called, pending.clone(), Arc::clone(&console)));
        Ok(Self {
            next: AtomicU64::new(1),
            pending,
            calls,
            console,
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
        lock(&self.console).clone()
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
    console: Arc<Mutex<Vec<String>>>,
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
                    lock(&console).push(line);
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
