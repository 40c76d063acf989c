//! Listings: what files a publisher has, as the publisher says.

use bulkhead_limits::{Budget, Exceeded};
use quick_xml::events::BytesStart;

use super::markup::{self, Elements, attribute};
use crate::{FeedError, Format, Listing};

/// What errors call each form.
const REPOSITORY: &str = "a repository's list of files";
const LINES: &str = "a list of addresses";

/// A file, or a further listing, as a listing names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// The address, relative to that of the listing or whole. Nothing about it was checked.
    pub address: String,
    /// Its SHA-256 in 64 small hexadecimal digits.
    pub digest: Option<String>,
    /// Something that is another text whenever the file is another.
    pub revision: Option<String>,
}

/// The entries of a listing, in its order. Each is charged to the budget, and none is longer than a
/// name may be: what is longer is no address of a file.
pub fn listed(form: Listing, document: &[u8], budget: &Budget) -> Result<Vec<Listed>, FeedError> {
    let found = match form {
        Listing::Page => page(&String::from_utf8_lossy(document), budget)?,
        Listing::Lines => lines(document, budget)?,
        Listing::Repository => repository(document, budget)?,
    };
    let limit = budget.limits().name_bytes;
    Ok(found.into_iter().filter(|entry| entry.address.len() <= limit).collect())
}

/// The SHA-256 that a checksum file tells of a file called `name`, in 64 small digits: the line that
/// names the file, else the only one there is. The forms of `sha256sum`, of BSD's `sha256`, and of
/// the `sha256:` line of NVD's `.meta`.
pub fn checksum(document: &[u8], name: &str) -> Option<String> {
    let text = str::from_utf8(document).ok()?;
    let told: Vec<(String, &str)> =
        text.lines().filter_map(|line| Some((sha256(line)?, line))).collect();
    let naming = told.iter().find(|(_, line)| {
        line.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '*' | '/'))
            .any(|word| word == name)
    });
    match (naming, told.as_slice()) {
        (Some((digest, _)), _) | (None, [(digest, _)]) => Some(digest.clone()),
        _ => None,
    }
}

/// The first word of 64 hexadecimal digits.
fn sha256(line: &str) -> Option<String> {
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .find(|word| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(str::to_ascii_lowercase)
}

/// The values of all `href` attributes: pages of servers are rarely well-formed, and an address that
/// stands elsewhere is sorted out by what is taken.
fn page(text: &str, budget: &Budget) -> Result<Vec<Listed>, FeedError> {
    const HREF: &str = "href";
    let mut found = Vec::new();
    // Letters of ASCII keep their length, so that positions are the same in both.
    let small = text.to_ascii_lowercase();
    let mut position: usize = 0;
    while let Some(next) = small.get(position..).and_then(|rest| rest.find(HREF)) {
        position = position.saturating_add(next).saturating_add(HREF.len());
        let rest = text.get(position..).unwrap_or_default().trim_start();
        let Some(value) = rest.strip_prefix('=').map(str::trim_start) else { continue };
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                value.get(1..).unwrap_or_default().split(quote).next().unwrap_or_default()
            }
            _ => value.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default(),
        };
        let address = value.trim().replace("&amp;", "&");
        if !address.is_empty() {
            budget.charge_entry()?;
            found.push(Listed { address, ..Listed::default() });
        }
    }
    Ok(found)
}

/// A file each line; the fields of a line may stand in quotation marks (RFC 4180).
fn lines(document: &[u8], budget: &Budget) -> Result<Vec<Listed>, FeedError> {
    let refused = |cause: &str| FeedError::Malformed { format: LINES, cause: cause.to_owned() };
    let text = str::from_utf8(document).map_err(|_| refused("it is no UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return Err(refused("it is a page of HTML or XML"));
    }
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        budget.charge_entry()?;
        let mut fields = line.split(',').map(|field| field.trim().trim_matches('"').trim());
        let address = fields.next().unwrap_or_default().to_owned();
        let revision = fields.next().filter(|field| !field.is_empty()).map(str::to_owned);
        if !address.is_empty() && !address.starts_with('#') {
            found.push(Listed { address, digest: None, revision });
        }
    }
    Ok(found)
}

fn repository(document: &[u8], budget: &Budget) -> Result<Vec<Listed>, FeedError> {
    let mut files = Files {
        budget,
        found: Vec::new(),
        current: Listed::default(),
        is_sha256: false,
        exceeded: None,
    };
    let read = markup::read(document, Format::Updateinfo, "repomd", budget, &mut files);
    read.map_err(|error| match error {
        FeedError::Malformed { cause, .. } => FeedError::Malformed { format: REPOSITORY, cause },
        error => error,
    })?;
    match files.exceeded {
        Some(exceeded) => Err(exceeded.into()),
        None => Ok(files.found),
    }
}

/// `repomd.xml`: `data` elements with a `checksum` and a `location` each. Locations are relative to
/// the folder above the one that the document stands in.
struct Files<'b> {
    budget: &'b Budget,
    found: Vec<Listed>,
    current: Listed,
    is_sha256: bool,
    exceeded: Option<Exceeded>,
}

impl Elements for Files<'_> {
    fn open(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), FeedError> {
        match name {
            "data" => self.current = Listed::default(),
            "checksum" => self.is_sha256 = attribute(element, "type") == "sha256",
            "location" => self.current.address = format!("../{}", attribute(element, "href")),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, text: &str) {
        match name {
            "checksum" if self.is_sha256 => {
                self.current.digest = sha256(text);
                self.current.revision.clone_from(&self.current.digest);
            }
            "data" if self.current.address.len() > "../".len() => {
                self.exceeded = self.exceeded.take().or(self.budget.charge_entry().err());
                if self.exceeded.is_none() {
                    self.found.push(std::mem::take(&mut self.current));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_limits::Limits;

    use super::*;

    fn read(form: Listing, document: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let budget = Budget::new(Limits::DEFAULT);
        let found = listed(form, document.as_bytes(), &budget).unwrap();
        found.into_iter().map(|it| (it.address, it.digest, it.revision)).collect()
    }

    #[test]
    fn links_of_pages_in_every_notation() {
        let page = r#"<A HREF="../">up</A> <a class=x href='v3.21/'>v3.21/</a><a href=edge/>edge
            <a href = "main.json?a=1&amp;b=2">m</a> href <a href="">"#;
        let addresses: Vec<String> =
            read(Listing::Page, page).into_iter().map(|(address, ..)| address).collect();
        assert_eq!(addresses, ["../", "v3.21/", "edge/", "main.json?a=1&b=2"]);
        assert!(read(Listing::Page, "İhref\u{0}<").is_empty());
    }

    #[test]
    fn lines_with_and_without_a_time() {
        let changes = "\"2024/a.json\",\"2024-05-01T00:00:00Z\"\r\n2023/b.json\n\n# no\n";
        assert_eq!(
            read(Listing::Lines, changes),
            [
                ("2024/a.json".to_owned(), None, Some("2024-05-01T00:00:00Z".to_owned())),
                ("2023/b.json".to_owned(), None, None),
            ]
        );
        let budget = Budget::new(Limits::DEFAULT);
        let page = listed(Listing::Lines, b"\n<!DOCTYPE html>\n<p>gone", &budget).unwrap_err();
        assert!(page.to_string().contains("page of HTML"), "{page}");
    }

    #[test]
    fn files_of_repositories_with_their_digests() {
        let digest = "AB".repeat(32);
        let document = format!(
            "<repomd><data type='primary'><location href='repodata/p.xml.gz'/></data>
             <data type='updateinfo'><checksum type='sha256'>{digest}</checksum>
             <open-checksum type='sha256'>{}</open-checksum>
             <location href='repodata/u.xml.gz'/></data></repomd>",
            "cd".repeat(32)
        );
        let small = Some("ab".repeat(32));
        assert_eq!(
            read(Listing::Repository, &document),
            [
                ("../repodata/p.xml.gz".to_owned(), None, None),
                ("../repodata/u.xml.gz".to_owned(), small.clone(), small),
            ]
        );
        let budget = Budget::new(Limits::DEFAULT);
        let page = listed(Listing::Repository, b"<html></html>", &budget).unwrap_err();
        assert!(page.to_string().contains(REPOSITORY), "{page}");
    }

    #[test]
    fn too_many_entries_are_refused() {
        let budget = Budget::new(Limits { entries: 2, ..Limits::DEFAULT });
        assert!(listed(Listing::Lines, b"a\nb\nc\n", &budget).is_err());
    }

    #[test]
    fn checksums_in_the_forms_there_are() {
        let (one, two) = ("a1".repeat(32), "B2".repeat(32));
        for (document, expected) in [
            (format!("{one}  feed.json\n"), Some(&one)),
            (format!("{one} *./x/feed.json\n{two}  other\n"), Some(&one)),
            (format!("SHA256 (feed.json) = {one}\n"), Some(&one)),
            (format!("lastModifiedDate:2024\r\nsha256:{one}\r\n"), Some(&one)),
            (one.clone(), Some(&one)),
            (format!("{one}  a\n{two}  b\n"), None),
            ("<html>".to_owned(), None),
        ] {
            assert_eq!(checksum(document.as_bytes(), "feed.json").as_ref(), expected, "{document}");
        }
    }
}
