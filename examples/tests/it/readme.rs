//! The README says of the configuration what the program reads.

use examples::config::{Config, Follow, Load, OnBadValue};
use std::{collections::BTreeSet, fs};

const README: &str = include_str!("../../README.md");

fn configuration() -> &'static str {
    let (_, rest) = README.split_once("```toml\n").expect("a configuration");
    rest.split_once("```").expect("its end").0
}

#[test]
fn the_configuration_is_valid_and_shows_the_defaults() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("migrate.toml");
    fs::write(&path, configuration()).expect("a configuration");
    let all = Config::read(&path).expect("the README's configuration");
    let smallest = "[source]\nconnect = \"x\"\nuser = \"y\"\n[schemas]\nHR = \"hr\"\n";
    fs::write(&path, smallest).expect("a configuration");
    let least = Config::read(&path).expect("the smallest configuration");
    assert_eq!(all.control_schema, least.control_schema);
    assert_eq!(all.source.password, least.source.password);
    assert_eq!(all.source.call_timeout_s, least.source.call_timeout_s);
    let load = |load: &Load| (load.workers, load.chunk_mb, load.on_bad_value);
    assert_eq!(load(&all.load), load(&least.load));
    assert_eq!(all.load.on_bad_value, OnBadValue::Abort);
    let follow = |f: &Follow| {
        (f.idle_ms, f.settle_ms, f.flush_ms, f.batch_transactions, f.batch_changes, f.batch_ms, f.ready_lag_s)
    };
    assert_eq!(follow(&all.follow), follow(&least.follow));
    assert_eq!((all.follow.memory_mb, &all.follow.allow), (least.follow.memory_mb, &least.follow.allow));
    assert_eq!((all.follow.synchronous_commit, all.follow.conflicts), (true, least.follow.conflicts));
    assert!(!all.follow.table_conflicts.is_empty() && least.follow.table_conflicts.is_empty());
    assert!(all.follow.spill_folder.is_some() && least.follow.spill_folder.is_none());
}

#[test]
fn every_key_is_there() {
    let shown: BTreeSet<&str> = configuration()
        .lines()
        .flat_map(|line| line.split('#').next().unwrap_or_default().split(['[', ']', '.', ' ', '=']))
        .collect();
    let source = include_str!("../../src/config.rs");
    let mut fields = 0;
    for (at, line) in source.lines().enumerate() {
        let skipped = at > 0 && source.lines().nth(at - 1).is_some_and(|before| before.contains("serde(skip)"));
        let field = line.strip_prefix("    pub ").and_then(|rest| rest.split_once(": ")).map(|(name, _)| name);
        if let Some(name) = field.filter(|name| !skipped && !name.contains('(')) {
            fields += 1;
            assert!(shown.contains(name), "the README does not show the key {name}");
        }
    }
    assert!(fields > 20, "{fields} fields found");
}

#[test]
fn every_sub_command_is_there() {
    let help =
        std::process::Command::new(env!("CARGO_BIN_EXE_migrate")).arg("--help").output().expect("migrate starts");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        assert!(README.contains(&format!("| `migrate {command}")), "{command}");
    }
}
