//! Keeps notes in memory: axum on Tokio, its crates vendored.
use std::collections::BTreeMap;
use std::env;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};

type Notes = Arc<Mutex<BTreeMap<String, usize>>>;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let app = Router::new()
        .route("/", get(|| async { "Hello from axum\n" }))
        .route("/notes", get(list))
        .route("/notes/:name", post(add))
        .with_state(Notes::default());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}")).await?;
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await
}

async fn list(State(notes): State<Notes>) -> Json<BTreeMap<String, usize>> {
    Json(notes.lock().unwrap().clone())
}

async fn add(State(notes): State<Notes>, Path(name): Path<String>, text: String) -> String {
    let length = text.chars().count();
    notes.lock().unwrap().insert(name, length);
    format!("{length}\n")
}

async fn asked_to_stop() {
    if let Ok(mut asked) = signal(SignalKind::terminate()) {
        asked.recv().await;
    }
}
