//! Does what rules are about, each thing by its name and by system calls of its own: run in containers by
//! the tests of the sensor. Started under another name (a link `nginx` to it) it is a process of that name.

#![expect(clippy::expect_used, reason = "what cannot be done must fail the test")]

mod descriptors;
mod files;
mod processes;
mod questions;
mod script;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    act(&words.iter().map(String::as_str).collect::<Vec<_>>());
    ExitCode::SUCCESS
}

/// Does one thing. Words that are none of these are of the program that it stands for, and do nothing.
pub(crate) fn act(words: &[&str]) {
    match words {
        ["conduct", script] => script::conduct(script),
        ["attend", gate] => script::attend(gate),
        ["later", milliseconds, rest @ ..] => script::later(milliseconds, rest),

        ["read", path] => files::read(path),
        ["truncate", path] => files::write(path, true),
        ["append", path] => files::write(path, false),
        ["symlink", target, path] => files::symlink(target, path),
        ["link", old, new] => files::link(old, new),
        ["flood", path] => files::flood(path),
        ["drop", from, to] => files::drop_and_run(from, to),

        ["run", words @ ..] => processes::run(words),
        ["as", user, words @ ..] => processes::run_as(user, words),
        ["without", capability, rest @ ..] => processes::without(capability, rest),
        ["from-memory", program] => processes::run_from_memory(program),
        ["from-descriptor", program] => processes::run_from_descriptor(program),
        ["ptrace", request] => processes::trace(request),
        ["write-memory", whose] => processes::write_memory(whose),
        ["module"] => processes::load_module(),

        ["socket", family] => descriptors::socket(family),
        ["connect", address] => descriptors::connect(address),
        ["serve", address, times] => descriptors::serve(address, times),
        ["meet", address] => descriptors::meet(address),
        ["send-file", path] => descriptors::send_file(path),
        ["ask", name] => questions::ask(name),
        ["serve-question", name] => questions::serve(name),
        ["send-question", name] => questions::send(name),
        ["write-question", name] => questions::write(name),
        ["write-question-in-pieces", name] => questions::write_in_pieces(name),
        ["ask-for-both", first, second] => questions::ask_for_both(first, second),
        ["inherit-question", name] => questions::inherit(name),
        ["write-inherited-question", number, name] => questions::write_inherited(number, name),
        ["hand-question", name] => questions::hand(name),
        ["write-handed-question", name] => questions::write_handed(name),
        ["hand-question-among-messages", name] => questions::hand_among_messages(name),
        ["write-question-among-messages", name] => questions::write_among_messages(name),
        ["lend-question", name] => questions::lend(name),
        ["write-taken-question", process, number, name] => {
            questions::write_taken(process, number, name);
        }
        ["connect-first", gate, name] => questions::connect_first(gate, name),
        ["hand-over", what] => descriptors::hand_over(what),
        ["redirect", number] => descriptors::redirect(number),
        _ => {}
    }
}
