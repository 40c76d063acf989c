//! Events in recordings.

use std::net::SocketAddr;

use super::files::{bits, number_of, of_number, put_address, take_address, truths};
use super::input::{Fault, Input};
use super::output::Output;
use super::reader::Known;
use super::writer::Definitions;
use crate::{Argument, Event, Form, Kind, Mismatch, Origin, SocketAddress};

/// In the order of their numbers in recordings, which only grows at its end.
const ORIGINS: &[Origin] = &[Origin::Native, Origin::Compatible, Origin::IoUring];

/// A kind of event, and where its arguments have their places now.
pub(super) struct KnownKind {
    kind: Kind,
    /// For each argument of a recorded event, its place. None where nothing has its name any more.
    places: Box<[Option<usize>]>,
    /// How many arguments such events have now.
    count: usize,
}

/// The number and name of a kind, and the names of its arguments.
pub(super) fn put_kind(kind: Kind, out: &mut Output) {
    out.number(kind.number());
    out.counted(kind.name().as_bytes());
    for parameter in kind.parameters() {
        out.counted(parameter.name.as_bytes());
    }
}

pub(super) fn take_kind(input: &mut Input<'_>) -> Result<KnownKind, Fault> {
    let number = input.fitting()?;
    // Names are what people know; numbers of what is no system call may change.
    let name = std::str::from_utf8(input.counted()?).ok();
    let kind = name.and_then(Kind::by_name).unwrap_or(Kind::by_number(number));
    let mut places = Vec::new();
    while input.len() > 0 {
        let name = std::str::from_utf8(input.counted()?).ok();
        places.push(name.and_then(|name| kind.parameter(name)).map(|(place, _)| place));
        if places.len() > MOST_ARGUMENTS {
            return Err(Fault::Malformed("a kind of event with too many arguments"));
        }
    }
    Ok(KnownKind { kind, places: places.into(), count: kind.parameters().len() })
}

/// No call has more arguments, also with what is told of it beside them.
const MOST_ARGUMENTS: usize = 255;

pub(super) fn put(event: &Event, before: (u64, u64), known: &mut Definitions, out: &mut Output) {
    let Event { time, sequence, processor, kind, origin, result, .. } = event;
    let Event { thread, virtual_thread, process, arguments, file, mismatch, .. } = event;
    let single = (*thread, *virtual_thread) == (process.pid, process.vpid);
    out.number(known.kind(*kind));
    let truths = bits([result.is_some(), file.is_some(), mismatch.is_some(), single]);
    out.byte(truths | number_of(ORIGINS, origin) << 4);
    out.signed(time.wrapping_sub(before.0).cast_signed());
    out.signed(sequence.wrapping_sub(before.1).cast_signed());
    out.number(*processor);
    out.number(known.process(process));
    if !single {
        out.number(*thread);
        out.number(*virtual_thread);
    }
    if let Some(result) = result {
        out.signed(*result);
    }
    if let Some(file) = file {
        out.number(known.file(file));
    }
    if let Some(Mismatch { argument, seen, used }) = mismatch.as_deref() {
        for text in [argument, seen, used] {
            out.number(known.text(text));
        }
    }
    out.count(arguments.len());
    let forms = kind.parameters().iter().map(|parameter| Some(parameter.form));
    for (argument, form) in arguments.iter().zip(forms.chain(std::iter::repeat(None))) {
        put_argument(argument, form, known, out);
    }
}

pub(super) fn take(
    event: &mut Event,
    before: (u64, u64),
    known: &Known,
    input: &mut Input<'_>,
) -> Result<(), Fault> {
    let kind = known.kind(input)?;
    event.kind = kind.kind;
    let flags = input.byte()?;
    let [result, file, mismatch, single] = truths(flags);
    event.origin = of_number(ORIGINS, flags >> 4)?;
    event.time = before.0.wrapping_add_signed(input.signed()?);
    event.sequence = before.1.wrapping_add_signed(input.signed()?);
    event.processor = input.fitting()?;
    let process = known.process(input)?;
    event.process = process.ok_or(Fault::Malformed("an event without a process"))?;
    (event.thread, event.virtual_thread) = if single {
        (event.process.pid, event.process.vpid)
    } else {
        (input.fitting()?, input.fitting()?)
    };
    event.result = result.then(|| input.signed()).transpose()?;
    event.file = if file { known.file(input)? } else { None };
    event.mismatch = mismatch.then(|| take_mismatch(known, input)).transpose()?;
    event.arguments.clear();
    let count = input.count()?;
    if count > kind.places.len() {
        return Err(Fault::Malformed("an event with more arguments than its kind has"));
    }
    for place in kind.places.iter().take(count) {
        let argument = take_argument(known, input)?;
        match *place {
            Some(place) if place == event.arguments.len() => event.arguments.push(argument),
            Some(place) => {
                let least = place.saturating_add(1).max(event.arguments.len()).min(kind.count);
                event.arguments.resize(least, Argument::Absent);
                if let Some(cell) = event.arguments.get_mut(place) {
                    *cell = argument;
                }
            }
            None => {}
        }
    }
    Ok(())
}

fn take_mismatch(known: &Known, input: &mut Input<'_>) -> Result<Box<Mismatch>, Fault> {
    let mut next = || known.text(input);
    Ok(Box::new(Mismatch { argument: next()?, seen: next()?, used: next()? }))
}

const ABSENT: u8 = 0;
const NUMBER: u8 = 1;
const NAMED: u8 = 2;
const TEXT: u8 = 3;
const BYTES: u8 = 4;
const PATH: u8 = 5;
const SAME_PATH: u8 = 6;
const INTERNET: u8 = 7;
const UNIX: u8 = 8;
const OTHER: u8 = 9;

fn put_argument(
    argument: &Argument,
    form: Option<Form>,
    known: &mut Definitions,
    out: &mut Output,
) {
    match argument {
        Argument::Absent => out.byte(ABSENT),
        Argument::Number(number) => {
            out.byte(NUMBER);
            out.signed(*number);
        }
        Argument::Named(number, name) => {
            out.byte(NAMED);
            out.signed(*number);
            out.number(known.text(name));
        }
        // What is read and written seldom comes again.
        Argument::Text(text) if matches!(form, Some(Form::Bytes)) => {
            out.byte(BYTES);
            out.counted(text);
        }
        Argument::Text(text) => {
            out.byte(TEXT);
            out.number(known.text(text));
        }
        Argument::Path { given, resolved } if resolved.as_ref() == Some(given) => {
            out.byte(SAME_PATH);
            out.number(known.text(given));
        }
        Argument::Path { given, resolved } => {
            out.byte(PATH);
            out.number(known.text(given));
            out.number(known.optional(resolved.as_ref()));
        }
        Argument::Address(SocketAddress::Internet(address)) => {
            out.byte(INTERNET);
            put_address(address.ip(), out);
            out.number(address.port());
        }
        Argument::Address(SocketAddress::Unix(path)) => {
            out.byte(UNIX);
            out.number(known.text(path));
        }
        Argument::Address(SocketAddress::Other(family)) => {
            out.byte(OTHER);
            out.number(*family);
        }
    }
}

#[inline]
fn take_argument(known: &Known, input: &mut Input<'_>) -> Result<Argument, Fault> {
    Ok(match input.byte()? {
        ABSENT => Argument::Absent,
        NUMBER => Argument::Number(input.signed()?),
        NAMED => Argument::Named(input.signed()?, known.text(input)?),
        TEXT => Argument::Text(known.text(input)?),
        BYTES => Argument::Text(input.counted()?.into()),
        PATH => Argument::Path { given: known.text(input)?, resolved: known.optional(input)? },
        SAME_PATH => {
            let given = known.text(input)?;
            Argument::Path { resolved: Some(given.clone()), given }
        }
        INTERNET => {
            let address = SocketAddr::new(take_address(input)?, input.fitting()?);
            Argument::Address(SocketAddress::Internet(address))
        }
        UNIX => Argument::Address(SocketAddress::Unix(known.text(input)?)),
        OTHER => Argument::Address(SocketAddress::Other(input.fitting()?)),
        _ => return Err(Fault::Malformed("an argument of no known sort")),
    })
}
