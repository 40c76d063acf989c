//! `-o FORMAT[=FILE]`: where which form of the result goes.

#[cfg(test)]
pub(crate) mod schema;

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bulkhead_model::Report;
use bulkhead_report::map::Map;
use bulkhead_report::{Format, Listed, ReportError, Style, UnknownFormat, render_all};
use serde::Serialize;

use crate::failure::Failure;
use crate::terminal::Terminal;

/// What stands in a file's name for the platform of the image.
const PLATFORM: &str = "{platform}";

/// One form of the result, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    format: Format,
    /// Standard output where none is named.
    file: Option<PathBuf>,
}

impl Output {
    /// To standard output.
    pub(crate) const fn standard(format: Format) -> Self {
        Self { format, file: None }
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Lets a result be written as it comes. A reader that has seen enough is no failure.
    pub(crate) fn stream(
        &self,
        terminal: Terminal,
        write: impl FnOnce(Style, &mut dyn io::Write) -> Result<(), ReportError>,
    ) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            let mut out = BufWriter::new(io::stdout().lock());
            let written = write(terminal.style(), &mut out).and_then(|()| Ok(out.flush()?));
            return match written {
                Err(ReportError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => Ok(written?),
            };
        };
        let mut out = BufWriter::new(fs_err::File::create(file)?);
        write(Style::PLAIN, &mut out)?;
        Ok(out.flush()?)
    }
}

impl FromStr for Output {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((format, "-")) => (format, None),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { format: format.parse()?, file })
    }
}

/// Refuses outputs that cannot all be had, before anything is scanned.
pub(crate) fn check(outputs: &[Output]) -> Result<(), Failure> {
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(Failure::new(
            "several outputs go to standard output",
            "give all but one a file: -o table -o json=report.json",
        ));
    }
    if outputs.iter().any(|output| output.file.as_deref() == Some(Path::new(""))) {
        return Err(Failure::new("an output has an empty file name", "write it as -o json=FILE"));
    }
    Ok(())
}

/// Writes the reports, one for each platform, in every form that is asked for.
pub(crate) fn write(
    reports: &[Report],
    outputs: &[Output],
    listed: Listed,
    maps: &[Map],
    terminal: Terminal,
) -> Result<(), Failure> {
    for output in outputs {
        match &output.file {
            None => standard(&render_all(reports, output.format, listed, terminal.style(), maps)?)?,
            Some(file) => {
                for (file, text) in files(reports, output.format, listed, maps, file)? {
                    fs_err::write(file, text)?;
                }
            }
        }
    }
    Ok(())
}

/// Writes a result for programs to standard output.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    as_it_comes(|out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// A result for programs.
pub(crate) fn json_text(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
    Ok(format!("{text}\n"))
}

/// Writes a result to standard output.
pub(crate) fn standard(text: &str) -> Result<(), Failure> {
    as_it_comes(|out| out.write_all(text.as_bytes()))
}

/// Lets a result be written to standard output as it comes. A reader that has seen enough is no failure.
pub(crate) fn as_it_comes(
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The files of one output: one for all reports, or one each where the name tells them apart.
fn files(
    reports: &[Report],
    format: Format,
    listed: Listed,
    maps: &[Map],
    file: &Path,
) -> Result<Vec<(PathBuf, String)>, Failure> {
    let Some(name) = file.to_str().filter(|name| name.contains(PLATFORM)) else {
        return Ok(vec![(
            file.to_owned(),
            render_all(reports, format, listed, Style::PLAIN, maps)?,
        )]);
    };
    reports
        .iter()
        .map(|report| {
            let platform = report.target.image.as_ref().map(|image| image.platform.as_str());
            let platform = platform.filter(|it| !it.is_empty()).unwrap_or("unknown");
            let file = name.replace(PLATFORM, &file_name(platform));
            let report = std::slice::from_ref(report);
            Ok((PathBuf::from(file), render_all(report, format, listed, Style::PLAIN, maps)?))
        })
        .collect()
}

/// A platform as a part of a file's name: an image may call itself `../../x`.
fn file_name(platform: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    platform.chars().map(|c| if safe(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_with_and_without_a_file() {
        for (text, format, file) in [
            ("table", Format::Table, None),
            ("JSON", Format::Json, None),
            ("json=-", Format::Json, None),
            ("cyclonedx=a=b.json", Format::CycloneDx, Some("a=b.json")),
        ] {
            let output: Output = text.parse().unwrap();
            assert_eq!((output.format, output.file), (format, file.map(PathBuf::from)), "{text}");
        }
        assert!("pdf".parse::<Output>().is_err());
    }

    #[test]
    fn platforms_never_lead_to_another_folder() {
        assert_eq!(file_name("linux/arm64/v8"), "linux-arm64-v8");
        assert_eq!(file_name("../../etc/x"), "------etc-x");
    }
}
