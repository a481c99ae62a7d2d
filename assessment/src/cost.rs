//! What work costs: units of a few minutes, always from a low over an expected to a high figure.

use crate::{Kind, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};

/// Three figures for one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Effort {
    /// Where all goes well.
    pub low: f64,
    /// What to plan with.
    pub expected: f64,
    /// Where it does not.
    pub high: f64,
}

impl Effort {
    /// Nothing to do.
    pub const NONE: Effort = Effort::new(0.0, 0.0, 0.0);

    /// The three figures, the lowest first.
    pub const fn new(low: f64, expected: f64, high: f64) -> Self {
        Effort { low, expected, high }
    }

    /// Whether there is nothing to do.
    pub fn is_none(self) -> bool {
        self.high == 0.0
    }
}

impl Add for Effort {
    type Output = Effort;

    fn add(self, other: Effort) -> Effort {
        Effort { low: self.low + other.low, expected: self.expected + other.expected, high: self.high + other.high }
    }
}

impl AddAssign for Effort {
    fn add_assign(&mut self, other: Effort) {
        *self = *self + other;
    }
}

impl Mul<f64> for Effort {
    type Output = Effort;

    fn mul(self, factor: f64) -> Effort {
        Effort { low: self.low * factor, expected: self.expected * factor, high: self.high * factor }
    }
}

impl Sum for Effort {
    fn sum<I: Iterator<Item = Effort>>(efforts: I) -> Effort {
        efforts.fold(Effort::NONE, Add::add)
    }
}

/// What an object of a kind costs, by what becomes of it, in units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// It converts: somebody looks at it.
    pub converts: Effort,
    /// It converts with a difference: somebody decides whether that matters.
    pub changed: Effort,
    /// It does not convert, or there is nothing like it: somebody writes it, or what takes its place. For stored code and
    /// views, what is in the text is added.
    pub by_hand: Effort,
}

/// The figures behind an estimate. All may be changed; the unit and the working day are those that the field is used to.
///
/// The cost of an object is the sum of:
///
/// 1. the [price](CostModel::prices) of its kind and verdict;
/// 2. for stored code and views that a person has to write, [`thousand_characters`](CostModel::thousand_characters) for
///    each thousand characters of code and part of one, blanks and comments not counted;
/// 3. for every [`Rule`](crate::Rule) that finds something in it, the rule's units for the first time and a
///    [share](CostModel::repeated) of them for each further time in the same object;
/// 4. [`test_share`](CostModel::test_share) of 1 to 3, for tests of what a person wrote.
///
/// Findings about the whole database cost their rules' units once each. The estimate is of the schema and the stored code, and of
/// decisions about the data. It knows nothing of the application or the people.
///
/// ```
/// use assessment::{CostModel, Effort, Kind};
///
/// let mut model = CostModel::default();
/// model.team = 3;
/// model.rules.insert("code.dblink".to_owned(), Effort::new(0.5, 1.0, 2.0));
/// assert_eq!(model.prices[&Kind::Sequence].converts, Effort::new(0.05, 0.1, 0.2));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostModel {
    /// Minutes of a unit.
    pub unit_minutes: f64,
    /// Minutes of a working day.
    pub day_minutes: f64,
    /// By kind. A kind that is not here costs nothing.
    pub prices: BTreeMap<Kind, Prices>,
    /// Units for each thousand characters of code that a person has to write anew.
    pub thousand_characters: Effort,
    /// What a rule costs when it comes again in the same object, as a share of its first time.
    pub repeated: f64,
    /// Units of rules, by their ids, where they differ from the rules' own.
    pub rules: BTreeMap<String, Effort>,
    /// Effort for tests of what a person writes, as a share of writing it. 0 where others test.
    pub test_share: f64,
    /// People who work on it at the same time, at least 1.
    pub team: u32,
    /// What each further person costs all in talking to each other: 0.05 makes three people as fast as 2.7.
    pub coordination: f64,
    /// Person-days from which on a migration with stored code is of level C.
    pub level_c_days: f64,
    /// MB a second at which rows are loaded, for the estimate of the load's duration.
    pub load_mb_per_second: f64,
    /// MB a second of redo that LogMiner gets through, for whether it keeps up.
    pub mine_mb_per_second: f64,
}

/// What one object costs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The sum, in units.
    pub units: Effort,
    /// Of what, in the order in which it is counted.
    pub items: Vec<CostItem>,
}

/// A part of a cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CostItem {
    /// What it is for: the id of a rule, or `base`, `size`, `test`.
    pub what: String,
    /// In words.
    pub name: String,
    /// How often.
    pub count: usize,
    /// In units, for all of them.
    pub units: Effort,
}

/// The whole cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// In units.
    pub units: Effort,
    /// In person-days.
    pub days: Effort,
    /// Working days from the first to the last, for the team: never less than the longest chain of objects that wait for each
    /// other.
    pub calendar_days: Effort,
    /// What is not of a single object, in units: decisions about the whole database.
    pub database: Cost,
    /// Minutes of a unit, from the model.
    pub unit_minutes: f64,
    /// Minutes of a working day, from the model.
    pub day_minutes: f64,
    /// People, from the model.
    pub team: u32,
    /// The share of tests, from the model.
    pub test_share: f64,
    /// How the figures come about, a sentence each.
    pub explanation: Vec<String>,
}

impl Default for CostModel {
    fn default() -> Self {
        let effort = |(low, expected, high): (f64, f64, f64)| Effort { low, expected, high };
        let prices = |converts, changed, by_hand| Prices {
            converts: effort(converts),
            changed: effort(changed),
            by_hand: effort(by_hand),
        };
        let small = prices((0.05, 0.1, 0.2), (0.2, 0.3, 0.5), (0.5, 1.0, 2.0));
        let code = |by_hand| prices((0.5, 1.0, 2.0), (2.0, 3.0, 4.0), by_hand);
        let other = |by_hand| prices((0.1, 0.2, 0.5), (0.5, 1.0, 2.0), by_hand);
        CostModel {
            unit_minutes: 5.0,
            day_minutes: 420.0,
            prices: BTreeMap::from([
                (Kind::Table, prices((0.1, 0.1, 0.2), (0.5, 0.7, 1.0), (2.0, 4.0, 6.0))),
                (Kind::Constraint, small),
                (Kind::Index, small),
                (Kind::Sequence, small),
                (Kind::Grant, prices((0.0, 0.0, 0.1), (0.1, 0.1, 0.2), (0.1, 0.2, 0.5))),
                (Kind::Synonym, prices((0.05, 0.1, 0.1), (0.1, 0.1, 0.2), (0.2, 0.3, 0.5))),
                (Kind::View, prices((0.2, 0.3, 0.5), (1.0, 1.5, 2.0), (2.0, 3.0, 4.0))),
                (Kind::MaterializedView, prices((0.5, 0.7, 1.0), (1.0, 2.0, 3.0), (3.0, 5.0, 8.0))),
                (Kind::Procedure, code((3.0, 4.0, 6.0))),
                (Kind::Function, code((3.0, 4.0, 6.0))),
                (Kind::Trigger, code((3.0, 4.0, 6.0))),
                (Kind::Package, code((1.0, 2.0, 3.0))),
                (Kind::PackageBody, code((6.0, 8.0, 12.0))),
                (Kind::Type, code((2.0, 4.0, 6.0))),
                (Kind::TypeBody, code((6.0, 8.0, 12.0))),
                (Kind::Job, other((2.0, 4.0, 8.0))),
                (Kind::DatabaseLink, other((4.0, 8.0, 24.0))),
                (Kind::Queue, other((12.0, 24.0, 60.0))),
                (Kind::Policy, other((4.0, 8.0, 16.0))),
                (Kind::Context, other((2.0, 4.0, 8.0))),
                (Kind::Directory, other((1.0, 2.0, 6.0))),
                (Kind::Library, other((24.0, 48.0, 120.0))),
                (Kind::JavaSource, other((24.0, 60.0, 160.0))),
                (Kind::Operator, other((8.0, 16.0, 40.0))),
                (Kind::Cluster, other((0.2, 0.5, 1.0))),
                (Kind::Dimension, other((0.2, 0.5, 1.0))),
                (Kind::Other, other((1.0, 3.0, 8.0))),
            ]),
            thousand_characters: Effort::new(2.0, 3.0, 5.0),
            repeated: 0.25,
            rules: BTreeMap::new(),
            test_share: 0.4,
            team: 1,
            coordination: 0.05,
            level_c_days: 10.0,
            load_mb_per_second: 20.0,
            mine_mb_per_second: 20.0,
        }
    }
}

/// What a rule found in an object, for its cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit<'r> {
    pub(crate) rule: &'r crate::Rule,
    pub(crate) count: usize,
}

impl CostModel {
    /// What is wrong with the figures, where anything is: what would make an estimate without meaning.
    pub fn check(&self) -> Result<(), String> {
        let positive = [("unit_minutes", self.unit_minutes), ("day_minutes", self.day_minutes)];
        let rates = [("load_mb_per_second", self.load_mb_per_second), ("mine_mb_per_second", self.mine_mb_per_second)];
        for (name, value) in positive.into_iter().chain(rates) {
            if !(value.is_finite() && value > 0.0) {
                return Err(format!("{name} is {value}: it must be more than 0"));
            }
        }
        let shares =
            [("repeated", self.repeated), ("test_share", self.test_share), ("coordination", self.coordination)];
        for (name, value) in shares {
            if !(value.is_finite() && value >= 0.0) {
                return Err(format!("{name} is {value}: it must not be less than 0"));
            }
        }
        if self.team == 0 {
            return Err("team is 0: somebody must do it".to_owned());
        }
        let prices = self.prices.iter().flat_map(|(kind, p)| {
            [p.converts, p.changed, p.by_hand].map(|effort| (format!("prices of {}", kind.plural()), effort))
        });
        let rules = self.rules.iter().map(|(id, effort)| (format!("rules.{id}"), *effort));
        let size = ("thousand_characters".to_owned(), self.thousand_characters);
        for (name, effort) in prices.chain(rules).chain([size]) {
            let Effort { low, expected, high } = effort;
            if !(low >= 0.0 && low <= expected && expected <= high && high.is_finite()) {
                return Err(format!("{name}: low, expected and high must rise from 0: {low}, {expected}, {high}"));
            }
        }
        Ok(())
    }

    /// Units of a rule.
    pub(crate) fn of_rule(&self, rule: &crate::Rule) -> Effort {
        self.rules.get(rule.id.as_ref()).copied().unwrap_or(rule.units)
    }

    /// The cost of one object; `characters` are those of its code, where it has any.
    pub(crate) fn cost(&self, kind: Kind, verdict: Verdict, characters: usize, hits: &[Hit<'_>]) -> Cost {
        let mut cost = Cost::default();
        let prices = self.prices.get(&kind);
        let by_hand = matches!(verdict, Verdict::ByHand | Verdict::NoEquivalent | Verdict::Unknown);
        if let Some(prices) = prices {
            let (name, units) = match verdict {
                Verdict::Converts => ("look at it", prices.converts),
                Verdict::Covered => ("nothing to do", Effort::NONE),
                Verdict::Changed => ("decide whether the difference matters", prices.changed),
                Verdict::ByHand | Verdict::Unknown => ("write it", prices.by_hand),
                Verdict::NoEquivalent => ("build what takes its place", prices.by_hand),
            };
            if !units.is_none() {
                cost.add("base", name.to_owned(), 1, units);
            }
        }
        if by_hand && characters > 0 {
            let units = self.thousand_characters * (as_f64(characters) / 1000.0);
            cost.add("size", format!("{characters} characters of code"), 1, units);
        }
        self.add_hits(&mut cost, hits);
        if by_hand && self.test_share > 0.0 && !cost.units.is_none() {
            let units = cost.units * self.test_share;
            cost.add("test", format!("test it ({:.0} % of the above)", self.test_share * 100.0), 1, units);
        }
        cost
    }

    pub(crate) fn add_hits(&self, cost: &mut Cost, hits: &[Hit<'_>]) {
        for hit in hits {
            let units = self.of_rule(hit.rule);
            if hit.count > 0 && !units.is_none() {
                let times = 1.0 + self.repeated * as_f64(hit.count - 1);
                cost.add(&hit.rule.id, hit.rule.title.to_string(), hit.count, units * times);
            }
        }
    }

    /// The whole estimate; `chain` is the longest chain of objects that wait for each other, in units.
    pub(crate) fn estimate(&self, units: Effort, database: Cost, chain: Effort) -> Estimate {
        let per_day = self.unit_minutes / self.day_minutes;
        let team = f64::from(self.team.max(1));
        let speed = team / (1.0 + self.coordination * (team - 1.0));
        let shared = units * (per_day / speed);
        let longest = chain * per_day;
        let calendar_days = Effort {
            low: shared.low.max(longest.low),
            expected: shared.expected.max(longest.expected),
            high: shared.high.max(longest.high),
        };
        Estimate {
            units,
            days: units * per_day,
            calendar_days,
            database,
            unit_minutes: self.unit_minutes,
            day_minutes: self.day_minutes,
            team: self.team.max(1),
            test_share: self.test_share,
            explanation: self.explanation(),
        }
    }

    fn explanation(&self) -> Vec<String> {
        let three = |e: Effort| format!("{} / {} / {}", e.low, e.expected, e.high);
        vec![
            format!(
                "A unit is {} minutes and a day {}: {} units are a person-day.",
                self.unit_minutes,
                self.day_minutes,
                (self.day_minutes / self.unit_minutes).round()
            ),
            "base: each object costs by its kind and verdict: little where it converts, most where a person writes it."
                .to_owned(),
            format!(
                "size: each thousand characters that a person writes cost {} units (low / expected / high); blanks and comments do not count.",
                three(self.thousand_characters)
            ),
            format!(
                "rules: what a rule finds costs the rule's units the first time in an object, and {:.0} % of them each further time.",
                self.repeated * 100.0
            ),
            format!("test: {:.0} % of what a person writes, for testing it.", self.test_share * 100.0),
            format!(
                "calendar days: person-days by {} {}, each further one costing {:.0} % in coordination, and never less than the longest chain of objects that wait for each other.",
                self.team,
                if self.team == 1 { "person" } else { "people" },
                self.coordination * 100.0
            ),
            "Not in it: the application, the infrastructure, training, and running the migration itself.".to_owned(),
        ]
    }
}

impl Cost {
    fn add(&mut self, what: &str, name: String, count: usize, units: Effort) {
        self.units += units;
        self.items.push(CostItem { what: what.to_owned(), name, count, units });
    }
}

/// Counts of objects and characters are far below 2^32; beyond it the figure stays at that.
pub(crate) fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_figures_hold() {
        assert_eq!(CostModel::default().check(), Ok(()));
    }

    #[test]
    fn figures_without_meaning_are_refused() {
        let wrong = |change: fn(&mut CostModel)| {
            let mut model = CostModel::default();
            change(&mut model);
            model.check().unwrap_err()
        };
        assert!(wrong(|m| m.team = 0).contains("team"));
        assert!(wrong(|m| m.day_minutes = 0.0).contains("day_minutes"));
        assert!(wrong(|m| m.test_share = -1.0).contains("test_share"));
        assert!(wrong(|m| m.thousand_characters = Effort::new(3.0, 2.0, 4.0)).contains("thousand_characters"));
        let nan = wrong(|m| {
            m.rules.insert("x".to_owned(), Effort::new(f64::NAN, 1.0, 2.0));
        });
        assert!(nan.contains("rules.x"), "{nan}");
    }

    #[test]
    fn a_team_is_faster_but_not_than_the_longest_chain() {
        let days = |team, chain: f64| {
            let model = CostModel { team, ..CostModel::default() };
            let effort = |units| Effort::new(units, units, units);
            model.estimate(effort(840.0), Cost::default(), effort(chain)).calendar_days.expected
        };
        assert!((days(1, 84.0) - 10.0).abs() < 1e-9);
        assert!((days(2, 84.0) - 10.0 / (2.0 / 1.05)).abs() < 1e-9);
        assert!((days(2, 672.0) - 8.0).abs() < 1e-9);
    }
}
