//! Names of numbers and of bits.

mod tables;

pub(crate) use tables::*;

/// Names of the values of an argument.
///
/// A row has a mask, a value and the name of it: it holds for a number that has just this value under
/// the mask. So one table can name bits, choices, and choices within some of the bits.
#[derive(Debug, Clone, Copy)]
pub struct Words(&'static [(u64, u64, &'static str)]);

impl Words {
    /// All names that hold for a number, in the order of the table.
    pub fn names(self, number: u64) -> impl Iterator<Item = &'static str> {
        let holds = move |(mask, value, _): &&(u64, u64, &str)| number & mask == *value;
        self.0.iter().filter(holds).map(|(_, _, name)| *name)
    }

    /// The names that hold for a number, with something between them. What has no name is left out.
    pub fn joined(self, number: u64, between: &str) -> String {
        let mut text = String::new();
        for name in self.names(number) {
            if !text.is_empty() {
                text.push_str(between);
            }
            text.push_str(name);
        }
        text
    }

    /// All of the names.
    pub fn all(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(_, _, name)| *name)
    }

    /// The number that some names joined by `|` stand for. The first name that is not known is the error.
    pub fn number(self, names: &str) -> Result<u64, &str> {
        names.split('|').map(str::trim).filter(|name| !name.is_empty()).try_fold(0, |sum, name| {
            let row = self.0.iter().find(|(_, _, other)| *other == name);
            row.map(|(_, value, _)| sum | value).ok_or(name)
        })
    }
}

/// Names of single bits.
macro_rules! bits {
    ($($name:ident $value:expr),* $(,)?) => { Words(&[$(($value, $value, stringify!($name))),*]) };
}

/// Names of whole numbers.
macro_rules! choices {
    ($($name:ident $value:expr),* $(,)?) => { Words(&[$((u64::MAX, $value, stringify!($name))),*]) };
}

use {bits, choices};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_numbers_and_back() {
        let cases: &[(Words, u64, &str)] = &[
            (OPEN, 0, "O_RDONLY"),
            (OPEN, 0o1101, "O_TRUNC|O_CREAT|O_WRONLY"),
            (OPEN, 0o2, "O_RDWR"),
            (OPEN, 0o4_010_000, "O_SYNC|O_DSYNC|O_RDONLY"),
            (TRACE, 16, "PTRACE_ATTACH"),
            (TRACE, 0, "PTRACE_TRACEME"),
            (TRACE, 0x4206, "PTRACE_SEIZE"),
            (FAMILY, 17, "AF_PACKET"),
            (BPF, 5, "BPF_PROG_LOAD"),
            (ERROR, 2, "ENOENT"),
            (ERROR, 115, "EINPROGRESS"),
            (SIGNAL, 9, "SIGKILL"),
            (MODE, 0o4755, "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID"),
            (MODE, 0o060_600, "S_IWUSR|S_IRUSR|S_IFBLK"),
            (PROTECTION, 0, "PROT_NONE"),
            (PROTECTION, 6, "PROT_WRITE|PROT_EXEC"),
            (ACCESS, 0, "F_OK"),
            (ACCESS, 5, "R_OK|X_OK"),
            (DESCRIPTOR, 1030, "F_DUPFD_CLOEXEC"),
            (CLONE, 0x1000_0000, "CLONE_NEWUSER"),
            (CAPABILITY, 1 << 21, "CAP_SYS_ADMIN"),
            (CAPABILITY, 1 << 40, "CAP_CHECKPOINT_RESTORE"),
            (CAPABILITY, 0, ""),
        ];
        for (words, number, names) in cases {
            assert_eq!(words.joined(*number, "|"), *names);
            assert_eq!(words.number(names), Ok(*number));
        }
        assert_eq!(OPEN.number("O_CREAT|O_NONSENSE"), Err("O_NONSENSE"));
    }
}
