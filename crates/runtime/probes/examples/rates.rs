//! How many records a second a reader takes that only counts: `cargo xtask bench sensor` runs it, as root.
//!
//! `rates count` prints the highest rate of opened files without a loss, `rates open RATE SECONDS` opens files at a rate and
//! prints how many.

#![expect(clippy::print_stdout, reason = "it is for a terminal, and for the benchmark")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bulkhead_probes::{Lane, Options, Probes, Ring};

const FILE: &str = "/etc/hostname";

/// The first rate, and how much higher the next one is.
const FIRST: f64 = 20_000.0;
const STEP: f64 = 1.25;

/// How long each rate is held.
const HELD: Duration = Duration::from_secs(2);

/// How often what is due is opened.
const SLICE: Duration = Duration::from_millis(5);

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["count"] => println!("{:.0}", sustained()?),
        ["open", rate, seconds] => {
            let held = Duration::from_secs(seconds.parse()?);
            println!("{}", open(rate.parse()?, held));
        }
        _ => return Err("rates count | rates open RATE SECONDS".into()),
    }
    Ok(())
}

/// The highest rate at which nothing is lost, or at which this machine opens files beside the reader.
fn sustained() -> Result<f64, Box<dyn Error>> {
    let (mut probes, _) = Probes::load(&Options::default())?;
    probes.want_named(&["open", "openat"])?;
    let mut rings = Vec::new();
    for lane in Lane::ALL {
        rings.push(Ring::open(*lane, probes.ring(*lane)?)?);
    }
    let is_over = AtomicBool::new(false);
    let mut best = 0.0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut count = 0_u64;
            while !is_over.load(Ordering::Relaxed) {
                for ring in &mut rings {
                    while ring.take(|_| count += 1) {}
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let mut rate = FIRST;
        let searched = loop {
            let lost = |probes: &Probes| probes.losses().map(|losses| losses.lane(Lane::File).lost);
            let (before, opened) = match lost(&probes) {
                Ok(before) => (before, open(rate, HELD)),
                Err(error) => break Err(error),
            };
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            let reached = opened as f64 / HELD.as_secs_f64();
            match lost(&probes) {
                Ok(after) if after > before => break Ok(()),
                Ok(_) => best = reached,
                Err(error) => break Err(error),
            }
            if reached < 0.95 * rate {
                break Ok(());
            }
            rate *= STEP;
        };
        is_over.store(true, Ordering::Relaxed);
        searched
    })?;
    Ok(best)
}

/// Opens a file so many times a second, as far as this machine can.
fn open(rate: f64, held: Duration) -> u64 {
    let start = Instant::now();
    let mut opened = 0_u64;
    loop {
        let passed = start.elapsed().min(held);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let due = (rate * passed.as_secs_f64()) as u64;
        while opened < due && start.elapsed() < held {
            drop(fs_err::File::open(FILE));
            opened += 1;
        }
        if passed == held {
            return opened;
        }
        std::thread::sleep(SLICE);
    }
}
