//! LOB locators. A fetched one holds the value as of its query; a temporary one is the caller's to write.

use super::{
    call,
    connection::Service,
    failure::{Failure, ora, unsupported},
    handle::{Handle, allocate, get, get_mut},
    kind,
};
use std::{
    ffi::{c_int, c_void},
    sync::Arc,
};

/// A locator; without content until it is fetched into or made temporary.
#[derive(Default, Clone)]
pub(super) struct Lob {
    content: Option<Content>,
    temporary: bool,
    open: bool,
}

#[derive(Clone)]
enum Content {
    Binary(Arc<Vec<u8>>),
    Text(Text),
}

/// Character data. Oracle counts a CLOB of a multi-byte database in UTF-16 code units.
#[derive(Clone)]
struct Text {
    text: Arc<String>,
    units: u64,
    /// A place in units and in bytes where the last read ended: reading on does not start at the beginning.
    mark: (u64, usize),
}

impl Text {
    fn new(text: String) -> Self {
        let units = text.encode_utf16().count() as u64;
        Text { text: Arc::new(text), units, mark: (0, 0) }
    }

    /// The byte position of a place in units; a place within a surrogate pair is that of its character.
    fn byte_at(&self, units: u64) -> usize {
        let (mut at, mut byte) = if self.mark.0 <= units { self.mark } else { (0, 0) };
        for c in self.text[byte..].chars() {
            let next = at + c.len_utf16() as u64;
            if next > units {
                break;
            }
            at = next;
            byte += c.len_utf8();
        }
        byte
    }
}

impl Handle for Lob {
    fn accepts(kind: u32) -> bool {
        kind == kind::LOB
    }
}

impl Lob {
    pub(super) fn set_text(&mut self, text: String) {
        *self = Lob { content: Some(Content::Text(Text::new(text))), ..Lob::default() };
    }

    pub(super) fn set_binary(&mut self, bytes: Vec<u8>) {
        *self = Lob { content: Some(Content::Binary(Arc::new(bytes))), ..Lob::default() };
    }

    /// The value, for a bind.
    pub(super) fn value(&self) -> Result<type_convert::Value, Failure> {
        Ok(match self.content.as_ref().ok_or_else(invalid)? {
            Content::Binary(bytes) => type_convert::Value::Bytes(bytes.to_vec()),
            Content::Text(text) => type_convert::Value::Text(text.text.to_string()),
        })
    }

    fn length(&self) -> Result<u64, Failure> {
        Ok(match self.content.as_ref().ok_or_else(invalid)? {
            Content::Binary(bytes) => bytes.len() as u64,
            Content::Text(text) => text.units,
        })
    }

    /// Reads up to `amount` (units or bytes) from `offset` (from 0) into `buffer`: what was read, in bytes and in units.
    fn read(&mut self, offset: u64, amount: u64, buffer: &mut [u8]) -> Result<(usize, u64), Failure> {
        match self.content.as_mut().ok_or_else(invalid)? {
            Content::Binary(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let amount = usize::try_from(amount).unwrap_or(usize::MAX);
                let n = amount.min(buffer.len()).min(bytes.len() - start);
                buffer[..n].copy_from_slice(&bytes[start..start + n]);
                Ok((n, n as u64))
            }
            Content::Text(content) => {
                let start = content.byte_at(offset);
                let (mut n, mut units) = (0, 0);
                for c in content.text[start..].chars() {
                    if units + c.len_utf16() as u64 > amount || n + c.len_utf8() > buffer.len() {
                        break;
                    }
                    n += c.len_utf8();
                    units += c.len_utf16() as u64;
                }
                buffer[..n].copy_from_slice(&content.text.as_bytes()[start..start + n]);
                content.mark = (offset + units, start + n);
                Ok((n, units))
            }
        }
    }

    fn for_change(&mut self) -> Result<&mut Content, Failure> {
        if !self.temporary {
            return Err(unsupported("writing through the locator of a stored LOB: update the row instead"));
        }
        self.content.as_mut().ok_or_else(invalid)
    }

    /// Overwrites from `offset` (from 0) on; a gap is filled with blanks or zeros. What was written, in units.
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<u64, Failure> {
        match self.for_change()? {
            Content::Binary(content) => {
                let start = usize::try_from(offset).map_err(|_| too_long())?;
                let content = Arc::make_mut(content);
                let end = start.checked_add(bytes.len()).ok_or_else(too_long)?;
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[start..end].copy_from_slice(bytes);
                Ok(bytes.len() as u64)
            }
            Content::Text(content) => {
                let text = std::str::from_utf8(bytes).map_err(|_| ora(29275, "partial multibyte character"))?;
                let units = text.encode_utf16().count() as u64;
                let head = content.byte_at(offset);
                let tail = content.byte_at(offset + units);
                let blanks = usize::try_from(offset.saturating_sub(content.units)).map_err(|_| too_long())?;
                let new = [&content.text[..head], &" ".repeat(blanks), text, &content.text[tail..]].concat();
                *content = Text::new(new);
                Ok(units)
            }
        }
    }

    fn trim(&mut self, length: u64) -> Result<(), Failure> {
        if length > self.length()? {
            return Err(ora(22926, "specified trim length is greater than current LOB value's length"));
        }
        match self.for_change()? {
            Content::Binary(content) => Arc::make_mut(content).truncate(length as usize),
            Content::Text(content) => {
                let end = content.byte_at(length);
                let text = content.text[..end].to_owned();
                *content = Text::new(text);
            }
        }
        Ok(())
    }
}

fn invalid() -> Failure {
    ora(22275, "invalid LOB locator specified")
}

fn too_long() -> Failure {
    ora(22993, "specified input amount is greater than actual source amount")
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobGetLength2(
    svchp: *mut c_void,
    errhp: *mut c_void,
    locp: *mut c_void,
    lenp: *mut u64,
) -> i32 {
    // SAFETY: OCI's contract, here and below: live handles, and places for what is returned.
    unsafe {
        call(errhp, || {
            get::<Service>(svchp)?;
            *lenp = get::<Lob>(locp)?.length()?;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobGetChunkSize(
    svchp: *mut c_void,
    errhp: *mut c_void,
    locp: *mut c_void,
    chunksizep: *mut u32,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<Service>(svchp)?;
            get::<Lob>(locp)?.length()?;
            // What a tablespace of 8 KiB blocks gives.
            *chunksizep = 8132;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobIsTemporary(
    _envp: *mut c_void,
    errhp: *mut c_void,
    locp: *mut c_void,
    is_temporary: *mut c_int,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            *is_temporary = c_int::from(get::<Lob>(locp)?.temporary);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobCreateTemporary(
    svchp: *mut c_void,
    errhp: *mut c_void,
    locp: *mut c_void,
    _csid: u16,
    _csfrm: u8,
    lobtype: u8,
    _cache: c_int,
    _duration: u16,
) -> i32 {
    const TEMP_BLOB: u8 = 1;
    const TEMP_CLOB: u8 = 2;
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<Service>(svchp)?;
            let lob = get_mut::<Lob>(locp)?;
            match lobtype {
                TEMP_BLOB => lob.set_binary(Vec::new()),
                TEMP_CLOB => lob.set_text(String::new()),
                _ => return Err(unsupported(format_args!("temporary LOBs of type {lobtype}"))),
            }
            lob.temporary = true;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobFreeTemporary(_svchp: *mut c_void, errhp: *mut c_void, locp: *mut c_void) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let lob = get_mut::<Lob>(locp)?;
            if !lob.temporary {
                return Err(invalid());
            }
            *lob = Lob::default();
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobLocatorAssign(
    _svchp: *mut c_void,
    errhp: *mut c_void,
    src_locp: *const c_void,
    dst_locpp: *mut *mut c_void,
) -> i32 {
    // SAFETY: as above; a null target gets a new descriptor.
    unsafe {
        call(errhp, || {
            let copy = get::<Lob>(src_locp)?.clone();
            if (*dst_locpp).is_null() {
                *dst_locpp = allocate(kind::LOB, copy);
            } else {
                *get_mut::<Lob>(*dst_locpp)? = copy;
            }
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobOpen(svchp: *mut c_void, errhp: *mut c_void, locp: *mut c_void, _mode: u8) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<Service>(svchp)?;
            let lob = get_mut::<Lob>(locp)?;
            lob.length()?;
            if lob.open {
                return Err(ora(22293, "LOB already opened in the same transaction"));
            }
            lob.open = true;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobClose(_svchp: *mut c_void, errhp: *mut c_void, locp: *mut c_void) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let lob = get_mut::<Lob>(locp)?;
            if !lob.open {
                return Err(ora(22289, "cannot perform CLOSE operation on an unopened file or LOB"));
            }
            lob.open = false;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobIsOpen(
    _svchp: *mut c_void,
    errhp: *mut c_void,
    locp: *mut c_void,
    flag: *mut c_int,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            *flag = c_int::from(get::<Lob>(locp)?.open);
            Ok(())
        })
    }
}

/// Only whole reads and writes: no polling, no callbacks.
fn one_piece(piece: u8, callback: *mut c_void) -> Result<(), Failure> {
    if piece != 0 || !callback.is_null() {
        return Err(unsupported("LOBs read or written in pieces"));
    }
    Ok(())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobRead2(
    svchp: *mut c_void,
    errhp: *mut c_void,
    locp: *mut c_void,
    byte_amtp: *mut u64,
    char_amtp: *mut u64,
    offset: u64,
    bufp: *mut c_void,
    bufl: u64,
    piece: u8,
    _ctxp: *mut c_void,
    cbfp: *mut c_void,
    _csid: u16,
    _csfrm: u8,
) -> i32 {
    // SAFETY: as above, and a buffer of `bufl` bytes.
    unsafe {
        call(errhp, || {
            one_piece(piece, cbfp)?;
            get::<Service>(svchp)?;
            let lob = get_mut::<Lob>(locp)?;
            let offset =
                offset.checked_sub(1).ok_or_else(|| ora(24801, "illegal parameter value in OCI lob function"))?;
            // The amount in characters counts for character LOBs, where it is given.
            let in_chars = matches!(lob.content, Some(Content::Text(_))) && *char_amtp != 0;
            let amount = if in_chars { *char_amtp } else { *byte_amtp };
            let room = usize::try_from(bufl).map_err(|_| too_long())?;
            let buffer: &mut [u8] =
                if bufp.is_null() { &mut [] } else { std::slice::from_raw_parts_mut(bufp.cast(), room) };
            let (bytes, units) = lob.read(offset, amount, buffer)?;
            *byte_amtp = bytes as u64;
            *char_amtp = units;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobWrite2(
    svchp: *mut c_void,
    errhp: *mut c_void,
    locp: *mut c_void,
    byte_amtp: *mut u64,
    char_amtp: *mut u64,
    offset: u64,
    bufp: *mut c_void,
    buflen: u64,
    piece: u8,
    _ctxp: *mut c_void,
    cbfp: *mut c_void,
    _csid: u16,
    _csfrm: u8,
) -> i32 {
    // SAFETY: as above, and a buffer of `buflen` bytes.
    unsafe {
        call(errhp, || {
            one_piece(piece, cbfp)?;
            get::<Service>(svchp)?;
            let offset =
                offset.checked_sub(1).ok_or_else(|| ora(24801, "illegal parameter value in OCI lob function"))?;
            if *byte_amtp > buflen || *byte_amtp == 0 {
                return Err(ora(24801, "illegal parameter value in OCI lob function"));
            }
            let bytes = std::slice::from_raw_parts(bufp.cast::<u8>(), *byte_amtp as usize);
            *char_amtp = get_mut::<Lob>(locp)?.write(offset, bytes)?;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCILobTrim2(svchp: *mut c_void, errhp: *mut c_void, locp: *mut c_void, newlen: u64) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<Service>(svchp)?;
            let lob = get_mut::<Lob>(locp)?;
            // ODPI-C makes a temporary LOB of one that is none yet.
            if lob.content.is_none() {
                return Err(Failure::InvalidHandle);
            }
            lob.trim(newlen)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary(text: &str) -> Lob {
        let mut lob = Lob::default();
        lob.set_text(text.to_owned());
        lob.temporary = true;
        lob
    }

    #[test]
    fn characters_count_as_utf16_and_are_never_cut() {
        let mut lob = temporary("aé€😀z");
        assert_eq!(lob.length().unwrap(), 6);
        let mut buffer = [0; 32];
        assert_eq!(lob.read(1, 2, &mut buffer).unwrap(), (5, 2));
        assert_eq!(&buffer[..5], "é€".as_bytes());
        assert_eq!(lob.read(3, 1, &mut buffer).unwrap(), (0, 0));
        assert_eq!(lob.read(3, 9, &mut buffer).unwrap(), (5, 3));
        assert_eq!(&buffer[..5], "😀z".as_bytes());
        assert_eq!(lob.read(0, 9, &mut buffer[..4]).unwrap(), (3, 2));
        assert_eq!(lob.read(6, 9, &mut buffer).unwrap(), (0, 0));
    }

    #[test]
    fn reading_on_gives_the_whole() {
        let whole = "x€😀".repeat(500);
        let mut lob = temporary(&whole);
        let (mut got, mut at, mut buffer) = (Vec::new(), 0, [0; 100]);
        loop {
            let (bytes, units) = lob.read(at, 100, &mut buffer).unwrap();
            if bytes == 0 {
                break;
            }
            got.extend_from_slice(&buffer[..bytes]);
            at += units;
        }
        assert_eq!(got, whole.as_bytes());
    }

    #[test]
    fn writes_overwrite_append_and_fill() {
        let mut lob = temporary("abc");
        lob.write(1, "é".as_bytes()).unwrap();
        lob.write(5, b"z").unwrap();
        assert_eq!(lob.value().unwrap(), type_convert::Value::Text("aéc  z".into()));
        lob.trim(2).unwrap();
        assert_eq!(lob.value().unwrap(), type_convert::Value::Text("aé".into()));
        assert!(lob.trim(3).is_err());
        let mut blob = Lob::default();
        blob.set_binary(vec![1]);
        assert!(blob.write(0, &[2]).is_err(), "a stored LOB is not written through its locator");
        blob.temporary = true;
        blob.write(3, &[9]).unwrap();
        assert_eq!(blob.value().unwrap(), type_convert::Value::Bytes(vec![1, 0, 0, 9]));
    }
}
