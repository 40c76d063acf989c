//! Progress is for people at a terminal, and for nobody else.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;
use std::thread;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::bulkhead::command;
use crate::samples::{folder, layout, lodash, log4j};

/// What a scan writes to standard error, where that is a terminal, and to standard output, where
/// that is a pipe.
fn at_a_terminal(target: &str, arguments: &[&str]) -> (String, String) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
    grantpt(&ours).expect("its other side is ours");
    unlockpt(&ours).expect("its other side can be opened");
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&ours, size).expect("it has a size");
    let name = ptsname(&ours, Vec::new()).expect("its other side has a name");
    let theirs = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())
        .expect("its other side");

    let screen = thread::spawn(move || {
        let (mut terminal, mut screen, mut part) = (File::from(ours), Vec::new(), [0; 4096]);
        // Reading fails once nobody holds the other side.
        while let Ok(length @ 1..) = terminal.read(&mut part) {
            screen.extend_from_slice(part.get(..length).unwrap_or_default());
        }
        String::from_utf8_lossy(&screen).into_owned()
    });
    let mut scan = command(&["scan", target]);
    scan.args(arguments).env("TERM", "xterm").stdin(Stdio::null()).stderr(theirs);
    let output = scan.output().expect("bulkhead can be started");
    drop(scan);
    let screen = screen.join().expect("the screen is read to its end");
    (screen, String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_terminal_shows_it_and_nothing_of_it_stays() {
    let folder = folder();
    let tar = lodash().file("opt/app/log4j.jar", log4j());
    let (_, target) = layout(folder.path(), vec![tar.finish()]);
    let (screen, result) = at_a_terminal(&target, &[]);
    assert!(screen.contains("1 layer"), "{screen:?}");
    assert!(screen.contains("\x1b[2K") || screen.contains("\x1b[K"), "not cleared: {screen:?}");
    assert!(result.contains("lodash") && !result.contains('\x1b'), "{result:?}");

    for silent in ["--no-progress", "--quiet"] {
        let (screen, result) = at_a_terminal(&target, &[silent]);
        assert!(!screen.contains("1 layer"), "{silent}: {screen:?}");
        assert!(result.contains("lodash"), "{silent}");
    }
}

#[test]
fn a_pipe_never_sees_it() {
    let folder = folder();
    let (_, target) = layout(folder.path(), vec![lodash().finish()]);
    let output = command(&["scan", &target]).output().expect("bulkhead can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("1 layer") && !errors.contains('\x1b'), "{errors:?}");
}
