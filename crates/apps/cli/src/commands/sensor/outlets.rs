//! Outputs of alerts, opened while there are rights.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bulkhead_outputs::{Rotation, TlsFiles};
use bulkhead_sensor::{Outlet, Signals};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use super::telling::Form;
use crate::arguments::{AlertOutput, Outputs, Place};
use crate::failure::Failure;

/// The outputs in their order, and the form of each.
pub(super) fn open(arguments: &Outputs) -> Result<(Vec<Outlet>, Vec<Form>), Failure> {
    let mut outlets = Vec::new();
    let mut forms = Vec::new();
    for output in &arguments.places {
        let (outlet, form) = match output {
            AlertOutput::Text(place) => (lines(place, arguments)?, Form::Text),
            AlertOutput::Json(place) => (lines(place, arguments)?, Form::Json),
            AlertOutput::Syslog(address) => {
                let target = address.resolve(tls_files(arguments))?;
                (Outlet::Syslog(target), Form::Syslog)
            }
        };
        outlets.push(outlet);
        forms.push(form);
    }
    Ok((outlets, forms))
}

fn tls_files(arguments: &Outputs) -> TlsFiles<'_> {
    let Outputs { syslog_cacert, syslog_cert, syslog_key, .. } = arguments;
    TlsFiles {
        roots: syslog_cacert.as_deref(),
        identity: syslog_cert.as_deref().zip(syslog_key.as_deref()),
    }
}

fn lines(place: &Place, arguments: &Outputs) -> Result<Outlet, Failure> {
    let limit = u64::from(arguments.rotate_size) << 20;
    Ok(match place {
        Place::Standard => Outlet::Open(File::from(io::stdout().as_fd().try_clone_to_owned()?)),
        Place::File(path) => Outlet::Rotated {
            rotation: Rotation::new(path, arguments.rotate_keep)
                .map_err(|error| named(path, &error))?,
            limit: (limit > 0).then_some(limit),
        },
    })
}

fn named(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write alerts to {}: {error}", path.display());
    Failure::new(message, "give a file in a folder that exists")
}

/// Has the signals told as bytes: SIGHUP renews, SIGTERM and SIGINT end in order. The second of these ends at
/// once.
pub(super) fn signals() -> Result<Signals, Failure> {
    let (renew, hangs_up) = UnixStream::pair()?;
    let (end, terminates) = UnixStream::pair()?;
    low_level::pipe::register(SIGHUP, hangs_up)?;
    let is_ending = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: the first signal finds the flag as it was.
        flag::register_conditional_default(signal, Arc::clone(&is_ending))?;
        flag::register(signal, Arc::clone(&is_ending))?;
        low_level::pipe::register(signal, terminates.try_clone()?)?;
    }
    Ok(Signals { renew, end })
}
