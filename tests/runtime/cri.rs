//! The kubelet's side of CRI: unary calls of gRPC by `curl`, with messages put together by hand.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A message of protobuf, field by field. Texts and messages alike are bytes behind their length.
#[derive(Clone, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn text(mut self, field: u8, text: &str) -> Self {
        self.bytes(field, text.as_bytes());
        self
    }

    pub(crate) fn message(mut self, field: u8, message: Self) -> Self {
        let Self(bytes) = message;
        self.bytes(field, &bytes);
        self
    }

    /// One entry of a map of texts.
    pub(crate) fn entry(self, field: u8, key: &str, value: &str) -> Self {
        self.message(field, Self::new().text(1, key).text(2, value))
    }

    /// A small number, such as one of an enumeration.
    pub(crate) fn number(mut self, field: u8, number: u8) -> Self {
        assert!(number < 128, "one byte");
        self.0.extend([field << 3, number]);
        self
    }

    /// The fields that CRI numbers up to 15, and lengths below 16384.
    fn bytes(&mut self, field: u8, bytes: &[u8]) {
        self.0.push(field << 3 | 2);
        let length = u16::try_from(bytes.len()).expect("a short message");
        let [low, high] =
            [length & 127, length >> 7].map(|part| u8::try_from(part).expect("7 bits"));
        if high == 0 {
            self.0.push(low);
        } else {
            self.0.extend([low | 128, high]);
        }
        self.0.extend_from_slice(bytes);
    }
}

/// A runtime's socket.
pub(crate) struct Cri(PathBuf);

impl Cri {
    pub(crate) fn at(socket: PathBuf) -> Self {
        Self(socket)
    }

    /// Calls a method of the runtime service; the first text of the answer, which is an id where there is any.
    /// Again for some seconds: an image that was just imported is not known at once.
    pub(crate) fn call(&self, method: &str, message: &Message) -> String {
        let mut said = String::new();
        for _ in 0..40 {
            match self.attempt(method, message) {
                Ok(answer) => return answer,
                Err(error) => said = error,
            }
            sleep(Duration::from_millis(250));
        }
        panic!("{method}: {said}")
    }

    fn attempt(&self, method: &str, Message(bytes): &Message) -> Result<String, String> {
        let length = u32::try_from(bytes.len()).expect("a short message").to_be_bytes();
        // gRPC over HTTP/2: a flag for compression, the length, the message.
        let framed = [&[0][..], &length, bytes].concat();
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--http2-prior-knowledge", "--unix-socket"]);
        curl.arg(&self.0).args(["-H", "content-type: application/grpc", "-H", "te: trailers"]);
        curl.args(["--data-binary", "@-", "--dump-header", "/dev/stderr"]);
        curl.arg(format!("http://localhost/runtime.v1.RuntimeService/{method}"));
        curl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = curl.spawn().expect("curl starts");
        running.stdin.take().expect("its input").write_all(&framed).expect("it is written");
        let output = running.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !said.contains("grpc-status: 0") {
            return Err(said);
        }
        // Flag and length, then the first field: its number, its length, its text.
        let text = match output.stdout.get(5..) {
            Some([10, length, text @ ..]) => text.get(..usize::from(*length)),
            _ => None,
        };
        Ok(String::from_utf8_lossy(text.unwrap_or_default()).into_owned())
    }
}
