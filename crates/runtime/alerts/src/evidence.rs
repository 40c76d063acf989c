//! What an alert was seen in: taken from the event, with bounds on everything that a program chooses.

use bulkhead_events::{Account, Container, Event, Process, Text};
use bulkhead_model::{Ancestor, ContainerEvidence, Evidence, PodEvidence, ProcessEvidence};

/// Bytes of one word or path that are kept.
const WORD_BYTES: usize = 1024;

/// Bytes of all arguments of one process that are kept.
const ARGUMENT_BYTES: usize = 8 << 10;

/// Ancestors that are kept.
const ANCESTORS: usize = 16;

/// The evidence of an event, in the order of who, where and what.
pub(crate) fn evidence(event: &Event) -> Vec<Evidence> {
    let mut evidence = vec![Evidence::Process(process(&event.process))];
    let ancestors: Vec<Ancestor> =
        event.process.ancestors().take(ANCESTORS).map(|one| ancestor(one)).collect();
    if !ancestors.is_empty() {
        evidence.push(Evidence::Lineage { ancestors });
    }
    evidence.extend(event.process.container.as_deref().map(container).map(Evidence::Container));
    if let Some(file) = &event.file {
        evidence.push(match &file.connection {
            Some(connection) => Evidence::Connection {
                client: connection.client().map(ToString::to_string),
                server: connection.server().map(ToString::to_string),
                protocol: match connection.protocol {
                    bulkhead_events::Protocol::Unknown => String::new(),
                    known => known.name().to_owned(),
                },
            },
            None => Evidence::File {
                path: word(&file.name),
                given: file.name_raw.as_ref().filter(|raw| **raw != file.name).map(|raw| word(raw)),
            },
        });
    }
    evidence.extend(event.mismatch.as_deref().map(|mismatch| Evidence::Swapped {
        argument: word(&mismatch.argument),
        seen: word(&mismatch.seen),
        used: word(&mismatch.used),
    }));
    evidence
}

fn process(process: &Process) -> ProcessEvidence {
    let name = |account: &Account| account.name.as_ref().map(|name| word(name));
    let executable = &process.executable;
    ProcessEvidence {
        pid: process.pid,
        name: word(&process.name),
        executable: word(&executable.path),
        arguments: arguments(&process.arguments),
        directory: word(&process.directory),
        user_id: process.user.id,
        user: name(&process.user),
        login: process.login.as_ref().map(|login| name(login).unwrap_or(login.id.to_string())),
        changed_since_image: executable.upper_layer,
        without_name: executable.deleted || executable.from_memory,
    }
}

fn ancestor(process: &Process) -> Ancestor {
    Ancestor {
        pid: process.pid,
        name: word(&process.name),
        executable: word(&process.executable.path),
        arguments: arguments(&process.arguments),
    }
}

fn container(container: &Container) -> ContainerEvidence {
    let text = |text: &Option<Text>| text.as_ref().map(|text| word(text));
    ContainerEvidence {
        id: word(&container.id),
        name: text(&container.name),
        runtime: text(&container.runtime),
        image: text(&container.image.repository),
        tag: text(&container.image.tag),
        digest: container.image.digest.as_ref().and_then(|digest| digest.lossy().parse().ok()),
        privileged: container.privileged,
        pod: container.pod.as_ref().map(|pod| PodEvidence {
            name: word(&pod.name),
            namespace: word(&pod.namespace),
            uid: word(&pod.uid),
        }),
    }
}

/// Arguments while there is room; then how many are missing.
fn arguments(arguments: &[Text]) -> Vec<String> {
    let mut room = ARGUMENT_BYTES;
    let mut kept = Vec::new();
    for argument in arguments {
        let argument = word(argument);
        let Some(left) = room.checked_sub(argument.len().saturating_add(1)) else {
            let missing = arguments.len().saturating_sub(kept.len());
            kept.push(format!("…({missing} arguments more)"));
            break;
        };
        room = left;
        kept.push(argument);
    }
    kept
}

/// A word as text, cut where it is very long.
fn word(bytes: &[u8]) -> String {
    text(bytes, WORD_BYTES)
}

/// Bytes as text with U+FFFD for what is not UTF-8; of more than so many bytes only the first, and how many
/// are missing.
pub(crate) fn text(bytes: &[u8], most: usize) -> String {
    match bytes.get(..most) {
        Some(start) if bytes.len() > most => {
            let missing = bytes.len().saturating_sub(most);
            format!("{}…({missing} bytes more)", String::from_utf8_lossy(start))
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
