//! Counts its visitors: an HTTP server of the standard library alone.
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::{env, thread};

fn main() -> std::io::Result<()> {
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}"))?;
    let visitors = Arc::new(AtomicU64::new(0));
    for stream in listener.incoming() {
        let mut stream = stream?;
        let visitors = Arc::clone(&visitors);
        thread::spawn(move || {
            let mut line = String::new();
            if BufReader::new(&stream).read_line(&mut line).is_ok() {
                let text = if line.starts_with("GET /count ") {
                    format!("{}\n", visitors.fetch_add(1, Ordering::Relaxed) + 1)
                } else {
                    "Hello from Rust\n".to_string()
                };
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len());
            }
        });
    }
    Ok(())
}
