use super::record::Record;
use crate::{Error, ErrorKind};

/// NLS parameters that every session has, as [`SET_NLS`](crate::sql::SET_NLS) sets them.
const EXPECTED: &[(&str, &str)] = &[
    ("NLS_CALENDAR", "GREGORIAN"),
    ("NLS_COMP", "BINARY"),
    ("NLS_DATE_FORMAT", "SYYYY-MM-DD HH24:MI:SS"),
    ("NLS_NUMERIC_CHARACTERS", ".,"),
    ("NLS_SORT", "BINARY"),
    ("NLS_TIMESTAMP_FORMAT", "SYYYY-MM-DD HH24:MI:SS.FF9"),
    ("NLS_TIMESTAMP_TZ_FORMAT", "SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM"),
];

/// The session's zone, as [`SET_TIME_ZONE`](crate::sql::SET_TIME_ZONE) sets it.
const ZONE: &str = "+00:00";

/// Compares what the session has, as rows of [`NLS`](crate::sql::session::NLS) and [`TIME_ZONE`](crate::sql::session::TIME_ZONE), with what it should have.
pub(super) fn check(parameters: &[Record], zone: Option<&str>) -> Result<(), Error> {
    let differs = |what: &str, found: Option<&str>, expected: &str| {
        Error::new(
            ErrorKind::Settings,
            format!(
                "the session's {what} is {} and not {expected:?}: something changed it after it was set; values would be read wrongly",
                found.map_or("not known".to_owned(), |found| format!("{found:?}"))
            ),
        )
    };
    for (name, expected) in EXPECTED {
        let found = parameters.iter().find(|row| row.get(0) == Some(name)).and_then(|row| row.get(1));
        if found != Some(*expected) {
            return Err(differs(name, found, expected));
        }
    }
    if zone != Some(ZONE) {
        return Err(differs("TIME_ZONE", zone, ZONE));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql;

    #[test]
    fn every_parameter_counts() {
        let rows = |change: Option<usize>| -> Vec<Record> {
            let value = |n: usize, value: &str| if change == Some(n) { "other".to_owned() } else { value.to_owned() };
            let row = |(n, (name, expected)): (usize, &(&str, &str))| Record {
                values: vec![Some((*name).to_owned()), Some(value(n, expected))],
            };
            EXPECTED.iter().enumerate().map(row).collect()
        };
        check(&rows(None), Some("+00:00")).unwrap();
        for (n, (name, _)) in EXPECTED.iter().enumerate() {
            let error = check(&rows(Some(n)), Some("+00:00")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Settings);
            assert!(error.to_string().contains(name), "{error}");
        }
        assert!(check(&rows(None), Some("+02:00")).unwrap_err().to_string().contains("TIME_ZONE"));
        assert!(check(&rows(None)[1..], Some("+00:00")).is_err());
    }

    #[test]
    fn what_is_set_is_what_is_expected() {
        for (name, value) in EXPECTED {
            assert!(sql::SET_NLS.contains(&format!("{name} = '{value}'")), "{name}");
        }
        assert!(sql::SET_TIME_ZONE.contains(ZONE));
    }
}
