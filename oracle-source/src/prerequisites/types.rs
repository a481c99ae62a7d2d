//! Columns and names that LogMiner does not follow.

use super::{Draft, Prerequisite, answer::Answer, key::Column, site::Site};
use crate::{Error, ServerVersion, Session, sql};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::BTreeMap;

/// Storage of XMLTYPE columns by table and column.
pub(super) type XmlStorage = BTreeMap<(String, String), String>;

/// LogMiner's limit for the names of tables and columns, in bytes.
const NAME_BYTES: usize = 30;

/// How XMLTYPE columns are stored; `None` where the view may not be read.
pub(super) fn xml_storage(session: &Session, owner: &OracleIdent) -> Result<Option<XmlStorage>, Error> {
    let answer = Answer::ask(session, "ALL_XML_TAB_COLS", sql::prerequisites::XML_STORAGE, &[&owner.as_str()])?;
    let Answer::Rows(rows) = answer else { return Ok(None) };
    let mut storage = XmlStorage::new();
    for row in rows {
        storage.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()), row.text(2)?.to_owned());
    }
    Ok(Some(storage))
}

/// What stands against following one table, if anything does.
///
/// LogMiner leaves out a table as a whole that has a BFILE, a collection or an object with nested tables or REFs (Utilities, "Unsupported Data Types
/// and Table Storage Attributes"), and tables or columns whose names are longer than 30 bytes.
pub(super) fn of_table(
    site: &Site,
    table: &ObjectPath,
    columns: &[Column],
    xml: Option<&XmlStorage>,
) -> Option<Prerequisite> {
    let name = table.name.as_str();
    let (mut refused, mut doubtful) = (Vec::new(), Vec::new());
    if name.len() > NAME_BYTES {
        refused.push(format!("its name is longer than {NAME_BYTES} bytes"));
    }
    for column in columns {
        let column_name = &column.name;
        if column_name.len() > NAME_BYTES {
            refused.push(format!("the name of {column_name} is longer than {NAME_BYTES} bytes"));
        }
        match column.data_type.as_str() {
            "BFILE" => refused.push(format!("column {column_name} is a BFILE")),
            ty if ty.starts_with("REF") && column.is_object => refused.push(format!("column {column_name} is a REF")),
            "XMLTYPE" => {
                let place = (name.to_owned(), column_name.clone());
                match xml.and_then(|storage| storage.get(&place)).map(String::as_str) {
                    Some("CLOB") => {}
                    Some(other) => doubtful.push(format!("column {column_name} is XMLTYPE stored as {other}")),
                    None => doubtful.push(format!("column {column_name} is XMLTYPE of unknown storage")),
                }
            }
            ty @ ("BOOLEAN" | "VECTOR") => doubtful.push(format!("column {column_name} is {ty}")),
            ty if column.is_object && site.version < ServerVersion::V12_1 => {
                refused.push(format!("column {column_name} is of the object type {ty}"));
            }
            ty if column.is_object => {
                doubtful.push(format!("column {column_name} is of the object type or collection {ty}"))
            }
            _ => {}
        }
    }
    let draft = Draft::new(
        format!("types:{table}"),
        format!("LogMiner can tell the changes of {table}"),
        "a table that LogMiner leaves out changes unnoticed until it is compared: load it once it rests, or leave it out",
    )
    .asks(sql::prerequisites::TABLE_COLUMNS)
    .asks(sql::prerequisites::XML_STORAGE)
    .recommended();
    match (&refused[..], &doubtful[..]) {
        ([], []) => None,
        ([], _) => Some(
            draft
                .recommended()
                .unknown(format!("{}: changes that LogMiner cannot tell stop the follower", doubtful.join(", ")), []),
        ),
        _ => Some(draft.found(
            false,
            [&refused[..], &doubtful[..]].concat().join(", "),
            [
                "-- leave the table out of what is followed and load it while nothing changes it,".to_owned(),
                "-- or move what LogMiner does not know to a table of its own".to_owned(),
            ],
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

    #[test]
    fn types_and_names() {
        let table = |name: &str| ObjectPath::new(OracleIdent::new("HR").unwrap(), OracleIdent::new(name).unwrap());
        let column = |name: &str, ty: &str, is_object| Column {
            name: name.to_owned(),
            nullable: true,
            data_type: ty.to_owned(),
            is_object,
        };
        let check = |version: &str, columns: &[Column], xml: Option<&XmlStorage>| {
            of_table(&site(version), &table("T"), columns, xml).map(|p| p.state)
        };
        assert_eq!(check("19.3", &[column("A", "NUMBER", false), column("B", "CLOB", false)], None), None);
        assert_eq!(check("19.3", &[column("A", "BFILE", false)], None), Some(State::NotMet));
        assert_eq!(check("19.3", &[column("A", "SDO_GEOMETRY", true)], None), Some(State::Unknown));
        assert_eq!(check("11.2", &[column("A", "SDO_GEOMETRY", true)], None), Some(State::NotMet));
        assert_eq!(check("23.4", &[column("A", "VECTOR", false)], None), Some(State::Unknown));
        assert_eq!(check("19.3", &[column(&"A".repeat(31), "NUMBER", false)], None), Some(State::NotMet));
        let stored = |as_what: &str| XmlStorage::from([(("T".to_owned(), "X".to_owned()), as_what.to_owned())]);
        let xml = [column("X", "XMLTYPE", false)];
        assert_eq!(check("19.3", &xml, Some(&stored("CLOB"))), None);
        assert_eq!(check("19.3", &xml, Some(&stored("BINARY"))), Some(State::Unknown));
        assert_eq!(check("19.3", &xml, None), Some(State::Unknown));
        let long = of_table(&site("19.3"), &table(&"Ä".repeat(16)), &[], None).unwrap();
        assert_eq!(long.state, State::NotMet);
    }
}
