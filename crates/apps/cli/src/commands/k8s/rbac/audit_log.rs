//! Documents of audit logs, as servers write and rotate them and as their webhooks are sent them.

use std::io::{BufRead, BufReader, Read as _};
use std::path::PathBuf;

use bulkhead_archive::decode;
use bulkhead_limits::{Budget, Limits};
use bulkhead_rbac::{Malformed, Uses};

use crate::failure::Failure;

/// A document of a log: an event at the level Metadata has some thousand bytes, one with bodies as many as
/// an object may have, and a webhook is sent some hundred of them at once.
const DOCUMENT: u64 = 64 << 20;

/// Different requests that are told apart.
const REQUESTS: u64 = 5_000_000;

/// Lines that cannot be read and are told one by one.
const PROBLEMS: usize = 20;

/// What was used by the logs.
pub(super) fn uses(logs: &[PathBuf]) -> Result<Uses, Failure> {
    let limits = Limits { entries: REQUESTS, problems: PROBLEMS, ..Limits::DEFAULT };
    let budget = Budget::new(limits);
    let mut uses = Uses::default();
    for path in files(logs)? {
        let file = BufReader::with_capacity(1 << 20, fs_err::File::open(&path)?);
        read(&path.display().to_string(), file, &mut uses, &budget)?;
    }
    Ok(uses)
}

/// The files, and those in folders: a log with what was rotated out of it.
fn files(logs: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for log in logs {
        if !log.is_dir() {
            files.push(log.clone());
            continue;
        }
        let mut inside = Vec::new();
        for entry in fs_err::read_dir(log)? {
            let path = entry?.path();
            if path.is_file() {
                inside.push(path);
            }
        }
        if inside.is_empty() {
            let message = format!("no file lies in {}", log.display());
            return Err(Failure::new(message, "name a file, or the folder that logs lie in"));
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

/// Reads a log, compressed or not. What is broken in it is left out, and told.
fn read(log: &str, file: impl BufRead, uses: &mut Uses, budget: &Budget) -> Result<(), Failure> {
    let malformed = |line, reason| Malformed { log: log.to_owned(), line, reason };
    let mut documents = match decode(file, budget) {
        Ok(decoder) => Documents { reader: decoder.buffered(), next: Vec::new(), line: 0 },
        Err(error) => {
            uses.add_malformed(malformed(1, error.to_string()), budget);
            return Ok(());
        }
    };
    let mut document = Vec::new();
    loop {
        match documents.read(&mut document) {
            Ok(None) => return Ok(()),
            Ok(Some(line)) if document.len() as u64 > DOCUMENT => {
                let reason = format!("a document of more than {DOCUMENT} bytes");
                uses.add_malformed(malformed(line, reason), budget);
            }
            Ok(Some(line)) => uses.add(log, line, &document, budget)?,
            // What comes behind it cannot be had.
            Err(error) => {
                uses.add_malformed(malformed(documents.line + 1, error.to_string()), budget);
                return Ok(());
            }
        }
    }
}

/// The documents of a log: one a line, or one over several lines, of which none but the first begins with a
/// brace.
struct Documents<R> {
    reader: R,
    /// The line that was read last and belongs to no document yet.
    next: Vec<u8>,
    /// How many lines were read.
    line: u64,
}

impl<R: BufRead> Documents<R> {
    /// Reads the next document, and gives the line in which it begins. Of one that is too long, no more than
    /// tells that it is.
    fn read(&mut self, document: &mut Vec<u8>) -> std::io::Result<Option<u64>> {
        document.clear();
        if self.next.is_empty() && !self.advance()? {
            return Ok(None);
        }
        let first = self.line;
        document.append(&mut self.next);
        let is_whole = |text: &[u8]| {
            let read = serde_json::from_slice::<serde::de::IgnoredAny>(text);
            read.map_or_else(|error| !error.is_eof(), |_| true)
        };
        if is_whole(document) {
            return Ok(Some(first));
        }
        while self.advance()? && self.next.first() != Some(&b'{') {
            if document.len() as u64 <= DOCUMENT {
                document.append(&mut self.next);
            }
            self.next.clear();
        }
        Ok(Some(first))
    }

    /// Reads one more line; false where there is none.
    fn advance(&mut self) -> std::io::Result<bool> {
        self.next.clear();
        let read = self.reader.by_ref().take(DOCUMENT + 1).read_until(b'\n', &mut self.next)?;
        self.line += u64::from(read > 0);
        if read as u64 > DOCUMENT && self.next.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
        }
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(user: &str, path: &str) -> String {
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"verb\":\"get\",\"requestURI\":\"{path}\",\
             \"user\":{{\"username\":\"{user}\"}},\"annotations\":{{\"authorization.k8s.io/decision\":\"allow\"}}}}"
        )
    }

    /// The users whose requests are known, and the places of what is malformed.
    fn check(log: &str, users: &[&str], malformed: &[u64]) {
        let mut uses = Uses::default();
        read("log", log.as_bytes(), &mut uses, &Budget::new(Limits::DEFAULT)).unwrap();
        let found: Vec<&str> = uses.allowed.keys().map(|it| it.user.as_str()).collect();
        assert_eq!(found, users, "{log}");
        let found: Vec<u64> = uses.malformed.iter().map(|it| it.line).collect();
        assert_eq!(found, malformed, "{log}: {:?}", uses.malformed);
    }

    #[test]
    fn lines_lists_and_broken_lines() {
        let (a, b) = (event("a", "/a"), event("b", "/b"));
        let item = |event: &str| {
            event.replacen("\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",", "", 1)
        };
        let list = format!(
            "{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{{}},\"items\":[{},{}]}}",
            item(&a),
            item(&b)
        );
        let value: serde_json::Value = serde_json::from_str(&list).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        check("", &[], &[]);
        check("\n\n", &[], &[]);
        check(&format!("{a}\n\n{b}\n"), &["a", "b"], &[]);
        check(&format!("{a}\r\n{b}"), &["a", "b"], &[]);
        check(&list, &["a", "b"], &[]);
        check(&format!("{pretty}\n"), &["a", "b"], &[]);
        check(&format!("{a}\n{pretty}\n{pretty}\n{b}\n"), &["a", "b"], &[]);
        // A line that was cut off, one that is none, and the last that is still being written.
        let cut = &a[..a.len() / 2];
        check(&format!("{cut}\n{b}\n"), &["b"], &[1]);
        check(&format!("{a}\n{cut}\n{b}\n"), &["a", "b"], &[2]);
        check(&format!("{a}\nno json\n{b}\n"), &["a", "b"], &[2]);
        check(&format!("{a}\n{b}\n{cut}"), &["a", "b"], &[3]);
        check("{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[]}", &[], &[1]);
    }
}
