//! A line to a server that can fall silent, as one does whose other end went away without a word.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Listens on a loopback port of its own and connects through. It ends with the test.
pub struct Line {
    address: SocketAddr,
    silence: watch::Sender<()>,
}

impl Line {
    /// A line to whoever listens there.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silence = watch::Sender::new(());
        let falling = silence.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Only what is said from here on concerns this connection.
                let mut falling = falling.clone();
                falling.mark_unchanged();
                tokio::spawn(connect(client, server, falling));
            }
        });
        Self { address, silence }
    }

    /// Where to connect to instead of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Nothing passes any more on the connections that there are, which stay open. New ones are as good as ever.
    pub fn fall_silent(&self) {
        self.silence.send(()).unwrap();
    }
}

async fn connect(mut client: TcpStream, server: SocketAddr, mut falling: watch::Receiver<()>) {
    let mut server = TcpStream::connect(server).await.unwrap();
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        // Both ends are kept until the line goes away.
        Ok(()) = falling.changed() => while falling.changed().await.is_ok() {},
    }
}
