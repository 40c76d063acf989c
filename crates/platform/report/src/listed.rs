//! What the forms for people list.

/// What is listed one by one; the rest is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Listed {
    /// Findings that nothing answers.
    #[default]
    Findings,
    /// Those that ignore files and VEX documents suppress, too.
    Suppressed,
}
