//! Dates, timestamps and intervals.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    ast::Node,
    compat::Helper,
    scope::Kind,
    translate::{Piece, Shape, Translated},
};

impl Call<'_> {
    pub(super) fn round_trunc_date(self, piece: &Piece) -> Translated {
        let model = match self.node(1) {
            None => "DD".to_owned(),
            Some(Node::Text(model)) => model.to_ascii_uppercase(),
            Some(_) => return self.refuse(format!("{} of a date is converted with a literal format only", self.name)),
        };
        let unit = match model.as_str() {
            "DD" | "DDD" | "J" => "day",
            "MM" | "MON" | "MONTH" | "RM" => "month",
            "YYYY" | "YEAR" | "YYY" | "YY" | "Y" | "SYYYY" | "SYEAR" => "year",
            "Q" => "quarter",
            "IW" => "week",
            "HH" | "HH12" | "HH24" => "hour",
            "MI" => "minute",
            "CC" | "SCC" => "century",
            // Weeks that begin on the weekday of the year's or the month's first day.
            "WW" => "DOY",
            "W" => "DAY",
            other => return self.refuse(format!("{} of a date to {other} is not converted", self.name)),
        };
        let date = match piece.kind {
            Kind::TimestampTz if self.t.place.immutable => {
                return self.refuse("this depends on the session's zone");
            }
            Kind::TimestampTz => format!("CAST({} AS timestamp)", piece.sql),
            _ => piece.sql.clone(),
        };
        let sql = match (self.name, unit) {
            ("TRUNC", "DOY" | "DAY") => format!(
                "date_trunc('day', {date}) - (CAST(EXTRACT({unit} FROM {date}) AS integer) - 1) % 7 * INTERVAL '1 day'"
            ),
            ("TRUNC", _) => format!("date_trunc('{unit}', {date})"),
            ("ROUND", "day") => format!("date_trunc('day', {date} + INTERVAL '12 hours')"),
            ("ROUND", "hour") => format!("date_trunc('hour', {date} + INTERVAL '30 minutes')"),
            ("ROUND", "minute") => format!("date_trunc('minute', {date} + INTERVAL '30 seconds')"),
            // From the sixteenth of a month, and from the first of July.
            ("ROUND", "month") => format!("date_trunc('month', {date} + INTERVAL '16 days')"),
            // From the sixteenth of its second month.
            ("ROUND", "quarter") => format!(
                "CASE WHEN {date} >= date_trunc('quarter', {date}) + INTERVAL '1 month 15 days' THEN date_trunc('quarter', {date}) + INTERVAL '3 months' ELSE date_trunc('quarter', {date}) END"
            ),
            ("ROUND", "year") => format!("date_trunc('year', {date} + INTERVAL '6 months')"),
            (name, unit) => return self.refuse(format!("{name} of a date to the {unit} is not converted")),
        };
        if matches!((self.name, unit), ("TRUNC", "DOY" | "DAY")) {
            return Ok(Piece::new(sql, Kind::Date, piece.nullable, Shape::Operator));
        }
        if (self.name, unit) == ("ROUND", "month") {
            // In February the sixteenth and 16 days more is March in any case, in the others it is not before.
            let sql = format!(
                "CASE WHEN EXTRACT(DAY FROM {date}) >= 16 THEN date_trunc('month', {date}) + INTERVAL '1 month' ELSE date_trunc('month', {date}) END"
            );
            return Ok(Piece::atom(sql, Kind::Date, piece.nullable));
        }
        Ok(Piece::atom(sql, Kind::Date, piece.nullable))
    }

    pub(super) fn months(self) -> Translated {
        let date = |position: usize| -> Translated {
            let piece = self.piece(position)?;
            if !piece.kind.is_moment() {
                return self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun()));
            }
            if piece.kind == Kind::TimestampTz && self.t.place.immutable {
                return self.refuse("this depends on the session's zone");
            }
            Ok(self.t.dated(&piece))
        };
        match self.name {
            "ADD_MONTHS" => {
                self.count(2, 2)?;
                let (date, months) = (date(0)?, self.integer(1)?);
                let sql = format!("{}({}, {})", self.t.helper(Helper::AddMonths), date.sql, months.sql);
                Ok(Piece::atom(sql, Kind::Date, date.nullable || months.nullable))
            }
            "MONTHS_BETWEEN" => {
                self.count(2, 2)?;
                let (later, earlier) = (date(0)?, date(1)?);
                let sql = format!("{}({}, {})", self.t.helper(Helper::MonthsBetween), later.sql, earlier.sql);
                Ok(Piece::atom(sql, Kind::Numeric, later.nullable || earlier.nullable))
            }
            "LAST_DAY" => {
                self.count(1, 1)?;
                let date = date(0)?;
                Ok(Piece::atom(format!("{}({})", self.t.helper(Helper::LastDay), date.sql), Kind::Date, date.nullable))
            }
            _ => {
                self.count(2, 2)?;
                let Some(day) = self.text_literal(1) else {
                    return self.refuse("NEXT_DAY is converted with the name of a day that is a literal only");
                };
                self.t.note("names of days are English, whatever the session says");
                let date = date(0)?;
                let sql = format!("{}({}, {})", self.t.helper(Helper::NextDay), date.sql, pg_literal(day));
                Ok(Piece::atom(sql, Kind::Date, date.nullable))
            }
        }
    }

    /// A text of Oracle's form or of ISO 8601: PostgreSQL understands both.
    pub(super) fn to_interval(self) -> Translated {
        self.count(1, 1)?;
        let kind = if self.name == "TO_YMINTERVAL" { Kind::IntervalYm } else { Kind::IntervalDs };
        let text = self.text(0)?;
        Ok(Piece::atom(format!("CAST({} AS interval)", text.sql), kind, text.nullable))
    }

    pub(super) fn at_its_zone(self) -> Translated {
        self.count(2, 2)?;
        let moment = self.piece(0)?;
        if !matches!(moment.kind, Kind::Timestamp | Kind::Date) || self.t.place.immutable {
            return self.refuse(format!("FROM_TZ of {} is not converted here", moment.kind.noun()));
        }
        let zone = self.t.zone(&self.arguments[1].value)?;
        let nullable = moment.nullable;
        Ok(Piece::atom(format!("({} AT TIME ZONE {zone})", moment.operand()), Kind::TimestampTz, nullable))
    }

    pub(super) fn utc(self) -> Translated {
        self.count(1, 1)?;
        let moment = self.piece(0)?;
        if moment.kind != Kind::TimestampTz || self.t.place.immutable {
            return self.refuse(format!("SYS_EXTRACT_UTC of {} is not converted here", moment.kind.noun()));
        }
        let nullable = moment.nullable;
        Ok(Piece::atom(format!("({} AT TIME ZONE 'UTC')", moment.operand()), Kind::Timestamp, nullable))
    }

    pub(super) fn num_to_interval(self) -> Translated {
        self.count(2, 2)?;
        let number = self.number(0)?;
        let unit = self.text_literal(1).map(str::to_ascii_uppercase).unwrap_or_default();
        let (unit, kind) = match unit.as_str() {
            "DAY" => ("1 day", Kind::IntervalDs),
            "HOUR" => ("1 hour", Kind::IntervalDs),
            "MINUTE" => ("1 minute", Kind::IntervalDs),
            "SECOND" => ("1 second", Kind::IntervalDs),
            "MONTH" => ("1 month", Kind::IntervalYm),
            "YEAR" => ("1 year", Kind::IntervalYm),
            _ => return self.refuse(format!("{} is converted with a literal unit only", self.name)),
        };
        Ok(Piece::new(format!("{} * INTERVAL '{unit}'", number.operand()), kind, number.nullable, Shape::Operator))
    }
}
