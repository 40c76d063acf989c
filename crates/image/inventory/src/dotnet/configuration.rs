//! `packages.config` (its reference in the NuGet documentation): the list of packages of older
//! projects, every one with its version.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::locked::{Lock, Locked};
use crate::reading::{Fault, Parsed, text};

/// A file; what stands before a fault counts.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    let content = text(bytes);
    let mut reader = quick_xml::Reader::from_str(&content);
    let mut lock = Lock::default();
    let mut is_list = false;
    let fault = loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                match element.local_name().as_ref() {
                    "packages" => is_list = true,
                    "package" if is_list => lock.packages.extend(package(&element)),
                    _ => {}
                }
            }
            Ok(Event::Eof) if is_list => break None,
            Ok(Event::Eof) => break Some(Fault::malformed("no list of packages in it")),
            Ok(_) => {}
            Err(error) => {
                let place = reader.buffer_position();
                break Some(Fault::malformed(format!("byte {place}: {error}")));
            }
        }
    };
    Parsed { value: is_list.then_some(lock), faults: fault.into_iter().collect() }
}

fn package(element: &BytesStart<'_>) -> Option<Locked> {
    let attribute = |key: &str| {
        let found = element.try_get_attribute(key).ok().flatten()?;
        let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some(value.into_owned()).filter(|value| !value.is_empty())
    };
    let mut package = Locked {
        name: attribute("id")?,
        version: attribute("version")?,
        development: attribute("developmentDependency").is_some_and(|value| value == "true"),
        ..Locked::default()
    };
    package.property("nuget:framework", attribute("targetFramework").unwrap_or_default());
    Some(package)
}
