//! A way to the API server that can be closed, and be slow.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// Passes bytes on to the API server while it is open. Closed, it ends each connection.
pub(crate) struct Gateway {
    /// A client configuration that leads through it.
    pub(crate) kubeconfig: String,
    /// The open connections; none while it is closed.
    open: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Gateway {
    pub(crate) fn start(kubeconfig: &str) -> Self {
        Self::start_slow(kubeconfig, Duration::ZERO)
    }

    /// What the server answers comes so much later.
    pub(crate) fn start_slow(kubeconfig: &str, delay: Duration) -> Self {
        let mut configuration: Value =
            serde_json::from_slice(&fs_err::read(kubeconfig).unwrap()).unwrap();
        let server = &mut configuration["clusters"][0]["cluster"]["server"];
        let address = server.as_str().unwrap().strip_prefix("https://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        *server = json!(format!("https://{}", listener.local_addr().unwrap()));
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let connections = Arc::clone(&open);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut open = connections.lock().unwrap();
                if let (Some(open), Ok(server)) = (&mut *open, TcpStream::connect(&address)) {
                    open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                    pass(&client, &server, Duration::ZERO);
                    pass(&server, &client, delay);
                }
            }
        });
        Self { kubeconfig: configuration.to_string(), open }
    }

    pub(crate) fn close(&self) {
        for connection in self.open.lock().unwrap().take().into_iter().flatten() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn open(&self) {
        *self.open.lock().unwrap() = Some(Vec::new());
    }
}

/// Passes bytes on in the background, each after this time, until one side is gone.
fn pass(from: &TcpStream, to: &TcpStream, delay: Duration) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    std::thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            std::thread::sleep(delay);
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
