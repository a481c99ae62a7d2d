//! Functions of our own for what PostgreSQL lacks, made in one schema and only where something uses them.

use crate::PgIdent;

/// A helper function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Helper {
    AddMonths,
    FirstNotNull,
    HexNumber,
    Instr,
    IsJson,
    LastDay,
    LastNotNull,
    MonthsBetween,
    NextDay,
    NumberFormat,
    NumberText,
    Percentile,
    ShortYear,
    Substr,
    DateText,
}

impl Helper {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Helper::AddMonths => "add_months",
            Helper::FirstNotNull => "first_not_null",
            Helper::HexNumber => "hex_number",
            Helper::Instr => "instr",
            Helper::IsJson => "is_json",
            Helper::LastDay => "last_day",
            Helper::LastNotNull => "last_not_null",
            Helper::MonthsBetween => "months_between",
            Helper::NextDay => "next_day",
            Helper::NumberFormat => "number_format",
            Helper::NumberText => "number_text",
            Helper::Percentile => "percentile",
            Helper::ShortYear => "short_year",
            Helper::Substr => "substr",
            Helper::DateText => "date_text",
        }
    }

    /// What it is for.
    pub(crate) fn purpose(self) -> &'static str {
        match self {
            Helper::AddMonths => "ADD_MONTHS: the last day of a month stays the last day",
            Helper::FirstNotNull => "FIRST_VALUE and LEAD with IGNORE NULLS",
            Helper::HexNumber => "TO_NUMBER of a text of hexadecimal digits",
            Helper::Instr => "INSTR with a position and an occurrence, from the end where the position is negative",
            Helper::IsJson => "IS JSON, which PostgreSQL has from version 16 on",
            Helper::LastDay => "LAST_DAY, which keeps the time of day",
            Helper::LastNotNull => "LAST_VALUE and LAG with IGNORE NULLS",
            Helper::MonthsBetween => "MONTHS_BETWEEN, by months of 31 days",
            Helper::NextDay => "NEXT_DAY, by English names of days",
            Helper::NumberFormat => "TO_CHAR of a number where the result must never change, as in generated columns",
            Helper::NumberText => "a number as text, as TO_CHAR without a format writes it",
            Helper::Percentile => "MEDIAN and PERCENTILE_CONT over a window",
            Helper::ShortYear => "years of two digits: YY is of this century, RR from 1950 to 2049",
            Helper::Substr => "SUBSTR from position 0 or from the end, and NULL where nothing is left",
            Helper::DateText => "TO_CHAR of a date where the result must never change, as in indexes",
        }
    }

    /// The statement that makes it.
    pub(crate) fn sql(self, schema: &PgIdent) -> String {
        let (signature, body) = match self {
            Helper::FirstNotNull => return of_not_nulls(self, schema, "$1"),
            Helper::LastNotNull => return of_not_nulls(self, schema, "$2"),
            Helper::HexNumber => (
                "(digits text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT",
                "DECLARE\n    \
                     number numeric := 0;\n    \
                     value integer;\n\
                 BEGIN\n    \
                     FOR place IN 1 .. length(digits) LOOP\n        \
                         value := strpos('0123456789ABCDEF', upper(substr(digits, place, 1))) - 1;\n        \
                         IF value < 0 THEN\n            \
                             RAISE EXCEPTION 'TO_NUMBER: % is no hexadecimal number', digits USING ERRCODE = '22P02';\n        \
                         END IF;\n        \
                         number := number * 16 + value;\n    \
                     END LOOP;\n    \
                     RETURN number;\n\
                 END",
            ),
            Helper::AddMonths => (
                "(moment timestamp, months integer) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT",
                "SELECT CASE WHEN date_trunc('day', moment) = date_trunc('month', moment) + INTERVAL '1 month' - INTERVAL '1 day'\n        \
                 THEN date_trunc('month', moment) + (months + 1) * INTERVAL '1 month' - INTERVAL '1 day' + (moment - date_trunc('day', moment))\n        \
                 ELSE moment + months * INTERVAL '1 month' END",
            ),
            Helper::Instr => (
                "(string text, part text, start integer DEFAULT 1, occurrence integer DEFAULT 1) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT",
                "DECLARE\n    \
                     place integer;\n    \
                     found integer := 0;\n\
                 BEGIN\n    \
                     IF occurrence < 1 THEN\n        \
                         RAISE EXCEPTION 'INSTR: occurrence % is out of range', occurrence USING ERRCODE = '22003';\n    \
                     END IF;\n    \
                     IF start = 0 OR part = '' THEN\n        \
                         RETURN CASE WHEN part = '' THEN NULL ELSE 0 END;\n    \
                     END IF;\n    \
                     place := CASE WHEN start > 0 THEN start ELSE length(string) + start + 1 END;\n    \
                     WHILE place BETWEEN 1 AND length(string) LOOP\n        \
                         IF substr(string, place, length(part)) = part THEN\n            \
                             found := found + 1;\n            \
                             IF found = occurrence THEN\n                \
                                 RETURN place;\n            \
                             END IF;\n        \
                         END IF;\n        \
                         place := place + CASE WHEN start > 0 THEN 1 ELSE -1 END;\n    \
                     END LOOP;\n    \
                     RETURN 0;\n\
                 END",
            ),
            Helper::IsJson => (
                "(document text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT",
                "BEGIN\n    \
                     PERFORM CAST(document AS json);\n    \
                     RETURN true;\n\
                 EXCEPTION WHEN invalid_text_representation THEN\n    \
                     RETURN false;\n\
                 END",
            ),
            Helper::LastDay => (
                "(moment timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT",
                "SELECT date_trunc('month', moment) + INTERVAL '1 month' - INTERVAL '1 day' + (moment - date_trunc('day', moment))",
            ),
            Helper::MonthsBetween => (
                "(later timestamp, earlier timestamp) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT",
                "SELECT CAST((EXTRACT(YEAR FROM later) - EXTRACT(YEAR FROM earlier)) * 12 + EXTRACT(MONTH FROM later) - EXTRACT(MONTH FROM earlier) AS numeric)\n        \
                 + CASE WHEN EXTRACT(DAY FROM later) = EXTRACT(DAY FROM earlier)\n            \
                          OR (date_trunc('day', later) = date_trunc('month', later) + INTERVAL '1 month' - INTERVAL '1 day'\n              \
                              AND date_trunc('day', earlier) = date_trunc('month', earlier) + INTERVAL '1 month' - INTERVAL '1 day')\n        \
                   THEN 0\n        \
                   ELSE CAST(EXTRACT(EPOCH FROM (later - date_trunc('month', later)) - (earlier - date_trunc('month', earlier))) AS numeric) / 2678400 END",
            ),
            Helper::NextDay => (
                "(moment timestamp, weekday text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT",
                "DECLARE\n    \
                     wanted integer := array_position(ARRAY['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'], upper(left(weekday, 3)));\n\
                 BEGIN\n    \
                     IF wanted IS NULL THEN\n        \
                         RAISE EXCEPTION 'NEXT_DAY: % is no day of the week', weekday USING ERRCODE = '22007';\n    \
                     END IF;\n    \
                     RETURN moment + (1 + (wanted - CAST(EXTRACT(ISODOW FROM moment) AS integer) + 6) % 7) * INTERVAL '1 day';\n\
                 END",
            ),
            Helper::NumberFormat => (
                "(number numeric, model text) RETURNS text LANGUAGE sql IMMUTABLE STRICT",
                "SELECT to_char(number, model)",
            ),
            Helper::NumberText => (
                "(number numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT",
                "SELECT regexp_replace(CAST(trim_scale(number) AS text), '^(-?)0[.]', '\\1.')",
            ),
            Helper::Substr => (
                "(string text, start integer, characters integer DEFAULT NULL) RETURNS text LANGUAGE sql IMMUTABLE",
                "SELECT NULLIF(CASE WHEN start < 0 AND -start > length(string) OR characters < 1 THEN NULL\n        \
                 WHEN characters IS NULL THEN substr(string, CASE WHEN start < 0 THEN length(string) + start + 1 ELSE greatest(start, 1) END)\n        \
                 ELSE substr(string, CASE WHEN start < 0 THEN length(string) + start + 1 ELSE greatest(start, 1) END, characters) END, '')",
            ),
            Helper::Percentile => (
                "(numbers numeric[], fraction numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT",
                "SELECT sorted[floor(place) + 1] + (place - floor(place)) * (sorted[ceil(place) + 1] - sorted[floor(place) + 1])\n\
                 FROM (SELECT array_agg(number ORDER BY number), fraction * (count(*) - 1) FROM unnest(numbers) AS n(number)) AS s(sorted, place)",
            ),
            Helper::ShortYear => (
                // PostgreSQL takes two digits for a year from 1970 to 2069.
                "(moment timestamp, model text) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT",
                "SELECT CASE WHEN model = 'YY' AND moment < DATE '2000-01-01' THEN moment + INTERVAL '100 years'\n        \
                 WHEN model = 'RR' AND moment >= DATE '2050-01-01' THEN moment - INTERVAL '100 years'\n        \
                 ELSE moment END",
            ),
            Helper::DateText => (
                "(moment timestamp, model text) RETURNS text LANGUAGE sql IMMUTABLE STRICT",
                "SELECT to_char(moment, model)",
            ),
        };
        format!(
            "CREATE OR REPLACE FUNCTION {}.{} {signature} AS $body$\n{body}\n$body$;",
            schema.quoted(),
            crate::PgIdent::new(self.name()).map(|n| n.quoted()).unwrap_or_default(),
        )
    }
}

/// An aggregate that keeps one of the values that are no NULL: strict, it is not even called for the others.
fn of_not_nulls(helper: Helper, schema: &PgIdent, kept: &str) -> String {
    let schema = schema.quoted();
    let (name, step) = (crate::ident::quoted(helper.name()), crate::ident::quoted(&format!("{}_step", helper.name())));
    format!(
        "CREATE OR REPLACE FUNCTION {schema}.{step}(anyelement, anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$\n\
         SELECT {kept}\n\
         $body$;\n\
         CREATE OR REPLACE AGGREGATE {schema}.{name}(anyelement) (SFUNC = {schema}.{step}, STYPE = anyelement, PARALLEL = SAFE);"
    )
}
