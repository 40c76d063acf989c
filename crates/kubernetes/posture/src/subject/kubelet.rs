//! A kubelet: its flags, and its configuration file.

use bulkhead_objects::KubeletConfiguration;

use crate::flags::{Flag, Flags};
use crate::place::Place;

/// What is known of a kubelet. Flags win over the file.
#[derive(Debug, Clone, Default)]
pub struct Kubelet<'a> {
    /// Its command line; none where only the file was given.
    pub flags: Option<Flags<'a>>,
    /// Its configuration; none where the file was not given.
    pub file: Option<&'a KubeletConfiguration>,
}

/// Where the value of a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Setting<'a, T> {
    /// A flag or the file says so.
    Given(T, Place<'a>),
    /// Nobody says anything: the kubelet's own default holds.
    Absent(Place<'a>),
    /// The file that may say it was not given.
    Unknown(Place<'a>),
}

impl<'a> Kubelet<'a> {
    /// A setting by its flag, else by its field in the file.
    pub(crate) fn setting<T>(
        &self,
        flag: &str,
        read: impl Fn(&Flag<'a>) -> Option<T>,
        field: &'static str,
        file: impl Fn(&'a KubeletConfiguration) -> Option<T>,
    ) -> Setting<'a, T> {
        let place = Place::of(field);
        if let Some(flag) = self.flags.as_ref().and_then(|flags| flags.get(flag)) {
            let place = Place::of("command[]").at(flag.word.position);
            return read(&flag)
                .map_or(Setting::Absent(place), |value| Setting::Given(value, place));
        }
        match self.file {
            Some(configuration) => file(configuration)
                .map_or(Setting::Absent(place), |value| Setting::Given(value, place)),
            // A command line that names a file, and no file.
            None if self.flags.as_ref().is_none_or(|flags| flags.get("config").is_some()) => {
                Setting::Unknown(place)
            }
            None => Setting::Absent(place),
        }
    }

    /// A truth value.
    pub(crate) fn truth(
        &self,
        flag: &str,
        field: &'static str,
        file: impl Fn(&'a KubeletConfiguration) -> Option<bool>,
    ) -> Setting<'a, bool> {
        self.setting(flag, Flag::truth, field, file)
    }

    /// A number.
    pub(crate) fn number(
        &self,
        flag: &str,
        field: &'static str,
        file: impl Fn(&'a KubeletConfiguration) -> Option<i64>,
    ) -> Setting<'a, i64> {
        self.setting(flag, Flag::number, field, file)
    }

    /// A text; empty ones are absent.
    pub(crate) fn text(
        &self,
        flag: &str,
        field: &'static str,
        file: impl Fn(&'a KubeletConfiguration) -> Option<&'a str>,
    ) -> Setting<'a, &'a str> {
        self.setting(
            flag,
            |flag| Some(flag.value).filter(|value| !value.is_empty()),
            field,
            |configuration| file(configuration).filter(|value| !value.is_empty()),
        )
    }
}
