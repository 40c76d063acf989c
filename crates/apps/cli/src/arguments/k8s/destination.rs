//! `-o FORMAT[=FILE]` of commands with forms of their own.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use crate::failure::Failure;
use crate::output;

/// A form, and where it goes.
#[derive(Debug, Clone)]
pub(crate) struct Destination<F> {
    pub(crate) form: F,
    /// Standard output where none is named.
    file: Option<PathBuf>,
}

impl<F: ValueEnum> FromStr for Destination<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (form, file) = match text.split_once('=') {
            Some((_, "")) => return Err("write the file after the =".into()),
            Some((form, file)) => (form, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { form: F::from_str(form, true)?, file })
    }
}

impl<F> Destination<F> {
    /// Refuses outputs that cannot all be had, before anything is done.
    pub(crate) fn check(all: &[Self]) -> Result<(), Failure> {
        if all.iter().filter(|output| output.file.is_none()).count() > 1 {
            return Err(Failure::new(
                "several outputs go to standard output",
                "give all but one a file: -o table -o svg=map.svg",
            ));
        }
        Ok(())
    }

    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        match &self.file {
            None => output::standard(text)?,
            Some(file) => fs_err::write(file, text)?,
        }
        Ok(())
    }
}
