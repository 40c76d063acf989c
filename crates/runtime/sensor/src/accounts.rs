//! What users and groups are called: `passwd(5)` and `group(5)`, the container's own or the host's.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsFd;

use bulkhead_events::{Account, Text};
use rustc_hash::FxHashMap;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

/// Bytes of such a file that are read. What follows has no names.
const BYTES: u64 = 1 << 20;

/// Accounts that are kept of one file system at most.
const ENTRIES: usize = 16 << 10;

/// The users and groups of one file system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    users: FxHashMap<u32, Account>,
    groups: FxHashMap<u32, Account>,
    /// What numbers of users, and of groups, are to whoever sees these files; none where they are the kernel's own.
    maps: Option<[NumberMap; 2]>,
}

impl Accounts {
    /// Whether there is none at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }

    /// Reads the bytes of `/etc/passwd` and `/etc/group`. Lines that are none are passed over, as the
    /// C library does; the first of several with the same number counts.
    pub fn read(passwd: &[u8], group: &[u8]) -> Self {
        let mut accounts = Self::default();
        for (id, fields) in lines(passwd) {
            let text = |index: usize| fields.get(index).copied().filter(|text| !text.is_empty());
            accounts.users.entry(id).or_insert_with(|| Account {
                id,
                name: text(0).map(Text::from),
                home: text(5).map(Text::from),
                shell: text(6).map(Text::from),
            });
        }
        for (id, fields) in lines(group) {
            let name = fields.first().copied().map(Text::from);
            accounts.groups.entry(id).or_insert(Account { id, name, ..Account::default() });
        }
        accounts
    }

    /// From now on the kernel's numbers are those that other accounts translate them to, should they.
    pub(crate) fn number_as(&mut self, others: Self) {
        // A user namespace that was just made has none yet.
        let theirs = others.maps.filter(|maps| maps.iter().all(|map| !map.0.is_empty()));
        self.maps = theirs.or(self.maps.take());
    }

    /// The user whom the kernel knows by a number, with that. One whom the user namespace does not know has no name there.
    pub(crate) fn user_of_kernel(&self, id: u32) -> Account {
        let inside = self.maps.as_ref().map_or(Some(id), |[users, _]| users.inside(id));
        let account = inside.map(|inside| self.user(inside)).unwrap_or_default();
        Account { id, ..account }
    }

    /// The group that the kernel knows by a number, with that.
    pub(crate) fn group_of_kernel(&self, id: u32) -> Account {
        let inside = self.maps.as_ref().map_or(Some(id), |[_, groups]| groups.inside(id));
        let account = inside.map(|inside| self.group(inside)).unwrap_or_default();
        Account { id, ..account }
    }

    /// The user with a number, as these files have it; only the number where it has no name.
    pub fn user(&self, id: u32) -> Account {
        self.users.get(&id).cloned().unwrap_or(Account { id, ..Account::default() })
    }

    /// The group with a number, as these files have it.
    pub fn group(&self, id: u32) -> Account {
        self.groups.get(&id).cloned().unwrap_or(Account { id, ..Account::default() })
    }
}

/// The lines of either file, by the number in their third field.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, Vec<&[u8]>)> {
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| {
        let fields: Vec<&[u8]> = line.splitn(7, |byte| *byte == b':').collect();
        let id = std::str::from_utf8(fields.get(2)?).ok()?.parse().ok()?;
        fields.first().is_some_and(|name| !name.is_empty()).then_some((id, fields))
    });
    lines.take(ENTRIES)
}

/// What numbers are in a user namespace: `user_namespaces(7)`, as `/proc/PID/uid_map` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct NumberMap(Vec<Extent>);

/// So many numbers in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    inside: u32,
    outside: u32,
    length: u32,
}

impl NumberMap {
    fn read(bytes: &[u8]) -> Self {
        let extents = bytes.split(|byte| *byte == b'\n').filter_map(|line| {
            let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
            let mut number = || words.next()?.parse().ok();
            Some(Extent { inside: number()?, outside: number()?, length: number()? })
        });
        Self(extents.take(ENTRIES).collect())
    }

    /// What a number of the kernel is inside; none where nobody has it there.
    fn inside(&self, outside: u32) -> Option<u32> {
        self.0.iter().find_map(|extent| {
            let place = outside.checked_sub(extent.outside)?;
            if place < extent.length { extent.inside.checked_add(place) } else { None }
        })
    }
}

/// The files, as far as they are there.
#[derive(Debug, Default)]
pub struct AccountFiles {
    /// `/etc/passwd`.
    pub passwd: Option<File>,
    /// `/etc/group`.
    pub group: Option<File>,
    /// `/proc/PID/uid_map`, where numbers are not the kernel's own.
    pub user_map: Option<File>,
    /// `/proc/PID/gid_map`.
    pub group_map: Option<File>,
}

impl AccountFiles {
    /// Opens the first two below a root that somebody else rules: whatever links lie there, nothing outside is
    /// reached, and nothing but regular files is opened.
    pub fn open(root: impl AsFd) -> Self {
        let open = |path: &str| {
            let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
            let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
            let file = File::from(openat2(&root, path, flags, Mode::empty(), inside).ok()?);
            file.metadata().ok()?.is_file().then_some(file)
        };
        Self { passwd: open("etc/passwd"), group: open("etc/group"), ..Self::default() }
    }

    /// The files in their order, with none in the place of each that is not there.
    pub(crate) fn into_array(self) -> [Option<File>; 4] {
        [self.passwd, self.group, self.user_map, self.group_map]
    }

    /// The other way about.
    pub(crate) fn from_array([passwd, group, user_map, group_map]: [Option<File>; 4]) -> Self {
        Self { passwd, group, user_map, group_map }
    }

    /// Reads what they hold. A file that is not there, or cannot be read, has no names.
    pub fn read(self) -> Accounts {
        let bytes = |file: File| {
            let mut bytes = Vec::new();
            // What was read before an error counts.
            let _ = file.take(BYTES).read_to_end(&mut bytes);
            bytes
        };
        let [passwd, group, user_map, group_map] = self.into_array().map(|file| file.map(bytes));
        let mut accounts = Accounts::read(&passwd.unwrap_or_default(), &group.unwrap_or_default());
        let maps = user_map.zip(group_map);
        accounts.maps =
            maps.map(|(users, groups)| [users, groups].map(|map| NumberMap::read(&map)));
        accounts
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_first_line_of_a_number_counts_and_what_is_no_line_is_passed_over() {
        let passwd = b"root:x:0:0:r:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n\nbroken\n:x:5:5:::\nx:x:y:0:::\nweb:x:1000:1000::/srv:\n\xff:x:7:7:::/z";
        let accounts = Accounts::read(passwd, b"root:x:0:\nstaff:x:50:a,b\n");
        let root = accounts.user(0);
        assert_eq!(root.name.unwrap(), "root");
        assert_eq!((root.home.unwrap(), root.shell.unwrap()), ("/root".into(), "/bin/sh".into()));
        let web = accounts.user(1000);
        assert_eq!((web.name.unwrap(), web.shell), ("web".into(), None));
        assert_eq!(accounts.user(7).name.unwrap().as_bytes(), b"\xff");
        assert_eq!(accounts.user(5), Account { id: 5, ..Account::default() });
        assert_eq!(accounts.group(50).name.unwrap(), "staff");
        assert_eq!(accounts.group(51).name, None);
    }

    #[test]
    fn who_has_a_number_is_told_by_the_map() {
        let mut accounts = Accounts::read(
            b"root:x:0:0::/:/bin/sh\nweb:x:33:33:::\nevil:x:100033:1:::\n",
            b"adm:x:4:\n",
        );
        let map = |bytes: &[u8]| NumberMap::read(bytes);
        accounts.maps = Some([
            map(b"         0     100000      65536\n     65536          7          1\n"),
            map(b"0 200000 10\nx\n"),
        ]);
        let name = |account: Account| account.name.map(|name| name.lossy().into_owned());
        for (id, expected) in [
            (100_000, Some("root")),
            (100_033, Some("web")),
            (165_536, None),
            (0, None),
            (33, None),
            (u32::MAX, None),
        ] {
            let user = accounts.user_of_kernel(id);
            assert_eq!((user.id, name(user).as_deref()), (id, expected));
        }
        assert_eq!(name(accounts.group_of_kernel(200_004)).as_deref(), Some("adm"));
        assert_eq!(name(accounts.group_of_kernel(4)), None);
        // What a program says is said inside.
        assert_eq!(name(accounts.user(33)).as_deref(), Some("web"));
        accounts.maps = Some([map(b"0 0 4294967295\n"), map(b"")]);
        assert_eq!(name(accounts.user_of_kernel(33)).as_deref(), Some("web"));
        assert_eq!(name(accounts.group_of_kernel(4)), None, "nothing is mapped yet");
    }

    #[test]
    fn links_do_not_lead_out_of_a_container() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs_err::create_dir_all(root.join("etc")).unwrap();
        fs_err::write(folder.path().join("outside"), "evil:x:0:0:::\n").unwrap();
        symlink("../../outside", root.join("etc/passwd")).unwrap();
        symlink("/real", root.join("etc/group")).unwrap();
        fs_err::write(root.join("real"), "inside:x:0:\n").unwrap();
        let accounts = AccountFiles::open(fs_err::File::open(&root).unwrap().into_file()).read();
        assert_eq!(accounts.user(0).name, None);
        assert_eq!(accounts.group(0).name.unwrap(), "inside");
    }

    #[test]
    fn a_pipe_is_no_file_of_accounts_and_nobody_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(folder.path().join("etc")).unwrap();
        let path = folder.path().join("etc/passwd");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, Mode::RUSR, 0)
            .unwrap();
        let opened = AccountFiles::open(fs_err::File::open(folder.path()).unwrap().into_file());
        assert!(opened.passwd.is_none());
        assert_eq!(opened.read(), Accounts::default());
    }
}
