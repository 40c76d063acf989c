//! Files: written whole, taken back, settled when cut short.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use bulkhead_posture::{Catalogue, Settings};
use bulkhead_remediation::{
    Choice, FileRepair, Records, RemediationError, State, go_on, plan, roll_back, write_file,
};

use crate::check::read;

const NAMESPACE: &str = "# ours\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop # é\n";

fn repair(path: &str, text: &str) -> FileRepair {
    let catalogue = Catalogue::built_in().unwrap();
    let (settings, choice) = (Settings::default(), Choice::default());
    let objects = read(path, text);
    plan(&objects, &settings, &catalogue, &choice, &|_| true).files.remove(0)
}

#[test]
fn files_are_written_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("namespace.yaml");
    fs_err::write(&file, NAMESPACE).unwrap();
    fs_err::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let records = Records::open(&folder.path().join("state")).unwrap();
    assert!(matches!(
        Records::open(&folder.path().join("state")),
        Err(RemediationError::Busy { .. })
    ));
    let repair = repair(&file.to_string_lossy(), NAMESPACE);
    let mut record = write_file(&repair, &records, "2026-11-28T00:00:00Z").unwrap();
    assert_eq!(record.state, State::Done);
    assert_eq!(fs_err::read_to_string(&file).unwrap(), repair.after);
    assert_eq!(fs_err::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(records.read(&record.id).unwrap(), record);
    // Planned for another text.
    let late = write_file(&repair, &records, "2026-11-28T00:00:01Z");
    assert!(matches!(late, Err(RemediationError::Changed { .. })));

    roll_back(&mut record, &records, None, &mut |_| {}).unwrap();
    assert_eq!(fs_err::read_to_string(&file).unwrap(), NAMESPACE);
    // Once more is nothing more.
    roll_back(&mut record, &records, None, &mut |_| {}).unwrap();

    let mut record = write_file(&repair, &records, "2026-11-28T00:00:02Z").unwrap();
    fs_err::write(&file, "kind: Other\n").unwrap();
    let refused = roll_back(&mut record, &records, None, &mut |_| {});
    assert!(matches!(refused, Err(RemediationError::Changed { .. })));
    assert_eq!(fs_err::read_to_string(&file).unwrap(), "kind: Other\n");
}

#[test]
fn what_was_cut_short_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("namespace.yaml");
    fs_err::write(&file, NAMESPACE).unwrap();
    let records = Records::open(&folder.path().join("state")).unwrap();
    let repair = repair(&file.to_string_lossy(), NAMESPACE);
    let done = write_file(&repair, &records, "2026-11-28T00:00:00Z").unwrap();
    for (text, state) in [(repair.after.as_str(), State::Done), (NAMESPACE, State::Abandoned)] {
        fs_err::write(&file, text).unwrap();
        let mut record = done.clone();
        record.state = State::Applying;
        records.write(&record).unwrap();
        go_on(&mut record, &records, None, &mut |_| {}).unwrap();
        assert_eq!(records.read(&done.id).unwrap().state, state);
        assert_eq!(fs_err::read_to_string(&file).unwrap(), text);
    }
    // Cut short on the way back.
    fs_err::write(&file, &repair.after).unwrap();
    let mut record = done;
    record.state = State::RollingBack;
    go_on(&mut record, &records, None, &mut |_| {}).unwrap();
    assert_eq!(fs_err::read_to_string(&file).unwrap(), NAMESPACE);
}

#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("real.yaml"), folder.path().join("link.yaml"));
    fs_err::write(&file, NAMESPACE).unwrap();
    symlink(&file, &link).unwrap();
    let records = Records::open(&folder.path().join("state")).unwrap();
    let repair = repair(&link.to_string_lossy(), NAMESPACE);
    let refused = write_file(&repair, &records, "2026-11-28T00:00:00Z");
    assert!(matches!(refused, Err(RemediationError::Link { .. })));
    assert_eq!(fs_err::read_to_string(&file).unwrap(), NAMESPACE);
}
