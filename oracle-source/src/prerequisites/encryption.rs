use super::{Draft, Prerequisite, answer::Answer, site::Site};
use crate::sql;

/// Encrypted tablespaces and columns need an open key store, also for their redo.
pub(super) fn check(site: &Site, tablespaces: &Answer, columns: &[String], wallets: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "encryption",
        "The key store of encrypted data is open",
        "neither encrypted tablespaces and columns nor their redo can be read without it (ORA-28365)",
    )
    .asks(sql::prerequisites::ENCRYPTED_TABLESPACES)
    .asks(sql::prerequisites::ENCRYPTED_COLUMNS)
    .asks(sql::prerequisites::WALLETS);
    // A wish as long as nothing is known to be encrypted.
    let Answer::Rows(spaces) = tablespaces else {
        return match columns {
            [] => draft.recommended().hidden(site, tablespaces),
            _ => with_wallet(draft, site, format!("columns {}", list(columns)), wallets),
        };
    };
    let spaces: Vec<String> = spaces.iter().filter_map(|row| row.get(0)).map(str::to_owned).collect();
    match (&spaces[..], columns) {
        ([], []) => draft.found(true, "nothing is encrypted", []),
        (_, []) => with_wallet(draft, site, format!("tablespaces {}", list(&spaces)), wallets),
        ([], _) => with_wallet(draft, site, format!("columns {}", list(columns)), wallets),
        _ => with_wallet(draft, site, format!("tablespaces {}, columns {}", list(&spaces), list(columns)), wallets),
    }
}

fn with_wallet(draft: Draft, site: &Site, what: String, wallets: &Answer) -> Prerequisite {
    let Answer::Rows(rows) = wallets else { return draft.hidden(site, wallets) };
    let status = |row: &crate::session::Record| row.get(1).unwrap_or("?").to_owned();
    let open = rows.iter().any(|row| row.get(1) == Some("OPEN"));
    let seen: Vec<String> = rows.iter().map(status).collect();
    draft.found(
        open,
        format!("{what}; key store {}", if seen.is_empty() { "none".to_owned() } else { seen.join(", ") }),
        [
            "-- as a user with ADMINISTER KEY MANAGEMENT (SYSDBA with ALTER SYSTEM SET ENCRYPTION WALLET OPEN before 12.1):"
                .to_owned(),
            "-- ADMINISTER KEY MANAGEMENT SET KEYSTORE OPEN IDENTIFIED BY …;".to_owned(),
        ],
    )
}

fn list(names: &[String]) -> String {
    let more = if names.len() > 5 { ", …" } else { "" };
    format!("{}{more}", names.iter().take(5).cloned().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

    #[test]
    fn keys_of_what_is_encrypted() {
        let site = site("19.3");
        let none = Answer::of(&[]);
        let hidden = || Answer::NoRight("DBA_TABLESPACES");
        let spaces = Answer::of(&[&[Some("SAFE")]]);
        let wallet = |status| Answer::of(&[&[Some("FILE"), Some(status)]]);
        let columns = ["HR.T.C".to_owned()];
        assert_eq!(check(&site, &none, &[], &hidden()).state, State::Met);
        assert_eq!(check(&site, &hidden(), &[], &wallet("OPEN")).state, State::Unknown);
        assert_eq!(check(&site, &hidden(), &columns, &wallet("OPEN")).state, State::Met);
        assert_eq!(check(&site, &spaces, &[], &wallet("OPEN")).state, State::Met);
        assert_eq!(check(&site, &spaces, &[], &wallet("OPEN_NO_MASTER_KEY")).state, State::NotMet);
        assert_eq!(check(&site, &none, &columns, &wallet("CLOSED")).state, State::NotMet);
        assert_eq!(check(&site, &spaces, &[], &none).state, State::NotMet);
        assert_eq!(check(&site, &spaces, &[], &Answer::NoRight("V_$ENCRYPTION_WALLET")).state, State::Unknown);
    }
}
