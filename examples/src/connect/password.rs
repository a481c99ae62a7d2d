//! Where the target's password comes from.

use crate::config::Secret;
use anyhow::{Context, Result, bail};
use std::{
    ffi::OsString,
    fs,
    io::ErrorKind,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// As libpq: what was configured, else `PGPASSWORD`, else the pgpass file. `place` is host, port, database and user.
pub(super) fn find(
    configured: Option<&Secret>,
    place: [&str; 4],
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<String>> {
    if let Some(secret) = configured {
        return secret.fetch().map(Some).context("the target's password");
    }
    if let Some(password) = environment("PGPASSWORD") {
        let password = password.into_string();
        return password.map(Some).map_err(|_| anyhow::anyhow!("the environment variable PGPASSWORD is not UTF-8"));
    }
    let file = match (environment("PGPASSFILE"), environment("HOME")) {
        (Some(file), _) => PathBuf::from(file),
        (None, Some(home)) => PathBuf::from(home).join(".pgpass"),
        (None, None) => return Ok(None),
    };
    let unreadable = || format!("the pgpass file {} cannot be read", file.display());
    match fs::metadata(&file) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error).with_context(unreadable),
        // Such as /dev/null, which says that there is none.
        Ok(metadata) if !metadata.is_file() => return Ok(None),
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o7777;
            if mode & 0o077 != 0 {
                bail!(
                    "the pgpass file {} is open to others (mode {mode:04o}) and is not used: chmod 600 {0}",
                    file.display()
                );
            }
        }
    }
    let text = fs::read_to_string(&file).with_context(unreadable)?;
    Ok(from_pgpass(&text, place))
}

/// Private keys as libpq has them: nobody else may read one, except a group one that root owns.
pub(super) fn insist_on_private_key(path: &Path) -> Result<()> {
    let metadata = fs::metadata(path).with_context(|| format!("sslkey {} cannot be read", path.display()))?;
    let (mode, others) = (metadata.permissions().mode() & 0o7777, if metadata.uid() == 0 { 0o037 } else { 0o077 });
    if mode & others != 0 {
        bail!("sslkey {} is open to others (mode {mode:04o}) and is not used: chmod 600 {0}", path.display());
    }
    Ok(())
}

/// The first line of `host:port:database:user:password` that fits; `*` fits all, `\` escapes `:` and itself.
fn from_pgpass(text: &str, place: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = vec![String::new()];
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => fields.last_mut()?.extend(chars.next()),
                ':' => fields.push(String::new()),
                _ => fields.last_mut()?.push(c),
            }
        }
        let fits = fields.len() >= 5
            && fields.iter().zip(place).all(|(field, wanted)| {
                // libpq calls the socket in its default folder localhost.
                let socket = wanted == "/var/run/postgresql" || wanted == "/tmp";
                field == "*" || field == wanted || (socket && field == "localhost")
            });
        fits.then(|| fields.swap_remove(4)).filter(|password| !password.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pgpass_is_read_as_libpq_does() {
        let text = "# comment\nother:*:*:*:no\nh:5432:d\\:b:u:pa\\:ss:word\\\\\n*:*:*:*:last";
        let find = |host: &str, database: &str| from_pgpass(text, [host, "5432", database, "u"]);
        // A `:` that is not escaped ends the password.
        assert_eq!(find("h", "d:b").as_deref(), Some("pa:ss"));
        assert_eq!(find("x", "d").as_deref(), Some("last"));
        assert_eq!(from_pgpass("h:1:d:u:p", ["h", "2", "d", "u"]), None);
        assert_eq!(from_pgpass("h:1:d:p", ["h", "1", "d", "u"]), None);
        assert_eq!(from_pgpass("localhost:*:*:*:p", ["/tmp", "1", "d", "u"]).as_deref(), Some("p"));
        assert_eq!(from_pgpass("h:1:d:u:a\\\\b\r\n", ["h", "1", "d", "u"]).as_deref(), Some("a\\b"));
    }
}
