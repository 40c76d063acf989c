//! What commands of the workspace do with our own code: benchmarks, and documents' figures.
//!
//! `cargo xtask bench database` runs it: `empty` does nothing, `open` opens a database and ends, and
//! both are timed from outside; `match` prints how many seconds it took to match; `tokenise` reads
//! feeds as a builder must at least; `rules` holds events against the rule files of a folder; `memory`
//! has events that are all new pass through the sensor's engine; `kubernetes` reads,
//! judges and joins objects (`cargo xtask bench kubernetes`). `agreement` holds controls against the rules of other
//! tools (`cargo xtask accuracy`), and `feeds` writes tables of a document (`cargo xtask feeds`).

#![expect(clippy::print_stdout, reason = "its output is read by xtask")]

mod agreement;
mod feeds;
mod kubernetes;
mod matching;
mod memory;
mod node;
mod rules;
mod tokens;

use std::path::Path;

/// The allocator of the shipped binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

use anyhow::bail;
use bulkhead_advisories::Database;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["agreement"] => print!("{}", agreement::report()?),
        ["empty"] => {}
        ["feeds", folder] => feeds::run(Path::new(folder))?,
        ["open", database] => drop(Database::open(Path::new(database))?),
        ["match", database, document] => {
            println!("{}", matching::seconds(Path::new(database), Path::new(document))?);
        }
        ["tokenise", feeds] => println!("{}", tokens::count(Path::new(feeds))?),
        ["memory", events] => println!("{}", memory::flat(events.parse()?)?),
        ["rules", folder] => println!("{}", rules::speeds(Path::new(folder))?),
        ["kubernetes", arguments @ ..] => kubernetes::run(arguments)?,
        _ => bail!(
            "usage: agreement | empty | feeds FOLDER | open DATABASE | match DATABASE DOCUMENT | tokenise FEEDS | \
             rules FOLDER | memory EVENTS | kubernetes …"
        ),
    }
    Ok(())
}
