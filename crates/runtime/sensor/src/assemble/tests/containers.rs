//! Containers that are told of.

use super::*;

const PATH: &str = "/docker/3f4e1c8a9b7d6e5f0a1b2c3d4e5f60718293a4b5c6d7e8f9000102030405060a";

/// The containers that were told of since: their ids, the process of each, and whether their documents were found.
fn told(assembler: &mut Assembler<World>) -> Vec<(String, u32, Option<bool>)> {
    let events = assembler.take_besides().into_iter();
    let containers = events.filter(|event| event.kind == Kind::CONTAINER).map(|event| {
        let container = event.process.container.clone().unwrap();
        let id = container.short_id();
        (String::from_utf8_lossy(id).into_owned(), event.process.pid, container.privileged)
    });
    containers.collect()
}

fn known(process: u32) -> Vec<(String, u32, Option<bool>)> {
    vec![(ID[..12].to_owned(), process, Some(true))]
}

fn in_group(mut made: Made, group: u64, path: &str) -> Made {
    made = made.contained().text(Role::CgroupLegacy, 0, path);
    made.header.cgroup = group.into();
    made
}

#[test]
fn a_container_is_told_of_once_by_its_first_program() {
    let mut assembler = assembler();
    in_group(made(Told::Move, 5, 1), 2, PATH).push(&mut assembler);
    assert_eq!(told(&mut assembler), [], "what prepares it is not yet it");
    let event = in_group(execution(5, 1, "first\0"), 2, PATH).push(&mut assembler).unwrap();
    let besides = assembler.take_besides();
    assert_eq!(besides.len(), 1);
    let container = &besides[0];
    assert_eq!((container.kind, container.time), (Kind::CONTAINER, event.time));
    assert_eq!((container.process.pid, container.sequence), (5, event.sequence - 1));
    assert_eq!(container.process.command_line(), event.process.command_line());
    in_group(execution(6, 5, "second\0"), 2, PATH).push(&mut assembler);
    // A group of its own inside is of the same container.
    in_group(execution(7, 5, "third\0"), 3, &format!("{PATH}/init.scope")).push(&mut assembler);
    assembler.look_again(u64::MAX);
    assert_eq!(told(&mut assembler), []);
}

#[test]
fn a_container_that_starts_again_is_told_of_again() {
    let mut assembler = assembler();
    let mut run = |process: u32, group: u64| {
        in_group(made(Told::Move, process, 1), group, PATH).push(&mut assembler);
        in_group(execution(process, 1, "first\0"), group, PATH).push(&mut assembler);
        end(process, 1, 0).push(&mut assembler);
        told(&mut assembler)
    };
    assert_eq!(run(5, 2), known(5));
    assert_eq!(run(6, 3), known(6));
}

#[test]
fn containers_of_the_start_are_told_of_with_their_first_process_and_its_ancestors() {
    let mut assembler = assembler();
    // Numbers begin anew at some point: the first process need not have the lowest.
    for (process, parent, started) in [(3, 9, 500), (9, 7, 400), (7, 2, 300), (2, 0, 20)] {
        let mut task = made(Told::Task, process, parent);
        task.header.started = started.into();
        task.header.parent_started = 0.into();
        let task = if matches!(process, 3 | 9) { in_group(task, 2, PATH) } else { task };
        task.push(&mut assembler);
    }
    assembler.has_started();
    let besides = assembler.take_besides();
    let first = &besides[0].process;
    assert_eq!((besides.len(), first.pid), (1, 9));
    assert_eq!(first.ancestors().map(|process| process.pid).collect::<Vec<_>>(), [7, 2]);
}

#[test]
fn a_container_that_nothing_is_found_of_is_told_of_without() {
    let mut assembler = assembler();
    let unknown = format!("/docker/{}", "e".repeat(64));
    let without = |process: u32| vec![("e".repeat(12), process, None)];
    in_group(execution(5, 1, "first\0"), 2, &unknown).push(&mut assembler);
    assembler.look_again(1_000_000_000);
    assert_eq!(told(&mut assembler), [], "it may be found yet");
    assembler.look_again(4_000_000_000);
    assert_eq!(told(&mut assembler), without(5));
    // Of one that is gone nothing is found any more.
    in_group(execution(6, 1, "first\0"), 3, &unknown.replace('e', "d")).push(&mut assembler);
    in_group(end(6, 1, 0), 3, "").push(&mut assembler);
    assert_eq!(told(&mut assembler), [("d".repeat(12), 6, None)]);
}
