//! What is known of a folder is told of the files in it, and nothing else.

use std::os::unix::fs::symlink;

use bulkhead_probes::filter::{Clause, Domain, MOST_NAMES, Name, NamePart, facts};
use bulkhead_probes::{Filter, Options};

use crate::filters::{asks_for, asks_for_path, folder, is_told, paths_told};
use crate::watch::load;

const ASKED: u64 = 1 << facts::FIRST_OF_NAMES;

/// Opens others in a folder first, twice, so that it is known, and then what is asked for.
#[test]
fn a_file_is_found_in_a_folder_that_is_known() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    fs_err::create_dir(format!("{place}/in")).expect("a folder");
    let [one, other, asked] =
        ["one", "other", "asked-for-it"].map(|name| format!("{place}/in/{name}"));
    for path in [&one, &other, &asked] {
        fs_err::write(path, "").expect("a file");
    }
    let name = |domain, text: &str, whole| {
        asks_for(Name { domain, text: text.as_bytes().to_vec(), whole, facts: ASKED })
    };
    let part = |text: &str| {
        let mut filter = name(Domain::Path, "/nowhere", true);
        let text = text.as_bytes().to_vec();
        filter.parts.push(NamePart { given: false, text, facts: ASKED });
        filter
    };
    // Beside names in more folders than there is room for.
    let mut among_many = name(Domain::Path, &asked, true);
    among_many.names.extend((1..MOST_NAMES).map(|number| Name {
        domain: Domain::Path,
        text: format!("/{number}{}", "/d".repeat(20)).into_bytes(),
        whole: true,
        facts: ASKED,
    }));
    let ask_for_one = [
        among_many,
        name(Domain::Path, &asked, true),
        name(Domain::Path, &format!("{place}/in/ask"), false),
        name(Domain::Last, "asked-for-it", true),
        name(Domain::Last, "asked", false),
        // In the name alone, and over the end of the folder's.
        part("ed-for-i"),
        part("/asked"),
        part("in/ask"),
    ];
    for filter in ask_for_one {
        probes.want(&filter).expect("a filter");
        let opened = ["cat", &one, &other, &asked, &asked];
        assert!(is_told(&probes, &opened, &asked), "{filter:?}");
        assert!(!is_told(&probes, &opened, &other), "{filter:?}");
    }
    let ask_for_all = [
        name(Domain::Path, &format!("{place}/i"), false),
        name(Domain::Path, &format!("{place}/in/"), false),
        name(Domain::Folder, &format!("{place}/in/"), true),
        part(&format!("{place}/in")),
    ];
    for filter in ask_for_all {
        probes.want(&filter).expect("a filter");
        for path in [&one, &other, &asked] {
            assert!(is_told(&probes, &["cat", &one, &other, &asked], path), "{filter:?}");
        }
    }
    // Of a folder itself neither what lies in it nor what it lies in says what it is.
    probes.want(&name(Domain::Folder, &format!("{place}/in/"), true)).expect("a filter");
    let inner = format!("{place}/in");
    let list = ["ls", &place, &inner];
    assert!(is_told(&probes, &list, &inner), "its own folder");
    assert!(!is_told(&probes, &list, &place), "the one above");
}

/// Other folders with the same names, and other names of the same folder and file.
#[test]
fn a_folder_is_not_taken_for_another() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    let [quiet, loud] = ["quiet", "loud"].map(|name| format!("{place}/{name}"));
    let file = |folder: &str, name: &str| format!("{folder}/inner/{name}");
    for folder in [&quiet, &loud] {
        fs_err::create_dir_all(format!("{folder}/inner")).expect("folders");
        for number in 0..6 {
            fs_err::write(file(folder, &format!("file-{number}")), "").expect("a file");
        }
    }
    let asked = Name {
        domain: Domain::Path,
        text: format!("{loud}/").into_bytes(),
        whole: false,
        facts: ASKED,
    };
    probes.want(&asks_for(asked)).expect("a filter");
    let known = [file(&quiet, "file-0"), file(&quiet, "file-1")];
    let open = |path: &str| is_told(&probes, &["cat", &known[0], &known[1], path], path);
    assert!(!open(&file(&quiet, "file-2")) && open(&file(&loud, "file-2")), "two folders");
    fs_err::rename(&loud, format!("{place}/away")).expect("another name");
    fs_err::rename(&quiet, &loud).expect("another name");
    assert!(open(&file(&loud, "file-3")), "the folder that was quiet");
    fs_err::rename(&loud, &quiet).expect("the first name");
    assert!(!open(&file(&quiet, "file-4")), "it is again");
    symlink(&quiet, &loud).expect("a link");
    let by_link = file(&loud, "file-5");
    assert!(!is_told(&probes, &["cat", &known[0], &by_link], &file(&quiet, "file-5")), "a link");
    fs_err::remove_file(&loud).expect("a link");
    let covered = format!(
        "mkdir {loud} && cat {} {} && mount --bind {quiet} {loud} && exec cat {}",
        known[0],
        known[1],
        file(&loud, "file-5")
    );
    let program = ["unshare", "-m", "sh", "-c", &covered];
    assert!(is_told(&probes, &program, &file(&loud, "file-5")), "mounted there");
    // The file gets the name that is asked for, in a folder that is known.
    let named = file(&quiet, "named");
    probes.want(&asks_for_path(&named)).expect("a filter");
    let open = |path: &str| is_told(&probes, &["cat", &known[0], &known[1], path], path);
    assert!(!open(&file(&quiet, "file-2")), "not asked for");
    fs_err::rename(file(&quiet, "file-2"), &named).expect("another name");
    assert!(open(&named), "it has the name now");
    fs_err::rename(&named, file(&quiet, "file-2")).expect("the first name");
    assert!(!open(&file(&quiet, "file-2")), "and has not");
}

/// Texts inside of what was given, wherever they stand, few and many.
#[test]
fn parts_of_a_given_path_are_found_anywhere() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    for others in [0_usize, 2, 9] {
        let mut filter = Filter::default();
        let clause = Clause { must: ASKED, must_not: 0 };
        filter.calls.insert("openat".to_owned(), Some(vec![clause]));
        let part =
            |text: &str, facts| NamePart { given: true, text: text.as_bytes().to_vec(), facts };
        let other = |number: usize| part(&format!("%{number}%"), ASKED << 1);
        filter.parts.extend((0..others).map(other));
        filter.parts.push(part("Q9~V8", ASKED));
        probes.want(&filter).expect("a filter");
        let free = 251 - place.len();
        for at in (0..free - 5).step_by(3).chain(free - 10..free - 5) {
            for length in [at + 6, free].into_iter().filter(|length| *length <= free) {
                let name = |text: &str| {
                    let before = "x".repeat(at);
                    format!("{place}/{before}{text}{}", "y".repeat(length - at - 5))
                };
                let (asked, plain) = (name("Q9~V8"), name("8V~9Q"));
                let paths = [&asked, &plain];
                for path in paths {
                    fs_err::write(path, "").expect("a file");
                }
                let opened = ["cat", &plain, &asked];
                assert!(is_told(&probes, &opened, &asked), "{others} {asked}");
                assert!(!is_told(&probes, &opened, &plain), "{others} {plain}");
                for path in paths {
                    fs_err::remove_file(path).expect("a file");
                }
            }
        }
    }
}

/// However deep a file lies, its path is known as far as there is room for it. Of a longer one the start is missing, and so it
/// is not known what it begins with.
#[test]
fn a_deep_path_is_known_and_a_longer_one_is_told() {
    let Some(mut probes) = load(&Options::default(), &[]) else { return };
    let (_folder, place) = folder();
    let deep = format!("{place}{}", "/d".repeat(300));
    fs_err::create_dir_all(&deep).expect("folders");
    let file = format!("{deep}/file");
    fs_err::write(&file, "").expect("a file");
    let begins = |text: String| {
        let text = text.into_bytes();
        asks_for(Name { domain: Domain::Path, text, whole: false, facts: ASKED })
    };
    probes.want(&begins(format!("{place}/d"))).expect("a filter");
    assert!(is_told(&probes, &["cat", &file], &file), "it begins so");
    probes.want(&begins(format!("{place}/e"))).expect("a filter");
    assert!(!is_told(&probes, &["cat", &file], &file), "it begins otherwise");
    // Neither half is too long to be named.
    let half = format!("/{}", "l".repeat(250)).repeat(9);
    let (upper, lower) = (format!("{place}/upper{half}"), format!("{place}/lower"));
    for folder in [&upper, &format!("{lower}{half}")] {
        fs_err::create_dir_all(folder).expect("folders");
    }
    fs_err::write(format!("{lower}{half}/file"), "").expect("a file");
    fs_err::rename(&lower, format!("{upper}/lower")).expect("another place");
    let script = format!("cd {upper} && exec cat lower{half}/file");
    let told = paths_told(&probes, &["sh", "-c", &script]);
    let is_part = |path: &Vec<u8>| path.ends_with(format!("{half}/file").as_bytes());
    assert!(told.iter().any(is_part), "{}", told.len());
}
