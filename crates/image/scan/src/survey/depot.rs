//! Images whose parts are had one by one, by digest: from a registry.
//!
//! Their documents are as hostile as those of any archive, so it is a worker that reads them: what
//! was fetched so far is handed to it as an archive, and it answers with the image, or with what is
//! missing for that.

pub(super) mod registry;

use std::collections::BTreeSet;
use std::fmt;
use std::os::fd::AsFd as _;

use bulkhead_image::{Choice, Image, Missing};
use bulkhead_model::Digest;

use super::part::Part;
use crate::pass::UnitSource;
use crate::process::{JobError, Worker};
use crate::protocol::{Failure, Form, Job, Reply, Task};
use crate::{Request, ScanError};

/// Documents that one image may need: an index in an index, for every platform there is.
const DOCUMENTS: usize = 512;

/// Bytes of all documents of one image.
const BYTES: usize = 64 << 20;

/// A place with documents and layers by digest.
pub(super) trait Depot {
    /// The image, for messages.
    fn name(&self) -> String;

    /// The document that the user's name leads to.
    fn root(&self) -> Result<Root, ScanError>;

    /// Another document.
    fn document(&self, missing: &Missing) -> Result<Vec<u8>, ScanError>;

    /// A layer of so many bytes, hashed as it is read where that is wanted.
    fn layer(&self, digest: &Digest, size: u64, hashed: bool) -> UnitSource;
}

/// The first document of an image.
pub(super) struct Root {
    pub(super) digest: Digest,
    pub(super) bytes: Vec<u8>,
    /// The image's name with its tag, where it has one.
    pub(super) tag: Option<String>,
}

impl fmt::Debug for dyn Depot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}

/// Reads the documents of the chosen images.
pub(super) fn open(
    depot: &dyn Depot,
    request: &Request,
    choice: &Choice,
) -> Result<Vec<Image>, ScanError> {
    let failed = |message, hint| ScanError::Image { path: depot.name(), message, hint };
    let root = depot.root()?;
    let mut part = Part::new(&root).map_err(ScanError::Spool)?;
    let mut known = BTreeSet::from([root.digest]);
    let mut worker = Worker::new(&request.worker);
    loop {
        let task = Task::Open { form: Form::Part, choice: choice.clone() };
        let job = Job { limits: request.limits, task };
        let missing = match worker.perform(&job, &[part.file().as_fd()], &|_| {}) {
            Ok(Reply::Opened(Ok(images))) => return Ok(images),
            Ok(Reply::Opened(Err(Failure { missing, message, hint }))) => {
                if missing.is_empty() {
                    return Err(failed(message, hint));
                }
                missing
            }
            Ok(_) => return Err(failed("the worker answered something else".to_owned(), None)),
            Err(JobError::Start(error)) => return Err(ScanError::Worker(error)),
            Err(JobError::Died(broken)) => {
                return Err(failed(broken.cause.clone(), Some(broken.hint().to_owned())));
            }
        };
        for document in missing {
            // A worker that hostile bytes have taken over must not send us round and round.
            if known.len() >= DOCUMENTS || !known.insert(document.digest.clone()) {
                return Err(failed("it consists of more documents than an image has".into(), None));
            }
            let bytes = depot.document(&document)?;
            if part.bytes().saturating_add(bytes.len()) > BYTES {
                let message = format!("its documents have more than {BYTES} bytes");
                return Err(failed(message, None));
            }
            part.add(&document.digest, &bytes).map_err(ScanError::Spool)?;
        }
    }
}
