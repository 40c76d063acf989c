//! Which names lead to an address, for the names that rules say.
//!
//! The sinks ask, since they have the network; the engine, which reads what containers do, is only told. What
//! containers were answered themselves is not believed: it is what an attacker in one can choose.

mod ask;
mod servers;

use std::net::IpAddr;
use std::sync::Arc;

use bulkhead_events::{FileDescriptor, Text};
use rustc_hash::FxHashMap;

pub(crate) use ask::serve;
pub(crate) use servers::NameServers;

/// Names, and the addresses that each leads to.
pub(crate) type Resolved = Vec<(String, Vec<IpAddr>)>;

/// Names by address.
#[derive(Debug, Default)]
pub(crate) struct Names(FxHashMap<IpAddr, Arc<[Text]>>);

impl Names {
    pub(crate) fn new(resolved: &Resolved) -> Self {
        let mut names: FxHashMap<IpAddr, Vec<Text>> = FxHashMap::default();
        for (name, addresses) in resolved {
            for address in addresses {
                names.entry(address.to_canonical()).or_default().push(name.as_str().into());
            }
        }
        Self(names.into_iter().map(|(address, names)| (address, names.into())).collect())
    }

    /// Calls the ends of a connection by their names.
    pub(crate) fn call(&self, file: &mut FileDescriptor) {
        let Some(connection) = &mut file.connection else { return };
        for end in [&mut connection.local, &mut connection.remote].into_iter().flatten() {
            end.names = self.0.get(&end.address).cloned();
        }
    }
}
