//! A client that costs next to nothing, so that what is measured is the server: one HTTP/1.1 connection, one request at a time.

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection of one bearer of a token.
pub(crate) struct Wire {
    stream: TcpStream,
    authorization: String,
    buffer: Vec<u8>,
}

/// Status and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// The text of the first field of this name.
    pub(crate) fn field(&self, name: &str) -> Result<&str> {
        let marker = format!("\"{name}\":\"");
        let start = self.body.find(&marker).with_context(|| format!("no {name} in {}", self.body))? + marker.len();
        let end = self.body[start..].find('"').context("a text without an end")?;
        Ok(&self.body[start..start + end])
    }
}

impl Wire {
    pub(crate) async fn connect(port: u16, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let authorization = if token.is_empty() {
            String::new()
        } else {
            format!("authorization: Bearer {token}\r\n")
        };
        Ok(Self {
            stream,
            authorization,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{}\r\n", self.authorization);
        self.send(request.as_bytes()).await
    }

    /// Answers with whatever came, refusals included.
    pub(crate) async fn write(&mut self, method: &str, path: &str, key: &str, body: &str) -> Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\n{}idempotency-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.authorization,
            body.len()
        );
        self.send(request.as_bytes()).await
    }

    /// As [`Wire::write`], but a refusal is an error.
    pub(crate) async fn post(&mut self, path: &str, key: &str, body: &str) -> Result<Answer> {
        let answer = self.write("POST", path, key, body).await?;
        if answer.status >= 300 {
            bail!("{path}: {} {}", answer.status, answer.body);
        }
        Ok(answer)
    }

    async fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read_more().await?;
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let headers = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
        let status = headers.get(9..12).context("no status")?.parse()?;
        let length = headers.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.context("an answer without its length")?.parse()?;
        while self.buffer.len() < head + length {
            self.read_more().await?;
        }
        Ok(Answer {
            status,
            body: String::from_utf8(self.buffer[head..].to_vec())?,
        })
    }

    async fn read_more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}
