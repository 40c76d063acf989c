//! Arguments of calls, as somebody writes them down.

use std::net::SocketAddr;

use crate::{Argument, Form, SocketAddress, Text, kind::words};

use super::{Setting, SettingError};

/// What a call returned: a number, or the name of an error.
pub(crate) fn result(setting: &Setting) -> Result<i64, SettingError> {
    if let Ok(number) = setting.read() {
        return Ok(number);
    }
    setting.word("a number, SUCCESS or the name of an error such as ENOENT", |word| {
        if word == "SUCCESS" {
            return Some(0);
        }
        let error = words::ERROR.number(word).ok().filter(|error| *error > 0)?;
        i64::try_from(error).ok()?.checked_neg()
    })
}

/// The value of an argument, by what it means.
pub(super) fn read(form: Form, setting: &Setting) -> Result<Argument, SettingError> {
    Ok(match form {
        Form::Flags(words)
        | Form::OpenFlags(words)
        | Form::Choice(words)
        | Form::LongChoice(words) => named(words, setting)?,
        Form::Mode | Form::Octal => mode(setting)?,
        Form::User | Form::Group | Form::Process | Form::File => stands_for(setting),
        Form::Text => Argument::Text(setting.text()),
        Form::Bytes => Argument::Text(bytes(setting)?),
        Form::Path => Argument::Path { given: setting.text(), resolved: Some(setting.text()) },
        Form::Address => Argument::Address(address(setting)),
        Form::Number
        | Form::Unsigned
        | Form::Hexadecimal
        | Form::ShortHexadecimal
        | Form::Result
        | Form::ResultFile
        | Form::Field(_) => Argument::Number(setting.read()?),
    })
}

/// Names joined by `|`, a list of names, or a number.
fn named(words: &'static words::Words, setting: &Setting) -> Result<Argument, SettingError> {
    if let Ok(number) = setting.read() {
        return Ok(Argument::Number(number));
    }
    let names = match setting {
        Setting::Word(word) => word.clone(),
        Setting::Words(words) => words.join("|"),
    };
    let number = words.number(&names).map_err(|unknown| SettingError::Wrong {
        written: unknown.to_owned(),
        expected: format!("one of {}", words.all().collect::<Vec<_>>().join(", ")),
    })?;
    Ok(Argument::Number(number.cast_signed()))
}

/// Names of rights, or digits by base 8 behind a zero. A number without one could have been written by
/// any base, because YAML reads `0o511` as 329.
fn mode(setting: &Setting) -> Result<Argument, SettingError> {
    if let Ok(mode) = setting.word("", |word| i64::from_str_radix(word.strip_prefix('0')?, 8).ok())
    {
        return Ok(Argument::Number(mode));
    }
    if setting.read::<i64>().is_ok() {
        return Err(
            setting.wrong("names such as S_ISUID|S_IXUSR, or quoted digits such as \"0755\"")
        );
    }
    named(&words::MODE, setting)
}

/// A number, a name, or both: `33(www-data)`. A name alone has a number that says nothing.
fn stands_for(setting: &Setting) -> Argument {
    if let Ok(number) = setting.read() {
        return Argument::Number(number);
    }
    let both = setting.word("", |word| {
        let (number, name) = word.strip_suffix(')')?.split_once('(')?;
        Some(Argument::Named(number.parse().ok()?, name.into()))
    });
    both.unwrap_or_else(|_| Argument::Named(NAMED, setting.text()))
}

/// The number of what has only a name.
const NAMED: i64 = 1000;

/// A text, or bytes by base 16 behind `hex:`.
fn bytes(setting: &Setting) -> Result<Text, SettingError> {
    let text = setting.text();
    let Some(digits) = text.strip_prefix(b"hex:") else { return Ok(text) };
    let wrong = || setting.wrong("an even number of digits by base 16 behind `hex:`");
    if digits.len() % 2 != 0 {
        return Err(wrong());
    }
    let bytes = digits.chunks(2).map(|pair| {
        std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())
    });
    bytes.collect::<Option<Vec<u8>>>().map(Text::from).ok_or_else(wrong)
}

/// An address with a port, or the path of a socket.
fn address(setting: &Setting) -> SocketAddress {
    let internet = setting.word("", |word| word.parse::<SocketAddr>().ok());
    internet.map_or_else(|_| SocketAddress::Unix(setting.text()), SocketAddress::Internet)
}
