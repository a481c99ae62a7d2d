//! `migrate` and, separately, PostgreSQL killed with SIGKILL at every place where that could matter: while reading redo, applying,
//! committing, acknowledging, writing a position, and at each step of load and cutover. Each run begins from the same prepared source and
//! target, and must end with the target that the source says, nothing lost and nothing doubled.
//!
//! Needs the feature `failpoints`, and PostgreSQL's server programs, since it starts servers of its own to kill them.
//! `CRASH_RUNS` is how many runs (30 where it is not set), `CRASH_SEED` chooses others, `CRASH_WORKERS` is how many go on side by side, each with a
//! server of its own (2), and `CRASH_VERBOSE` says what each was.

mod proxy;
mod server;
mod stage;

use proxy::{Cut, Proxy};
use server::Server;
use stage::{Begin, Stage, World};
use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Who dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Process,
    Postgres,
}

/// Where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// At a place of the program, the n-th time.
    Place(String, usize),
    /// Before the n-th COMMIT reaches the server, or after the server has done it and before its answer arrives.
    Commit(usize, Cut),
    /// After so many milliseconds.
    After(u64),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Crash {
    begin: Begin,
    moment: Moment,
    victim: Victim,
    /// As a role that owns its schemas and may not keep triggers quiet otherwise than by disabling them.
    plain: bool,
}

/// A generator of numbers that need not be good, but the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end.max(1) as u64).expect("a small number")
    }
}

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn killed_anywhere_it_ends_the_same() {
    let Some(first) = Server::start() else {
        eprintln!("NOT RUN: no PostgreSQL server programs were found");
        return;
    };
    let (runs, seed) = (number("CRASH_RUNS", 30), number("CRASH_SEED", 1));
    let begun = Instant::now();
    let stage = Stage::prepare(&first);
    let crashes = plan(&stage, &first, runs, seed);
    let mut servers = vec![first];
    while servers.len() < number("CRASH_WORKERS", 2).max(1) {
        let server = Server::start().expect("one more server");
        stage.copy_to(&servers[0], &server);
        servers.push(server);
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let counts: Mutex<BTreeMap<String, usize>> = Mutex::default();
    thread::scope(|scope| {
        for server in &servers {
            let (stage, crashes, next, failed, counts) = (&stage, &crashes, &next, &failed, &counts);
            scope.spawn(move || {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    let Some(crash) = crashes.get(nth) else { break };
                    let at = Instant::now();
                    // One that fails says so; the others show whether it is alone.
                    let hit = match catch_unwind(AssertUnwindSafe(|| run(stage, server, nth, crash))) {
                        Ok(hit) => hit,
                        Err(_) => {
                            failed.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                    };
                    if std::env::var_os("CRASH_VERBOSE").is_some() {
                        println!("{:.1} s {crash:?} {hit}", at.elapsed().as_secs_f64());
                    }
                    let what = match &crash.moment {
                        Moment::Place(place, _) => place.clone(),
                        Moment::Commit(_, cut) => format!("commit: {cut:?}"),
                        Moment::After(_) => "at a random moment".to_owned(),
                    };
                    let what = format!("{:?} killed, {what}{}", crash.victim, if hit { "" } else { ": NOT REACHED" });
                    *counts.lock().expect("no panic").entry(what).or_default() += 1;
                }
            });
        }
    });
    let counts = counts.into_inner().expect("no panic");
    for (what, count) in &counts {
        println!("{count:>4} × {what}");
    }
    let missed: usize = counts.iter().filter(|(what, _)| what.contains("NOT REACHED")).map(|(_, n)| n).sum();
    let failed = failed.into_inner();
    println!(
        "{} runs with seed {seed} in {:.0} s, {missed} of them ended before the moment came; {} ended with the source's rows",
        crashes.len(),
        begun.elapsed().as_secs_f64(),
        crashes.len() - failed
    );
    assert_eq!(failed, 0, "runs failed, see above");
    // A crash that never comes shows nothing.
    assert!(missed * 4 <= crashes.len(), "{missed} of {} crashes did not happen", crashes.len());
}

/// Which crashes: first each place once for each victim, then the others by dice.
fn plan(stage: &Stage, server: &Server, runs: usize, seed: usize) -> Vec<Crash> {
    let mut all = Vec::new();
    let mut dice = Dice(seed as u64);
    let mut lasting = BTreeMap::new();
    for begin in [Begin::Loaded, Begin::Empty] {
        // This role comes by every place; the superuser passes over those of triggers and foreign keys.
        let (places, commits, took) = stage.trace(server, begin, true);
        lasting.insert(begin, usize::try_from(took.as_millis()).expect("not so long"));
        let names: BTreeSet<&String> = places.iter().collect();
        for name in names {
            let times = places.iter().filter(|p| *p == name).count();
            for nth in BTreeSet::from([1, 1 + dice.below(times), times]) {
                let plain = name.starts_with("take down") || name.starts_with("put back") || dice.below(2) == 0;
                all.push((begin, Moment::Place(name.clone(), nth), plain));
            }
        }
        for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
            for nth in 1..=commits {
                all.push((begin, Moment::Commit(nth, cut), dice.below(2) == 0));
            }
        }
    }
    let mut seen = BTreeSet::new();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for (begin, moment, plain) in all {
        for victim in [Victim::Process, Victim::Postgres] {
            let crash = Crash { begin, moment: moment.clone(), victim, plain };
            let place = match &moment {
                Moment::Place(name, _) => name.clone(),
                Moment::Commit(nth, cut) => format!("{cut:?} {}", nth % 2),
                Moment::After(_) => String::new(),
            };
            if seen.insert((begin, place, victim)) { first.push(crash) } else { rest.push(crash) }
        }
    }
    let mut crashes: Vec<Crash> = Vec::new();
    // Where not all can be had, some of them, other ones for another seed; a load takes longer than the rest, so it has fewer.
    while crashes.len() < runs && !first.is_empty() {
        let mut choice = dice.below(first.len());
        if first[choice].begin == Begin::Empty {
            choice = dice.below(first.len());
        }
        crashes.push(first.swap_remove(choice));
        if crashes.len() % 6 == 5 && crashes.len() < runs {
            crashes.push(random(&mut dice, &lasting));
        }
    }
    while crashes.len() < runs {
        crashes.push(match dice.below(2) {
            0 if !rest.is_empty() => rest.swap_remove(dice.below(rest.len())),
            _ => random(&mut dice, &lasting),
        });
    }
    crashes
}

fn random(dice: &mut Dice, lasting: &BTreeMap<Begin, usize>) -> Crash {
    let begin = [Begin::Loaded, Begin::Loaded, Begin::Loaded, Begin::Empty][dice.below(4)];
    let victim = [Victim::Process, Victim::Postgres][dice.below(2)];
    // Traced, it takes longer.
    let after = dice.below(lasting[&begin] * 2 / 3) as u64;
    Crash { begin, moment: Moment::After(after), victim, plain: dice.below(2) == 0 }
}

/// One crash and what comes after it. Whether the crash happened.
fn run(stage: &Stage, server: &Server, nth: usize, crash: &Crash) -> bool {
    let world = World::new(stage, server, nth, crash.begin, crash.plain);
    let hit = crash_once(&world, server, crash);
    // Every third time once more, soon after it was started again.
    if nth % 3 == 2 {
        let again = Crash { moment: Moment::After(150 + (nth as u64 * 97) % 900), begin: crash.begin, ..*crash };
        crash_once(&world, server, &again);
    }
    world.carry_on();
    world.assert_model(&format!("run {nth}, {crash:?}"));
    hit
}

fn crash_once(world: &World<'_>, server: &Server, crash: &Crash) -> bool {
    let mut command = world.command(crash.begin);
    let mut proxy = None;
    match &crash.moment {
        Moment::Place(place, times) => {
            command.env("FAILPOINT", format!("{place}#{times}")).env("FAILPOINT_DIR", world.path("points"));
        }
        Moment::Commit(times, cut) => {
            let listening = Proxy::start(server.port, *cut, *times);
            command.env("DATABASE_URL", world.url_at(listening.port));
            proxy = Some(listening);
        }
        Moment::After(_) => {}
    }
    let mut child = command.spawn().expect("migrate starts");
    let begun = Instant::now();
    let is_there = |world: &World<'_>| match &crash.moment {
        Moment::Place(..) => world.path("points/reached").exists(),
        Moment::Commit(..) => proxy.as_ref().is_some_and(Proxy::has_cut),
        Moment::After(ms) => begun.elapsed() >= Duration::from_millis(*ms),
    };
    let mut asked = Instant::now();
    let hit = loop {
        if is_there(world) {
            break true;
        }
        if child.try_wait().expect("a child").is_some() {
            break false;
        }
        if begun.elapsed() > Duration::from_secs(60) {
            let _ = child.kill();
            panic!("{crash:?} hangs: {}", world.log());
        }
        // A load that is through has nothing more to show here. Asking costs a connection.
        if crash.begin == Begin::Empty && asked.elapsed() > Duration::from_millis(300) {
            if !matches!(crash.moment, Moment::After(_)) && world.is_loaded() && !is_there(world) {
                break false;
            }
            asked = Instant::now();
        }
        thread::sleep(Duration::from_millis(3));
    };
    if hit && crash.victim == Victim::Postgres {
        server.kill();
        world.go();
        // What it holds back goes nowhere any more.
        drop(proxy.take());
        server.restart();
        // It ends with an error, or finds the server again and goes on.
        let waiting = Instant::now();
        let patience = Duration::from_millis(if crash.begin == Begin::Empty { 700 } else { 20_000 });
        while child.try_wait().expect("a child").is_none() && waiting.elapsed() < patience {
            thread::sleep(Duration::from_millis(5));
        }
    }
    let _ = child.kill();
    child.wait().expect("it is dead");
    // The server sees the connections end, as it does when a process dies.
    drop(proxy);
    world.clear_points();
    assert!(!world.log().contains("panicked"), "{crash:?}: {}", world.log());
    hit
}
