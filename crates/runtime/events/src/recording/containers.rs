//! Containers in recordings.

use std::net::Ipv4Addr;

use super::input::{Fault, Input};
use super::output::Output;
use super::reader::Known;
use super::writer::Definitions;
use crate::{Container, Image, Mount, Pod, Shared, Text};

pub(super) fn put(container: &Container, known: &mut Definitions, out: &mut Output) {
    let Container {
        id,
        name,
        runtime,
        image,
        labels,
        privileged,
        mounts,
        started,
        pod,
        shared,
        healthcheck,
        liveness,
        readiness,
        address,
    } = container;
    let Image { repository, tag, digest, id: image_id } = image;
    out.number(known.text(id));
    for text in [name, runtime, repository, tag, digest, image_id] {
        out.number(known.optional(text.as_ref()));
    }
    put_pairs(labels, known, out);
    out.byte(match privileged {
        None => 0,
        Some(false) => 1,
        Some(true) => 2,
    });
    out.count(mounts.as_ref().map_or(0, |mounts| mounts.len().saturating_add(1)));
    for mount in mounts.iter().flatten() {
        let Mount { source, destination, mode, writable, propagation } = mount;
        for text in [source, destination, mode, propagation] {
            out.number(known.text(text));
        }
        out.byte(u8::from(*writable));
    }
    out.byte(u8::from(started.is_some()));
    out.number(started.unwrap_or_default());
    out.byte(u8::from(pod.is_some()));
    if let Some(Pod { name, namespace, uid, labels, sandbox: _ }) = pod {
        for text in [name, namespace, uid] {
            out.number(known.text(text));
        }
        put_pairs(labels, known, out);
    }
    out.byte(shared.map_or(0, |Shared { network, processes, communication }| {
        1 | u8::from(network) << 1 | u8::from(processes) << 2 | u8::from(communication) << 3
    }));
    put_words(healthcheck.as_ref(), known, out);
    let sandbox = pod.as_ref().and_then(|pod| pod.sandbox.as_ref());
    out.number(known.optional(sandbox));
    put_words(liveness.as_ref(), known, out);
    put_words(readiness.as_ref(), known, out);
    // One more than the address, so that zero is none.
    out.number(address.map_or(0, |address| u64::from(address.to_bits()).saturating_add(1)));
}

pub(super) fn take(known: &Known, input: &mut Input<'_>) -> Result<Container, Fault> {
    let id = known.text(input)?;
    let mut next = || known.optional(input);
    let (name, runtime) = (next()?, next()?);
    let image = Image { repository: next()?, tag: next()?, digest: next()?, id: next()? };
    let labels = take_pairs(known, input)?;
    let privileged = match input.byte()? {
        0 => None,
        byte => Some(byte == 2),
    };
    let mounts = input.optional_count()?;
    let mounts = mounts.map(|count| (0..count).map(|_| take_mount(known, input)).collect());
    let has_started = input.byte()? != 0;
    let started = input.number()?;
    let has_pod = input.byte()? != 0;
    let mut pod = has_pod.then(|| take_pod(known, input)).transpose()?;
    let (mut shared, mut healthcheck) = (None, None);
    let (mut liveness, mut readiness, mut address) = (None, None, None);
    // Before version 3 a definition ended here.
    if input.len() > 0 {
        let bits = input.byte()?;
        shared = (bits & 1 != 0).then_some(Shared {
            network: bits & 2 != 0,
            processes: bits & 4 != 0,
            communication: bits & 8 != 0,
        });
        healthcheck = take_words(known, input)?;
        let sandbox = known.optional(input)?;
        if let Some(pod) = &mut pod {
            pod.sandbox = sandbox;
        }
    }
    // And before version 4 here.
    if input.len() > 0 {
        liveness = take_words(known, input)?;
        readiness = take_words(known, input)?;
        let number = input.number()?.checked_sub(1);
        address = number.and_then(|bits| u32::try_from(bits).ok()).map(Ipv4Addr::from_bits);
    }
    Ok(Container {
        id,
        name,
        runtime,
        image,
        labels,
        privileged,
        mounts: mounts.transpose()?,
        started: has_started.then_some(started),
        pod,
        shared,
        healthcheck,
        liveness,
        readiness,
        address,
    })
}

fn take_mount(known: &Known, input: &mut Input<'_>) -> Result<Mount, Fault> {
    let mut next = || known.text(input);
    let (source, destination, mode, propagation) = (next()?, next()?, next()?, next()?);
    Ok(Mount { source, destination, mode, propagation, writable: input.byte()? != 0 })
}

fn take_pod(known: &Known, input: &mut Input<'_>) -> Result<Pod, Fault> {
    let mut next = || known.text(input);
    let (name, namespace, uid) = (next()?, next()?, next()?);
    Ok(Pod { name, namespace, uid, labels: take_pairs(known, input)?, sandbox: None })
}

fn put_words(words: Option<&Vec<Text>>, known: &mut Definitions, out: &mut Output) {
    out.count(words.map_or(0, |words| words.len().saturating_add(1)));
    for word in words.into_iter().flatten() {
        out.number(known.text(word));
    }
}

fn take_words(known: &Known, input: &mut Input<'_>) -> Result<Option<Vec<Text>>, Fault> {
    let words = input.optional_count()?;
    words.map(|count| (0..count).map(|_| known.text(input)).collect()).transpose()
}

fn put_pairs(pairs: &[(Text, Text)], known: &mut Definitions, out: &mut Output) {
    out.count(pairs.len());
    for (name, value) in pairs {
        out.number(known.text(name));
        out.number(known.text(value));
    }
}

fn take_pairs(known: &Known, input: &mut Input<'_>) -> Result<Vec<(Text, Text)>, Fault> {
    let count = input.count()?;
    (0..count).map(|_| Ok((known.text(input)?, known.text(input)?))).collect()
}
