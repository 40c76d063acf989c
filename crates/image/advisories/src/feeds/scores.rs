//! CVSS vectors and their base scores.

use bulkhead_model::Cvss;
use cvss::Cvss as Vector;

use super::texts;

/// The metrics that a base score is computed from, per version of the standard.
const BASE_2: &[&str] = &["AV", "AC", "Au", "C", "I", "A"];
const BASE_3: &[&str] = &["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const BASE_4: &[&str] = &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

/// A vector of any version with its score, or why there is none. Publishers' own scores are not
/// taken: what is shown is what the vector says.
pub(crate) fn score(source: &str, text: &str) -> Result<Cvss, String> {
    let text = text.trim().trim_start_matches('(').trim_end_matches([')', '/']);
    let refused = |cause: &str| format!("no CVSS vector: {} ({cause})", texts::quote(text));
    let vector: Vector = text.parse().map_err(|error: cvss::Error| refused(&error.to_string()))?;
    let (version, base) = match vector {
        Vector::CvssV20(_) => ("2.0", BASE_2),
        Vector::CvssV30(_) => ("3.0", BASE_3),
        Vector::CvssV31(_) => ("3.1", BASE_3),
        Vector::CvssV40(_) => ("4.0", BASE_4),
        _ => return Err(refused("unknown version")),
    };
    let given = |metric: &&&str| {
        text.split('/').any(|part| part.split_once(':').is_some_and(|(name, _)| name == **metric))
    };
    if let Some(missing) = base.iter().find(|metric| !given(metric)) {
        return Err(refused(&format!("without {missing}")));
    }
    Ok(Cvss {
        source: source.to_owned(),
        version: version.to_owned(),
        vector: text.to_owned(),
        score: vector.score(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scores of the standards' own example documents and of the published calculators.
    #[test]
    fn vectors_have_their_published_base_score() {
        for (vector, version, expected) in [
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", 7.8),
            ("(AV:N/AC:L/Au:N/C:C/I:C/A:C)", "2.0", 10.0),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "3.0", 6.1),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 10.0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C", "3.1", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", 0.0),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 9.3),
        ] {
            let scored = score("test", vector).unwrap();
            assert_eq!((scored.version.as_str(), scored.score), (version, expected), "{vector}");
        }
    }

    #[test]
    fn other_texts_have_none() {
        for text in [
            "",
            "9.8",
            "CVSS:3.1/AV:N",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
            "CVSS:5.0/AV:N/AC:L",
            "AV:N/AC:L",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Ж",
        ] {
            assert!(score("test", text).is_err(), "{text}");
        }
    }
}
