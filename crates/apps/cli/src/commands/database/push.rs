//! `bulkhead db push`.

use std::sync::Arc;

use bulkhead_registry::Reference;
use bulkhead_supply::exchange;

use super::keys;
use crate::arguments::Push;
use crate::commands::{databases, network};
use crate::failure::Failure;
use crate::output;
use crate::progress::Bar;
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Push, terminal: Terminal) -> Result<u8, Failure> {
    let reference: Reference = arguments.reference.parse()?;
    let file = databases::file_or_default(arguments.db.as_deref())?;
    if let Some(key) = &arguments.key {
        keys::with_key(&file, key, &arguments.edition, terminal)?;
    }
    let registries = network::registries(&arguments.network, &arguments.registries, &reference)?;
    let repository = Arc::new(registries.writable(&reference));
    let bar = Bar::bytes(terminal);
    let pushed =
        registries
            .client()
            .wait(exchange::push(&repository, &reference, &file, &|done, of| bar.reach(done, of)));
    bar.clear();
    let pushed = pushed?;
    output::standard(&format!(
        "{reference}: edition {}\nsent {} of {} parts, {} of {} bytes\n{}\nmanifest {}\n",
        pushed.sequence,
        pushed.new_blobs,
        pushed.blobs,
        pushed.new_bytes,
        pushed.length,
        pushed.digest,
        pushed.manifest,
    ))?;
    Ok(0)
}
