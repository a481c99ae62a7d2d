use super::{Owner, reader::Reader};
use crate::{Error, session::Record, sql::dictionary as sql};
use schema_map::{Catalog, ObjectPath, UserType, UserTypes};
use std::collections::BTreeSet;
use type_convert::{DictionaryType, OracleType};

/// What the types are made of that the catalog's columns name, those of other schemas and those within them included.
///
/// SYS is left out: its types (ANYDATA, ANYTYPE) are opaque, and it has thousands of others.
pub(super) fn user_types(reader: &mut Reader<'_>, catalog: &Catalog) -> Result<UserTypes, Error> {
    let mut types = UserTypes::default();
    let (mut open, mut read) = (BTreeSet::new(), BTreeSet::new());
    for table in &catalog.tables {
        let paths = table.columns.iter().filter_map(|c| UserTypes::path(&c.oracle_type, &table.path.schema));
        open.extend(paths.map(|path| path.schema));
    }
    while let Some(schema) = open.pop_first() {
        if schema.as_str() == "SYS" || !read.insert(schema.clone()) {
            continue;
        }
        let found = types_of(&mut Owner::new(reader, &schema, &|_| true))?;
        for (path, defined) in found {
            let parts: Vec<&OracleType> = match &defined {
                UserType::Object { attributes, .. } => attributes.iter().map(|(_, ty)| ty).collect(),
                UserType::Collection { element, .. } => vec![element],
            };
            open.extend(parts.into_iter().filter_map(|ty| Some(UserTypes::path(ty, &schema)?.schema)));
            types.insert(path, defined);
        }
    }
    Ok(types)
}

/// The complete types of a schema.
fn types_of(owner: &mut Owner<'_, '_>) -> Result<Vec<(ObjectPath, UserType)>, Error> {
    let mut found: Vec<(ObjectPath, UserType)> = Vec::new();
    for row in owner.query(sql::TYPES)? {
        let path = owner.path(row.ident(0)?);
        match (row.text(1)?, found.last_mut()) {
            // An object type comes before its attributes. Of an incomplete one nobody knows what it lacks.
            ("O", _) if row.get(4) == Some("YES") => {}
            ("O", _) => {
                let supertype = match (row.get(5), row.get(6)) {
                    (Some(_), Some(_)) => Some(ObjectPath::new(row.ident(5)?, row.ident(6)?)),
                    _ => None,
                };
                let extensible = row.get(3) == Some("NO");
                found.push((path, UserType::Object { attributes: Vec::new(), supertype, extensible }));
            }
            ("A", Some((of, UserType::Object { attributes, .. }))) if *of == path => {
                attributes.push((row.ident(3)?, type_within(&row, 4)?));
            }
            ("C", _) => {
                let element = type_within(&row, 4)?;
                found.push((path, UserType::Collection { limit: row.number(2)?, element }));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The type of an attribute or an element, from its modifier, owner and name on: in these views some names are others than in ALL_TAB_COLUMNS, and
/// precisions are no part of them.
fn type_within(row: &Record, at: usize) -> Result<OracleType, Error> {
    let (owner, name) = (row.get(at + 1), row.get(at + 2).unwrap_or("UNDEFINED"));
    if row.get(at) == Some("REF") {
        return Ok(OracleType::Other { owner: owner.map(str::to_owned), name: format!("REF {name}") });
    }
    let (length, precision, scale) =
        (row.number::<i64>(at + 3)?, row.number::<i64>(at + 4)?, row.number::<i64>(at + 5)?);
    // Digits of a fraction are in one of the two, or in none: then any may occur.
    let fraction = scale.or(precision).and_then(|digits| u8::try_from(digits).ok()).unwrap_or(9).min(9);
    let digits = |digits: Option<i64>| digits.and_then(|d| u8::try_from(d).ok()).unwrap_or(9).min(9);
    let number = |scale| OracleType::Number { precision: None, scale };
    if owner.is_none() {
        match name {
            "INTEGER" | "INT" | "SMALLINT" => return Ok(number(Some(0))),
            "REAL" => return Ok(OracleType::Float { binary_precision: 63 }),
            "DOUBLE PRECISION" => return Ok(OracleType::Float { binary_precision: 126 }),
            "CFILE" => return Ok(OracleType::BFile),
            "TIMESTAMP" => return Ok(OracleType::Timestamp { precision: fraction }),
            "TIMESTAMP WITH TZ" | "TIMESTAMP WITH TIME ZONE" => {
                return Ok(OracleType::TimestampTz { precision: fraction });
            }
            "TIMESTAMP WITH LOCAL TZ" | "TIMESTAMP WITH LOCAL TIME ZONE" => {
                return Ok(OracleType::TimestampLtz { precision: fraction });
            }
            "INTERVAL YEAR TO MONTH" => return Ok(OracleType::IntervalYm { year_precision: digits(precision) }),
            "INTERVAL DAY TO SECOND" => {
                return Ok(OracleType::IntervalDs {
                    day_precision: digits(precision),
                    second_precision: digits(scale),
                });
            }
            _ => {}
        }
    }
    let described = DictionaryType {
        data_type: match name {
            "DECIMAL" | "NUMERIC" | "DEC" if owner.is_none() => "NUMBER",
            name => name,
        },
        data_type_owner: owner,
        data_length: length.unwrap_or(4000),
        data_precision: precision.filter(|precision| *precision > 0),
        data_scale: scale.filter(|scale| *scale != -127),
        char_length: Some(length.unwrap_or(4000)),
        // Whether a length counts bytes or characters not every version of these views tells; no value is read by it.
        char_used: None,
    };
    // One that is described in no way that is known is refused by its name where a column needs it.
    Ok(OracleType::from_dictionary(&described)
        .unwrap_or_else(|_| OracleType::Other { owner: None, name: name.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_within_types() {
        let of = |text: &str| {
            let values = text.split('|').map(|v| Some(v.to_owned()).filter(|v| !v.is_empty())).collect();
            type_within(&Record { values }, 0).unwrap().to_string()
        };
        for (row, ty) in [
            ("||NUMBER|||", "NUMBER"),
            ("||NUMBER||10|2", "NUMBER(10,2)"),
            ("||NUMBER||0|-127", "NUMBER"),
            ("||INTEGER|||", "NUMBER(*,0)"),
            ("||DECIMAL||5|0", "NUMBER(5)"),
            ("||REAL|||", "FLOAT(63)"),
            ("||VARCHAR2|30||", "VARCHAR2(30 BYTE)"),
            ("||NVARCHAR2|30||", "NVARCHAR2(30)"),
            ("||CHAR|2||", "CHAR(2 BYTE)"),
            ("||RAW|16||", "RAW(16)"),
            ("||TIMESTAMP|||3", "TIMESTAMP(3)"),
            ("||TIMESTAMP|||", "TIMESTAMP(9)"),
            ("||TIMESTAMP WITH TZ|||6", "TIMESTAMP(6) WITH TIME ZONE"),
            ("||TIMESTAMP WITH LOCAL TZ|||6", "TIMESTAMP(6) WITH LOCAL TIME ZONE"),
            ("||INTERVAL DAY TO SECOND||2|6", "INTERVAL DAY(2) TO SECOND(6)"),
            ("||BINARY_DOUBLE|||", "BINARY_DOUBLE"),
            ("||CFILE|||", "BFILE"),
            ("|HR|ADDRESS_T|||", "HR.ADDRESS_T"),
            ("|HR|DATE|||", "HR.DATE"),
            ("REF|HR|ADDRESS_T|||", "HR.REF ADDRESS_T"),
            ("|MDSYS|SDO_GEOMETRY|||", "MDSYS.SDO_GEOMETRY"),
            ("|PUBLIC|XMLTYPE|||", "XMLTYPE"),
            ("||SOMETHING NEW|||", "SOMETHING NEW"),
            ("||NUMBER||99|0", "NUMBER"),
        ] {
            assert_eq!(of(row), ty, "{row}");
        }
    }
}
