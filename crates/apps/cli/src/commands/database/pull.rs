//! `bulkhead db pull`.

use std::sync::Arc;

use bulkhead_registry::Reference;
use bulkhead_supply::exchange::{self, Change, Pulled, Wanted};

use super::keys;
use crate::arguments::Pull;
use crate::commands::{databases, network, survey};
use crate::failure::Failure;
use crate::output;
use crate::progress::Bar;
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Pull, terminal: Terminal) -> Result<u8, Failure> {
    let reference: Reference = arguments.reference.parse()?;
    let file = databases::file_or_default(arguments.db.as_deref())?;
    let trust = keys::trusted(&arguments.trust)?;
    let registries = network::registries(&arguments.network, &arguments.registries, &reference)?;
    let repository = Arc::new(registries.repository(&reference));
    let wanted = Wanted { reference: &reference, file: &file, trust: &trust, now: survey::clock() };
    let bar = Bar::bytes(terminal);
    let pulled = registries
        .client()
        .wait(exchange::pull(&repository, &wanted, &|done, of| bar.reach(done, of)));
    bar.clear();
    let pulled = pulled?;
    output::standard(&format!(
        "{}: {}\nsigned by {}, to be used until {}\n\
         fetched {} of {} pages, {} bytes for a database of {}\n{}\n",
        file.display(),
        described(&pulled),
        pulled.key,
        keys::moment(pulled.expires_at),
        pulled.fetched_pages,
        pulled.pages,
        pulled.fetched_bytes,
        pulled.length,
        pulled.digest,
    ))?;
    Ok(0)
}

fn described(pulled: &Pulled) -> String {
    let sequence = pulled.sequence;
    match pulled.change {
        Change::Replaced => format!("now edition {sequence}"),
        Change::None => format!("edition {sequence}, as before"),
        Change::Overtaken => {
            format!("not edition {sequence}: another process brought a newer one meanwhile")
        }
    }
}
