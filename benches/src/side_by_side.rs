use cpu_time::ProcessTime;
use serde_json::{Map, Value, json};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// One of several ways to do the same.
pub struct Contender<'a> {
    measure: String,
    peers: Vec<String>,
    before: Vec<Box<dyn FnMut() + 'a>>,
    run: Box<dyn FnMut() -> u64 + 'a>,
    server: Option<Box<dyn FnMut() -> Duration + 'a>>,
}

/// What is counted, and which way round the figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale<'a> {
    /// Units a second; more is better.
    PerSecond(&'a str),
    /// Nanoseconds a unit; less is better.
    Nanoseconds(&'a str),
}

/// What one contender reached: medians over the rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its name.
    pub measure: String,
    /// CPU seconds a unit.
    pub cpu: f64,
    /// Seconds a unit.
    pub wall: f64,
}

impl<'a> Contender<'a> {
    /// `run` does the work once and says how many units that was; `measure` is for example `encode/ours`.
    pub fn new(measure: impl Into<String>, run: impl FnMut() -> u64 + 'a) -> Self {
        Contender { measure: measure.into(), peers: Vec::new(), before: Vec::new(), run: Box::new(run), server: None }
    }

    /// Compares it with the contender of that measure, too. The first peer is the main one.
    pub fn against(mut self, peer: &str) -> Self {
        self.peers.push(peer.to_owned());
        self
    }

    /// What has to be done before each run and is not measured; several such things are done in the order given.
    pub fn before(mut self, before: impl FnMut() + 'a) -> Self {
        self.before.push(Box::new(before));
        self
    }

    /// What tells the CPU time so far of the server process that works for it: that is then printed too, its measure ending in `/server`.
    pub fn server(mut self, clock: impl FnMut() -> Duration + 'a) -> Self {
        self.server = Some(Box::new(clock));
        self
    }

    /// Its name.
    pub fn measure(&self) -> &str {
        &self.measure
    }

    /// Runs it once, unmeasured.
    pub fn run_once(&mut self) -> u64 {
        self.prepare();
        (self.run)()
    }

    fn prepare(&mut self) {
        self.before.iter_mut().for_each(|before| before());
    }

    fn server_time(&mut self) -> Duration {
        self.server.as_mut().map_or(Duration::ZERO, |clock| clock())
    }
}

/// Runs the contenders in turn, `rounds` times and every other round in reverse, so that a noisy machine is noisy for all of
/// them, and prints two lines of JSON for each: by CPU time and, its measure ending in `/wall`, by wall time; a third one, ending in
/// `/server`, where the contender has a clock for that.
///
/// CPU time is that of this process and of those child processes that ended in the run. `value` is the median of the rounds, `best`
/// the best of them. `ratio` says how many times as fast as `peer` it is, whichever way round the scale: the median of the ratios
/// within each round. Where there are several peers, `ratios` has all of them.
pub fn side_by_side(scale: Scale<'_>, rounds: usize, contenders: &mut [Contender<'_>]) -> Vec<Measured> {
    let mut samples: Vec<Vec<[f64; 3]>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..=rounds {
        let mut turn: Vec<_> = contenders.iter_mut().zip(&mut samples).collect();
        if round % 2 == 1 {
            turn.reverse();
        }
        for (contender, samples) in turn {
            contender.prepare();
            let (cpu, server, wall) = (cpu_time(), contender.server_time(), Instant::now());
            #[expect(clippy::cast_precision_loss, reason = "a rate")]
            let units = black_box((contender.run)()) as f64;
            let (cpu, wall) = (cpu_time().saturating_sub(cpu), wall.elapsed());
            let server = contender.server_time().saturating_sub(server);
            // The first round warms up.
            if round > 0 {
                samples.push([cpu, wall, server].map(|time| time.as_secs_f64() / units));
            }
        }
    }
    for (contender, own) in contenders.iter().zip(&samples) {
        for (clock, suffix) in [(0, ""), (1, "/wall"), (2, "/server")] {
            if clock == 2 && contender.server.is_none() {
                continue;
            }
            let ratios: Map<String, Value> = contender
                .peers
                .iter()
                .filter_map(|peer| {
                    let at = contenders.iter().position(|c| c.measure == *peer)?;
                    let ratio = median(samples[at].iter().zip(own).map(|(peer, own)| peer[clock] / own[clock]));
                    Some((peer.clone(), json!(hundredths(ratio))))
                })
                .collect();
            let figure = |seconds: f64| match scale {
                Scale::PerSecond(_) => (1.0 / seconds).round(),
                Scale::Nanoseconds(_) => hundredths(seconds * 1e9),
            };
            let unit = match (scale, clock) {
                (Scale::PerSecond(unit), 0 | 2) => format!("{unit}/cpu-s"),
                (Scale::PerSecond(unit), _) => format!("{unit}/s"),
                (Scale::Nanoseconds(unit), _) => format!("ns/{unit}"),
            };
            let seconds = || own.iter().map(|s| s[clock]);
            let peer = contender.peers.iter().find(|peer| ratios.contains_key(*peer));
            let mut line = json!({
                "measure": format!("{}{suffix}", contender.measure),
                "value": figure(median(seconds())),
                "best": figure(seconds().fold(f64::INFINITY, f64::min)),
                "unit": unit,
                "peer": peer,
                "ratio": peer.and_then(|peer| ratios.get(peer)),
            });
            if ratios.len() > 1 {
                line["ratios"] = Value::Object(ratios);
            }
            println!("{line}");
        }
    }
    let measured = |(contender, samples): (&Contender<'_>, &Vec<[f64; 3]>)| Measured {
        measure: contender.measure.clone(),
        cpu: median(samples.iter().map(|s| s[0])),
        wall: median(samples.iter().map(|s| s[1])),
    };
    contenders.iter().zip(&samples).map(measured).collect()
}

/// CPU time so far of this process and of its children that have ended. (Those are known on Unix only.)
pub fn cpu_time() -> Duration {
    ProcessTime::now().as_duration() + ended_children()
}

#[cfg(unix)]
fn ended_children() -> Duration {
    use nix::sys::{
        resource::{UsageWho, getrusage},
        time::TimeValLike,
    };
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(Duration::ZERO, |usage| {
        let microseconds = (usage.user_time() + usage.system_time()).num_microseconds();
        Duration::from_micros(u64::try_from(microseconds).unwrap_or(0))
    })
}

#[cfg(not(unix))]
fn ended_children() -> Duration {
    Duration::ZERO
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, thread::sleep};

    #[test]
    fn a_run_is_measured_without_what_comes_before_it() {
        let prepared = Cell::new(0);
        let pause = Duration::from_millis(3);
        let contenders = &mut [
            Contender::new("short", || {
                sleep(pause);
                1
            })
            .before(|| {
                sleep(4 * pause);
                prepared.set(prepared.get() + 1);
            }),
            Contender::new("long", || {
                sleep(8 * pause);
                2
            })
            .against("short"),
        ];
        let measured = side_by_side(Scale::Nanoseconds("nap"), 3, contenders);
        assert_eq!(prepared.get(), 4, "three rounds and the warming up");
        let [short, long] = &measured[..] else { panic!("{measured:?}") };
        assert_eq!((short.measure.as_str(), long.measure.as_str()), ("short", "long"));
        assert!(short.wall >= pause.as_secs_f64() && long.wall >= 4.0 * pause.as_secs_f64(), "{measured:?}");
        assert!(short.cpu < short.wall, "sleeping takes no CPU time: {measured:?}");
    }

    #[cfg(unix)]
    #[test]
    fn the_cpu_time_of_ended_children_counts() {
        let before = ended_children();
        let status = std::process::Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done"])
            .status()
            .expect("a shell");
        assert!(status.success());
        assert!(ended_children() > before);
    }
}
