//! A line to a server that can fall silent, as one does whose other end went away without a word, or lose what is said on it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Listens on a loopback port of its own and connects through. It ends with the test.
pub struct Line {
    address: SocketAddr,
    silence: watch::Sender<()>,
    wanted: Wanted,
}

/// What a line loses of a connection on which a client says certain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The words, and all that the client says after them: they never arrive.
    Words,
    /// The answers: the words arrive, and whoever said them never hears of it.
    Answers,
}

/// The words that the line waits for.
type Wanted = Arc<Mutex<Option<(Vec<u8>, Loss)>>>;

impl Line {
    /// A line to whoever listens there.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silence = watch::Sender::new(());
        let falling = silence.subscribe();
        let wanted = Wanted::default();
        let line = Self {
            address,
            silence,
            wanted: Arc::clone(&wanted),
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Only what is said from here on concerns this connection.
                let mut falling = falling.clone();
                falling.mark_unchanged();
                tokio::spawn(connect(client, server, falling, Arc::clone(&wanted)));
            }
        });
        line
    }

    /// Where to connect to instead of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Nothing passes any more on the connections that there are, which stay open. New ones are as good as ever.
    pub fn fall_silent(&self) {
        self.silence.send(()).unwrap();
    }

    /// The first connection on which a client says these words from now on loses
    /// something, until one of its ends leaves. The others are as good as ever.
    pub fn lose(&self, loss: Loss, words: &str) {
        *self.wanted.lock().unwrap() = Some((words.as_bytes().to_vec(), loss));
    }

    /// Whether a client has said the words.
    pub fn has_lost(&self) -> bool {
        self.wanted.lock().unwrap().is_none()
    }
}

async fn connect(mut client: TcpStream, server: SocketAddr, mut falling: watch::Receiver<()>, wanted: Wanted) {
    let mut server = TcpStream::connect(server).await.unwrap();
    tokio::select! {
        () = pass(&mut client, &mut server, &wanted) => {}
        // Both ends are kept until the line goes away.
        Ok(()) = falling.changed() => while falling.changed().await.is_ok() {},
    }
}

/// Until one of the two leaves; then the other end is closed as well.
async fn pass(client: &mut TcpStream, server: &mut TcpStream, wanted: &Wanted) {
    let (mut asks, mut hears) = client.split();
    let (mut answers, mut told) = server.split();
    let lost = tokio::select! {
        lost = listen(&mut asks, &mut told, wanted) => lost,
        _ = copy(&mut answers, &mut hears) => None,
    };
    let mut nobody = sink();
    match lost {
        None => {}
        Some((_, Loss::Words)) => drop(copy(&mut asks, &mut nobody).await),
        Some((words, Loss::Answers)) => {
            let on = async {
                told.write_all(&words).await?;
                copy(&mut asks, &mut told).await
            };
            tokio::select! {
                _ = on => {}
                _ = copy(&mut answers, &mut nobody) => {}
            }
        }
    }
}

/// Passes on what the client says, until it leaves, or says what is waited
/// for: then with the piece in which it did, which is not passed on.
async fn listen(client: &mut (impl AsyncRead + Unpin), server: &mut (impl AsyncWrite + Unpin), wanted: &Wanted) -> Option<(Vec<u8>, Loss)> {
    let mut piece = vec![0; 16 * 1024];
    // The end of what was said before, because the words may come in two pieces.
    let mut said = Vec::new();
    loop {
        let length = client.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        let piece = &piece[..length];
        said.extend_from_slice(piece);
        if let Some(loss) = said_in(&said, wanted) {
            return Some((piece.to_vec(), loss));
        }
        server.write_all(piece).await.ok()?;
        said.drain(..said.len().saturating_sub(LONGEST));
    }
}

/// No words that are waited for are longer.
const LONGEST: usize = 64;

fn said_in(said: &[u8], wanted: &Wanted) -> Option<Loss> {
    let is_said = |(words, _): &mut (Vec<u8>, Loss)| said.windows(words.len()).any(|part| part == words.as_slice());
    wanted.lock().unwrap().take_if(is_said).map(|(_, loss)| loss)
}
