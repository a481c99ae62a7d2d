use cpu_time::ProcessTime;
use serde_json::json;
use std::{hint::black_box, time::Instant};

/// One of several ways to do the same.
pub struct Contender<'a> {
    /// For example `encode/ours`.
    pub measure: &'a str,
    /// The contender that this one is compared with, by its `measure`.
    pub peer: Option<&'a str>,
    /// Does the work once and says how many units that was.
    pub run: Box<dyn FnMut() -> u64 + 'a>,
}

/// What one contender reached: medians over the rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its name.
    pub measure: String,
    /// Units a second of this process's CPU time.
    pub per_cpu_second: f64,
    /// Units a second of wall time.
    pub per_second: f64,
}

/// Runs the contenders in turn, `rounds` times, so that a noisy machine is noisy for all of them, and prints one line of JSON
/// for each: units a CPU second, and the ratio to the peer.
pub fn side_by_side(unit: &str, rounds: usize, contenders: &mut [Contender<'_>]) -> Vec<Measured> {
    let mut samples: Vec<Vec<(f64, f64)>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..=rounds {
        for (contender, samples) in contenders.iter_mut().zip(&mut samples) {
            let (cpu, wall) = (ProcessTime::now(), Instant::now());
            #[expect(clippy::cast_precision_loss, reason = "a rate")]
            let units = black_box((contender.run)()) as f64;
            let (cpu, wall) = (cpu.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64());
            // The first round warms up.
            if round > 0 {
                samples.push((units / cpu, units / wall));
            }
        }
    }
    let measured: Vec<Measured> = contenders
        .iter()
        .zip(&samples)
        .map(|(contender, samples)| Measured {
            measure: contender.measure.to_owned(),
            per_cpu_second: median(samples.iter().map(|s| s.0)),
            per_second: median(samples.iter().map(|s| s.1)),
        })
        .collect();
    for (contender, own) in contenders.iter().zip(&measured) {
        let peer = contender.peer.and_then(|peer| measured.iter().find(|m| m.measure == peer));
        for (suffix, unit_of, value, peer_value) in [
            ("", "cpu-s", own.per_cpu_second, peer.map(|p| p.per_cpu_second)),
            ("/wall", "s", own.per_second, peer.map(|p| p.per_second)),
        ] {
            let line = json!({
                "measure": format!("{}{suffix}", own.measure),
                "value": value.round(),
                "unit": format!("{unit}/{unit_of}"),
                "peer": contender.peer,
                "ratio": peer_value.map(|p| (value / p * 100.0).round() / 100.0),
            });
            println!("{line}");
        }
    }
    measured
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
