//! What it means that the kernel takes no probes.

use bulkhead_probes::{Feature, ProbesError};

use crate::terminal::Terminal;

/// Tells what is in the way, and all that is not seen. The error itself is left to whoever got it.
pub(super) fn tell(error: &ProbesError, terminal: Terminal) {
    let ProbesError::Unavailable { obstacles, .. } = error else { return };
    for obstacle in obstacles {
        terminal.warning(&obstacle.to_string(), Some(obstacle.hint()));
    }
    for feature in Feature::ALL {
        terminal.warning(&format!("{feature} is off: {}", feature.loss()), None);
    }
}
