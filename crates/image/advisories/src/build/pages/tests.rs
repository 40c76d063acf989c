use super::*;
use crate::database::page::Rows;

fn rows(count: u32) -> Vec<Row> {
    let row = |number: u32| Row {
        key: format!("key {number:06}").into_bytes(),
        value: vec![b'v'; usize::try_from(number % 90).unwrap()],
    };
    (0..count).map(row).collect()
}

#[test]
fn every_row_is_in_one_page_in_order() {
    let all = rows(5_000);
    let pages = cut(Section::Affected, all.clone());
    assert!(pages.len() > 10, "{}", pages.len());
    let mut read = Vec::new();
    for page in &pages {
        let (first, _) = Rows::of(&page.rows).next().unwrap().unwrap();
        assert_eq!(first, page.first_key);
        assert!(page.rows.len() <= PAGE_LIMIT);
        for row in Rows::of(&page.rows) {
            let (key, value) = row.unwrap();
            read.push(Row { key: key.to_vec(), value: value.to_vec() });
        }
    }
    assert_eq!(read, all);
}

/// A change in one row must not move the cuts of all rows after it.
#[test]
fn a_changed_row_changes_few_pages() {
    let digests = |rows| -> Vec<Vec<u8>> {
        cut(Section::Affected, rows).into_iter().map(|page| page.rows).collect()
    };
    let before = digests(rows(5_000));
    for change in [0, 1, 2_500, 4_999] {
        let mut changed = rows(5_000);
        changed[change].value = vec![b'x'; 500];
        let after = digests(changed);
        let new = after.iter().filter(|page| !before.contains(page)).count();
        assert!((1..=2).contains(&new), "{new} of {} pages", after.len());

        let mut removed = rows(5_000);
        removed.remove(change);
        let after = digests(removed);
        let new = after.iter().filter(|page| !before.contains(page)).count();
        assert!(new <= 2, "{new} of {} pages", after.len());
    }
}

#[test]
fn a_large_row_stands_alone() {
    let mut all = rows(3);
    all[1].value = vec![0; PAGE_LIMIT * 3];
    let pages = cut(Section::Feeds, all);
    assert_eq!(pages.len(), 3);
}

#[test]
fn a_row_that_nobody_could_read_back_is_left_out_and_named() {
    let huge = Row { key: b"npm\0left\0feed\0A-1".to_vec(), value: vec![0; ROW_LIMIT + 1] };
    let mut assembly = Assembly::new(None, None, 0);
    assembly.section(Section::Affected, [rows(3), vec![huge]].concat()).unwrap();
    let (bytes, left_out) = assembly.finish();
    assert!(bytes.len() < ROW_LIMIT);
    let [problem] = &left_out[..] else { panic!("{left_out:?}") };
    assert!(problem.message.contains("about npm left feed A-1 takes"), "{}", problem.message);
}
