//! What work costs: units of a few minutes, always as a range.

use crate::construct::{CONSTRUCTS, Found};
use crate::report::{Kind, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::{Add, AddAssign, Mul};

/// From a low to a high figure.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Range {
    /// Where all goes well.
    pub low: f64,
    /// Where it does not.
    pub high: f64,
}

impl Range {
    /// From `low` to `high`.
    pub const fn new(low: f64, high: f64) -> Self {
        Range { low, high }
    }
}

impl Add for Range {
    type Output = Range;

    fn add(self, other: Range) -> Range {
        Range { low: self.low + other.low, high: self.high + other.high }
    }
}

impl AddAssign for Range {
    fn add_assign(&mut self, other: Range) {
        *self = *self + other;
    }
}

impl Mul<f64> for Range {
    type Output = Range;

    fn mul(self, factor: f64) -> Range {
        Range { low: self.low * factor, high: self.high * factor }
    }
}

/// What an object of a kind costs, by what becomes of it, in units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prices {
    /// It converts: somebody looks at it.
    pub converts: Range,
    /// It converts with a difference: somebody decides whether that matters.
    pub check: Range,
    /// It does not convert: somebody writes and tests it. For stored code and views, what is in the text is added.
    pub by_hand: Range,
}

/// The figures behind an estimate. All may be changed; the unit and the working day are those that the field is used to.
///
/// The cost of an object is the price of its kind and verdict. For stored code and views that a person has to write
/// anew, two things come on top: [`thousand_characters`](CostModel::thousand_characters) for each thousand characters
/// of code (blanks and comments do not count), and for every [`Construct`](crate::Construct) its units for the first
/// time and a [share](CostModel::repeated) of them for each further time in the same object.
///
/// The estimate is of the schema and the stored code. It knows nothing of the application, the size of the data or
/// the people.
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
    pub thousand_characters: Range,
    /// What a construct costs when it comes again in the same object, as a share of its first time.
    pub repeated: f64,
    /// Units of constructs, by name, where they differ from [`CONSTRUCTS`].
    pub constructs: BTreeMap<String, Range>,
    /// Person-days from which on a migration with stored code is of level C.
    pub level_c_days: f64,
}

/// What one object costs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// The sum, in units.
    pub units: Range,
    /// Of what, in the order in which it is counted.
    pub items: Vec<CostItem>,
}

/// A part of a cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostItem {
    /// What it is for: the name of a [`Construct`](crate::Construct), or what else the model counts.
    pub name: String,
    /// How often.
    pub count: u32,
    /// In units, for all of them.
    pub units: Range,
}

/// The whole cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// In units.
    pub units: Range,
    /// In person-days.
    pub days: Range,
    /// Minutes of a unit, from the model.
    pub unit_minutes: f64,
    /// Minutes of a working day, from the model.
    pub day_minutes: f64,
}

impl Default for CostModel {
    fn default() -> Self {
        let prices = |converts: (f64, f64), check: (f64, f64), by_hand: (f64, f64)| Prices {
            converts: Range::new(converts.0, converts.1),
            check: Range::new(check.0, check.1),
            by_hand: Range::new(by_hand.0, by_hand.1),
        };
        let small = prices((0.05, 0.1), (0.2, 0.5), (0.5, 2.0));
        let code = |low, high| prices((0.5, 2.0), (2.0, 4.0), (low, high));
        CostModel {
            unit_minutes: 5.0,
            day_minutes: 420.0,
            prices: BTreeMap::from([
                (Kind::Table, prices((0.1, 0.2), (0.5, 1.0), (2.0, 6.0))),
                (Kind::Constraint, small),
                (Kind::Index, small),
                (Kind::Sequence, small),
                (Kind::Synonym, prices((0.05, 0.1), (0.1, 0.2), (0.2, 0.5))),
                (Kind::View, prices((0.2, 0.5), (1.0, 2.0), (2.0, 4.0))),
                (Kind::Procedure, code(3.0, 6.0)),
                (Kind::Function, code(3.0, 6.0)),
                (Kind::Trigger, code(3.0, 6.0)),
                (Kind::Package, code(1.0, 3.0)),
                (Kind::PackageBody, code(6.0, 12.0)),
                (Kind::Type, code(2.0, 6.0)),
                (Kind::TypeBody, code(6.0, 12.0)),
            ]),
            thousand_characters: Range::new(2.0, 5.0),
            repeated: 0.25,
            constructs: BTreeMap::new(),
            level_c_days: 10.0,
        }
    }
}

impl CostModel {
    /// The cost of one object; `code` is what was found in its text.
    pub(crate) fn cost(&self, kind: Kind, verdict: Verdict, code: Option<&Found>) -> Cost {
        let Some(prices) = self.prices.get(&kind) else { return Cost::default() };
        let (what, units) = match verdict {
            Verdict::Converts => ("look at it", prices.converts),
            Verdict::Covered => return Cost::default(),
            Verdict::Check => ("check the difference", prices.check),
            Verdict::ByHand | Verdict::Unknown => ("write and test it", prices.by_hand),
        };
        let mut cost = Cost::default();
        cost.add(what.to_owned(), 1, units);
        if let Some(found) = code.filter(|_| matches!(verdict, Verdict::ByHand | Verdict::Unknown)) {
            let thousands = u32::try_from(found.characters.div_ceil(1000)).unwrap_or(u32::MAX);
            cost.add(
                "thousand characters of code".to_owned(),
                thousands,
                self.thousand_characters * f64::from(thousands),
            );
            for &(construct, count) in &found.counts {
                let construct = &CONSTRUCTS[construct];
                let units = self.constructs.get(construct.name).copied().unwrap_or(construct.units);
                let times = 1.0 + self.repeated * f64::from(count.saturating_sub(1));
                cost.add(construct.name.to_owned(), count, units * times);
            }
        }
        cost
    }

    pub(crate) fn estimate(&self, units: Range) -> Estimate {
        let (unit_minutes, day_minutes) = (self.unit_minutes, self.day_minutes);
        Estimate { units, days: units * (unit_minutes / day_minutes), unit_minutes, day_minutes }
    }
}

impl Cost {
    fn add(&mut self, name: String, count: u32, units: Range) {
        self.units += units;
        self.items.push(CostItem { name, count, units });
    }
}
