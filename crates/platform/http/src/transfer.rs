//! Fetching something large, and going on where it broke off.

use std::io;

use reqwest::StatusCode;

use crate::{Client, HttpError, Request, Response};

/// Bytes after which a break does not count as a failure: whoever brings so much is worth another
/// try, however often that is.
const WORTHWHILE: u64 = 16 << 20;

/// Where the bytes of a transfer go, in their order.
pub trait Sink: Send {
    /// Takes the next bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Forgets everything: the content changed, and begins again.
    fn restart(&mut self) -> io::Result<()>;

    /// Learns the validator of what comes next, with which a later run can go on: none where the
    /// server gave none that is strong enough. For sinks that outlive the program.
    fn validated(&mut self, validator: Option<&str>) -> io::Result<()> {
        let _ = validator;
        Ok(())
    }
}

impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        self.clear();
        Ok(())
    }
}

/// What is fetched, and how far that has come.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The request; conditions (`If-None-Match`) are its headers.
    pub request: Request,
    /// Bytes that the sink has already.
    pub position: u64,
    /// How it is certain that a second part belongs to the first.
    pub guard: Guard,
    /// Bytes that it must have, where that is known.
    pub size: Option<u64>,
    /// Bytes that it may have.
    pub limit: u64,
}

/// How it is certain that a second part belongs to the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// The content cannot change: it is named by its digest, which the receiver computes.
    Digest,
    /// The server's validator of the first part, where it gave one: a strong `ETag`, or
    /// `Last-Modified`. Without one every part is the first.
    Validator(Option<String>),
}

/// How a transfer ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transferred {
    /// The sink has everything.
    Whole {
        /// Its entity tag.
        etag: Option<String>,
        /// When it was changed, as the server writes it.
        last_modified: Option<String>,
    },
    /// It is as it was when the request's condition was made (304).
    Unchanged,
}

impl Transfer {
    /// A transfer from the beginning, of at most `limit` bytes.
    pub fn new(request: Request, limit: u64) -> Self {
        Self { request, position: 0, guard: Guard::Validator(None), size: None, limit }
    }

    /// The request for what is still to come.
    fn rest(&self) -> Request {
        let request = self.request.clone();
        if self.position == 0 {
            return request;
        }
        let ranged = request.header("range", &format!("bytes={}-", self.position));
        match &self.guard {
            Guard::Digest => ranged,
            Guard::Validator(Some(validator)) => ranged.header("if-range", validator),
            Guard::Validator(None) => self.request.clone(),
        }
    }
}

impl Client {
    /// Fetches into the sink. A transfer that breaks off or stalls goes on from where it was, a
    /// bounded number of times. After an error the transfer says how far it came, so that it can be
    /// taken up again, with other credentials too.
    pub async fn transfer(
        &self,
        transfer: &mut Transfer,
        sink: &mut dyn Sink,
    ) -> Result<Transferred, HttpError> {
        let mut failed = 0;
        loop {
            let before = transfer.position;
            let error = match self.part(transfer, sink).await {
                Err(error @ HttpError::Broken { .. }) => error,
                outcome => return outcome,
            };
            if transfer.position.saturating_sub(before) < WORTHWHILE {
                failed += 1;
            }
            match self.network().retry.wait(failed.max(1), None) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    /// One request, from the present position to wherever it comes.
    async fn part(
        &self,
        transfer: &mut Transfer,
        sink: &mut dyn Sink,
    ) -> Result<Transferred, HttpError> {
        let mut response = self.send(&transfer.rest()).await?;
        let has_no_rest = response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
        if has_no_rest && transfer.position > 0 && transfer.size == Some(transfer.position) {
            return Ok(whole(&response));
        }
        if has_no_rest && transfer.position > 0 || is_of_another_version(&response, &transfer.guard)
        {
            begin_again(transfer, sink)?;
            response = self.send(&transfer.rest()).await?;
        }
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Transferred::Unchanged);
        }
        let mut response = response.successful().await?;
        // Bytes of this answer that the sink has already.
        let mut known = 0;
        if response.status() == StatusCode::PARTIAL_CONTENT {
            check_range(&response, transfer.position)?;
        } else if transfer.guard == Guard::Digest {
            known = transfer.position;
        } else if transfer.position > 0 {
            begin_again(transfer, sink)?;
        }
        if let Guard::Validator(validator) = &mut transfer.guard {
            // A part need not repeat what it was asked with.
            let is_part = response.status() == StatusCode::PARTIAL_CONTENT;
            *validator = strong(&response).or(validator.take().filter(|_| is_part));
            sink.validated(validator.as_deref()).map_err(HttpError::Keep)?;
        }
        let size = transfer.size.or_else(|| complete_length(&response));
        let start = if known > 0 { 0 } else { transfer.position };
        let announced = response.length().map(|length| length.saturating_add(start));
        let too_large = |size| {
            let address = transfer.request.address();
            HttpError::TooLarge { address, size, limit: transfer.limit }
        };
        if announced.is_some_and(|size| size > transfer.limit) {
            return Err(too_large(announced));
        }
        while let Some(piece) = response.piece().await.map_err(|error| at(error, transfer))? {
            let skipped = usize::try_from(known).unwrap_or(usize::MAX).min(piece.len());
            known -= skipped as u64;
            let new = piece.get(skipped..).unwrap_or_default();
            let position = transfer.position.saturating_add(new.len() as u64);
            if position > transfer.limit {
                return Err(too_large(None));
            }
            sink.write(new).map_err(HttpError::Keep)?;
            transfer.position = position;
        }
        match size {
            Some(size) if transfer.position < size || known > 0 => Err(HttpError::Broken {
                address: transfer.request.address(),
                position: transfer.position,
                cause: format!("there should be {size}"),
            }),
            _ => Ok(whole(&response)),
        }
    }
}

fn begin_again(transfer: &mut Transfer, sink: &mut dyn Sink) -> Result<(), HttpError> {
    sink.restart().map_err(HttpError::Keep)?;
    transfer.position = 0;
    Ok(())
}

/// An answer counts its own bytes only; what matters is how far the whole came.
fn at(error: HttpError, transfer: &Transfer) -> HttpError {
    match error {
        HttpError::Broken { address, cause, .. } => {
            HttpError::Broken { address, position: transfer.position, cause }
        }
        error => error,
    }
}

/// A part must begin where the last one ended (RFC 9110, 14.4).
fn check_range(response: &Response, position: u64) -> Result<(), HttpError> {
    let range = response.header("content-range").unwrap_or_default();
    let start = range.strip_prefix("bytes ").and_then(|rest| rest.split_once('-'));
    if start.and_then(|(start, _)| start.trim().parse().ok()) == Some(position) {
        return Ok(());
    }
    Err(HttpError::Answer {
        address: response.address().clone(),
        cause: format!("asked for the bytes from {position} on, it sent {range:?}"),
    })
}

/// Bytes of the whole that an answer is a part of, where it tells: it may be less than all the rest.
fn complete_length(response: &Response) -> Option<u64> {
    let is_part = response.status() == StatusCode::PARTIAL_CONTENT;
    let range = response.header("content-range").filter(|_| is_part)?;
    range.rsplit_once('/')?.1.trim().parse().ok()
}

/// Whether a part belongs to another version than the parts before: a server that knows nothing of
/// `If-Range` sends it all the same.
fn is_of_another_version(response: &Response, guard: &Guard) -> bool {
    let Guard::Validator(Some(validator)) = guard else { return false };
    let header = if validator.starts_with('"') { "etag" } else { "last-modified" };
    response.status() == StatusCode::PARTIAL_CONTENT
        && response.header(header).is_some_and(|of_part| of_part != validator)
}

/// A weak entity tag says that two forms mean the same, not that their bytes are. A day of change
/// says it where the answer was made a second later at least (RFC 9110, 8.8.2.2 and 13.1.5).
fn strong(response: &Response) -> Option<String> {
    let etag = response.header("etag").filter(|etag| !etag.starts_with("W/"));
    let moment = |name| jiff::fmt::rfc2822::parse(response.header(name)?).ok();
    let settled = || {
        let (changed, made) = (moment("last-modified")?, moment("date")?);
        (made.timestamp().duration_since(changed.timestamp()).as_secs() >= 1)
            .then(|| response.header("last-modified"))?
    };
    etag.or_else(settled).map(str::to_owned)
}

fn whole(response: &Response) -> Transferred {
    Transferred::Whole {
        etag: response.header("etag").map(str::to_owned),
        last_modified: response.header("last-modified").map(str::to_owned),
    }
}
