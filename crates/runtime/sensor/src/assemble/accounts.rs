//! Accounts by mount namespace: what shares one shares its files.

use bulkhead_events::Account;
use rustc_hash::FxHashMap;

use crate::accounts::Accounts;
use crate::{Surroundings, View};

/// Namespaces whose accounts are kept at most.
const NAMESPACES: usize = 256;

/// How long accounts are taken for true when another program starts. Users are made seldom.
const FRESH: u64 = 30_000_000_000;

/// How long a look that found nothing is not repeated.
const PAUSE: u64 = 1_000_000_000;

#[derive(Debug, Default)]
struct Known {
    accounts: Accounts,
    /// When they were read, in nanoseconds since boot.
    read: u64,
    is_found: bool,
}

/// The accounts that were read.
#[derive(Debug, Default)]
pub(super) struct AccountsCache {
    known: FxHashMap<u32, Known>,
    nobody: Accounts,
}

impl AccountsCache {
    /// The accounts of a namespace, as they were read last.
    pub(super) fn of(&self, namespace: u32) -> &Accounts {
        self.known.get(&namespace).map_or(&self.nobody, |known| &known.accounts)
    }

    /// Reads them where they were not read, or may have changed. `starts`: a program was executed, which
    /// may be the first one after its root was put in place.
    pub(super) fn refresh(
        &mut self,
        of: &dyn Fn() -> View,
        namespace: u32,
        now: u64,
        starts: bool,
        surroundings: &mut dyn Surroundings,
    ) {
        let known = self.known.get(&namespace);
        let is_due = known.is_none_or(|known| {
            let age = now.saturating_sub(known.read);
            if known.is_found { starts && age >= FRESH } else { starts || age >= PAUSE }
        });
        if !is_due {
            return;
        }
        if self.known.len() >= NAMESPACES {
            let oldest = self.known.iter().min_by_key(|(_, known)| known.read);
            if let Some(oldest) = oldest.map(|(namespace, _)| *namespace) {
                self.known.remove(&oldest);
            }
        }
        let found = surroundings.accounts(&of());
        let known = self.known.entry(namespace).or_default();
        known.read = now;
        known.is_found |= found.is_some();
        // Who went to a folder without accounts, as services do that shut themselves in, says nothing about the others
        // of its namespace.
        if let Some(mut accounts) = found.filter(|accounts| !accounts.is_empty()) {
            // The files are those of the user namespace that they were seen from first, not of one within it to which
            // somebody went later.
            accounts.number_as(std::mem::take(&mut known.accounts));
            known.accounts = accounts;
        }
    }

    /// What was read of a namespace may have been of another root.
    pub(super) fn forget(&mut self, namespace: u32) {
        self.known.remove(&namespace);
    }

    /// The files of a namespace may be others from now on.
    pub(super) fn doubt(&mut self, namespace: u32) {
        if let Some(known) = self.known.get_mut(&namespace) {
            (known.read, known.is_found) = (0, false);
        }
    }

    /// The user whom the kernel knows by a number.
    pub(super) fn user(&self, namespace: u32, id: u32) -> Account {
        self.of(namespace).user_of_kernel(id)
    }

    /// The group that the kernel knows by a number.
    pub(super) fn group(&self, namespace: u32, id: u32) -> Account {
        self.of(namespace).group_of_kernel(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Found;

    /// Answers what it is told to.
    struct Files(&'static [u8]);

    impl Surroundings for Files {
        fn container(&mut self, _: &str) -> Option<Found> {
            None
        }

        fn accounts(&mut self, _: &View) -> Option<Accounts> {
            Some(Accounts::read(self.0, b""))
        }
    }

    #[test]
    fn who_went_to_a_folder_without_accounts_takes_nobody_his_name() {
        let mut cache = AccountsCache::default();
        let view = || View { process: 1, mount_namespace: 7, root: None, has_own_numbers: false };
        let all: [(&[u8], &str); 3] =
            [(b"web:x:33:33:::\n", "web"), (b"", "web"), (b"www:x:33:33:::\n", "www")];
        for (round, (passwd, expected)) in (1..).zip(all) {
            cache.refresh(&view, 7, round * FRESH, true, &mut Files(passwd));
            assert_eq!(cache.user(7, 33).name, Some(expected.into()), "{round}");
        }
    }
}
