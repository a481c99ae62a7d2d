//! Object types, their instances and collections.
//!
//! How an instance lies in memory is this library's own: ODPI-C only reaches attributes and elements through the functions here, and knows what
//! the place of a value of each type holds (a NUMBER itself, a pointer to a string, a pointer to a collection, an object itself).

use super::{
    Failure, call,
    column::Column,
    datetime::{DateTimeDescriptor, OciDate},
    failure::{ora, unsupported},
    handle::{self, Handle, Pointer, allocate, get},
    kind,
    lob::Lob,
    number, sqlt,
};
use crate::ColumnDesc;
use std::{
    collections::{HashMap, HashSet},
    ffi::{c_char, c_int, c_void},
    ptr::{null, null_mut},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};
use type_convert::{CollectionType, ObjectType, OracleType, UtcOffset, Value};

/// A type descriptor object (TDO): at once what a reference to it is, and what describes it.
pub(super) struct TypeHandle {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) collection: bool,
    /// Of the attributes, or of the elements.
    pub(super) parameters: Vec<*mut c_void>,
    names: Vec<String>,
}

impl Handle for TypeHandle {
    fn accepts(kind: u32) -> bool {
        kind == kind::TYPE
    }
}

/// What `OCIDescribeAny` fills.
#[derive(Default)]
pub(super) struct Describe {
    pub(super) described: Option<Pointer>,
}

impl Handle for Describe {
    fn accepts(kind: u32) -> bool {
        kind == kind::DESCRIBE
    }
}

/// `OCIString` and `OCIRaw`.
pub(super) struct Bytes(Vec<u8>);

impl Handle for Bytes {
    fn accepts(kind: u32) -> bool {
        kind == kind::BYTES
    }
}

/// An object or a collection.
pub(super) struct Instance {
    indicator: i16,
    /// Attributes or elements, at addresses that stay.
    parts: Box<[Part]>,
}

impl Handle for Instance {
    fn accepts(kind: u32) -> bool {
        kind == kind::INSTANCE
    }
}

struct Part {
    indicator: i16,
    /// Whether its indicator is a structure of its own, as that of an object is.
    structured: bool,
    cell: Cell,
}

enum Cell {
    Null,
    Number([u8; number::VNU_SIZE]),
    Date(OciDate),
    Float(f32),
    Double(f64),
    Boolean(c_int),
    /// Strings, timestamps, LOBs, collections: its place holds the pointer.
    Handle(*mut c_void),
    /// The pointer is its place.
    Object(*mut c_void),
}

const NOT_NULL: i16 = 0;
const NULL: i16 = -1;

impl Drop for Instance {
    fn drop(&mut self) {
        for part in &self.parts {
            if let Cell::Handle(inner) | Cell::Object(inner) = part.cell {
                // SAFETY: it was allocated for this part, and nobody else frees it.
                let _ = unsafe { handle::free_descriptor(inner) };
            }
        }
    }
}

impl Part {
    /// Where the value is.
    fn place(&self) -> *mut c_void {
        match &self.cell {
            Cell::Null => null_mut(),
            Cell::Number(bytes) => bytes.as_ptr().cast_mut().cast(),
            Cell::Date(date) => std::ptr::from_ref(date).cast_mut().cast(),
            Cell::Float(float) => std::ptr::from_ref(float).cast_mut().cast(),
            Cell::Double(double) => std::ptr::from_ref(double).cast_mut().cast(),
            Cell::Boolean(boolean) => std::ptr::from_ref(boolean).cast_mut().cast(),
            Cell::Handle(pointer) => std::ptr::from_ref(pointer).cast_mut().cast(),
            Cell::Object(pointer) => *pointer,
        }
    }
}

/// Descriptors live as long as the library: statements and objects of every session point to them.
static TYPES: LazyLock<Mutex<HashMap<OracleType, Pointer>>> = LazyLock::new(Mutex::default);

/// Indicators of collections that were fetched, which their taker frees by themselves.
static INDICATORS: LazyLock<Mutex<HashSet<Pointer>>> = LazyLock::new(Mutex::default);

fn locked<T>(of: &'static LazyLock<Mutex<T>>) -> MutexGuard<'static, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The descriptor of a type: one for each, so that equal types have equal pointers.
pub(super) fn descriptor(ty: &OracleType) -> Result<*mut c_void, Failure> {
    if let Some(known) = locked(&TYPES).get(ty) {
        return Ok(known.0);
    }
    let ty_of = |name: &str, ty: &OracleType| {
        let desc = ColumnDesc { name: name.to_owned(), oracle_type: ty.clone(), nullable: true };
        Column::new(&desc).map(|column| allocate(kind::PARAMETER, column))
    };
    let geometry;
    let (schema, name, parts, collection) = match ty {
        OracleType::Object(of) => (&of.owner, &of.name, of.attributes.as_slice(), false),
        OracleType::Collection(of) => (&of.owner, &of.name, &[(String::new(), of.element.clone())][..], true),
        OracleType::Geometry => {
            geometry = type_convert::geometry::object_type();
            (&geometry.owner, &geometry.name, geometry.attributes.as_slice(), false)
        }
        other => return Err(unsupported(format_args!("a descriptor of the type {other}"))),
    };
    let parameters = parts.iter().map(|(name, of)| ty_of(name, of)).collect::<Result<Vec<_>, _>>()?;
    let body = TypeHandle {
        schema: schema.clone(),
        name: name.clone(),
        collection,
        parameters,
        names: parts.iter().map(|(name, _)| name.clone()).collect(),
    };
    let made = Pointer(allocate(kind::TYPE, body));
    Ok(locked(&TYPES).entry(ty.clone()).or_insert(made).0)
}

/// An instance of an object or collection type with this value.
fn instance(ty: &OracleType, value: Value) -> Result<*mut c_void, Failure> {
    let geometry;
    let parts: Vec<Part> = match (ty, value) {
        (OracleType::Object(of), Value::Object(values)) => attributes(of, values)?,
        (OracleType::Geometry, Value::Object(values)) => {
            geometry = type_convert::geometry::object_type();
            attributes(&geometry, values)?
        }
        (OracleType::Collection(of), Value::Collection(values)) => elements(of, values)?,
        (ty, _) => return Err(ora(932, format!("inconsistent datatypes: expected {ty}"))),
    };
    Ok(allocate(kind::INSTANCE, Instance { indicator: NOT_NULL, parts: parts.into() }))
}

/// Of a value of a type under this one, those attributes that this one has: that is all its descriptor tells.
fn attributes(of: &ObjectType, values: Vec<Value>) -> Result<Vec<Part>, Failure> {
    if values.len() < of.attributes.len() {
        return Err(ora(600, "internal error code, arguments: [stand-in], [attributes of an object]"));
    }
    of.attributes.iter().zip(values).map(|((_, ty), value)| part(ty, value)).collect()
}

fn elements(of: &CollectionType, values: Vec<Value>) -> Result<Vec<Part>, Failure> {
    values.into_iter().map(|value| part(&of.element, value)).collect()
}

fn part(ty: &OracleType, value: Value) -> Result<Part, Failure> {
    let nested = matches!(ty, OracleType::Object(_) | OracleType::Collection(_) | OracleType::Geometry);
    let cell = match (ty, value) {
        (_, Value::Null) => Cell::Null,
        (_, Value::Number(number)) => {
            let mut bytes = [0; number::VNU_SIZE];
            // SAFETY: it has the size of a VARNUM.
            unsafe { number::write_vnu(&number, bytes.as_mut_ptr()) }?;
            Cell::Number(bytes)
        }
        (_, Value::Float(float)) => Cell::Float(float),
        (_, Value::Double(double)) => Cell::Double(double),
        (_, Value::Boolean(boolean)) => Cell::Boolean(boolean.into()),
        (OracleType::Date, Value::DateTime(date)) => Cell::Date(OciDate::from(date)),
        (_, Value::DateTime(time)) => {
            let time = DateTimeDescriptor { value: Some(time), offset: Some(UtcOffset { minutes: 0 }) };
            Cell::Handle(allocate(kind::TIMESTAMP, time))
        }
        (_, Value::DateTimeTz(time, offset)) => {
            let time = DateTimeDescriptor { value: Some(time), offset: Some(offset) };
            Cell::Handle(allocate(kind::TIMESTAMP_TZ, time))
        }
        (OracleType::Clob | OracleType::NClob, Value::Text(text)) => {
            let mut lob = Lob::default();
            lob.set_text(text);
            Cell::Handle(allocate(kind::LOB, lob))
        }
        (OracleType::Blob, Value::Bytes(bytes)) => {
            let mut lob = Lob::default();
            lob.set_binary(bytes);
            Cell::Handle(allocate(kind::LOB, lob))
        }
        (_, Value::Text(text)) => Cell::Handle(allocate(kind::BYTES, Bytes(text.into_bytes()))),
        (_, Value::Bytes(bytes)) => Cell::Handle(allocate(kind::BYTES, Bytes(bytes))),
        (OracleType::Collection(_), value) => Cell::Handle(instance(ty, value)?),
        (OracleType::Object(_) | OracleType::Geometry, value) => Cell::Object(instance(ty, value)?),
        (ty, _) => return Err(unsupported(format_args!("values of type {ty} within an object"))),
    };
    let indicator = if matches!(cell, Cell::Null) { NULL } else { NOT_NULL };
    Ok(Part { indicator, structured: nested, cell })
}

/// Where the objects of a define go, and which type they are of.
#[derive(Clone, Copy)]
pub(super) struct ObjectDefine {
    pub(super) values: *mut *mut c_void,
    pub(super) indicators: *mut *mut c_void,
}

/// Writes one object or collection, or NULL, to a row of a define.
///
/// # Safety
/// The define's arrays have a place for the row.
pub(super) unsafe fn write(define: ObjectDefine, row: u32, ty: &OracleType, value: Value) -> Result<(), Failure> {
    // A NULL collection is an instance all the same, to be freed like any other.
    let (made, indicator) = match value {
        Value::Null if matches!(ty, OracleType::Collection(_)) => {
            (allocate(kind::INSTANCE, Instance { indicator: NULL, parts: Box::default() }), Some(NULL))
        }
        Value::Null => (null_mut(), None),
        value => (instance(ty, value)?, Some(NOT_NULL)),
    };
    let indicator = match (ty, indicator) {
        (OracleType::Collection(_), Some(indicator)) => {
            let own = Box::into_raw(Box::new(indicator)).cast();
            locked(&INDICATORS).insert(Pointer(own));
            own
        }
        // SAFETY: just made.
        (_, Some(_)) => std::ptr::from_ref(unsafe { &get::<Instance>(made)?.indicator }).cast_mut().cast(),
        (_, None) => std::ptr::from_ref(&NULL).cast_mut().cast(),
    };
    // SAFETY: the caller's promise.
    unsafe {
        define.values.add(row as usize).write_unaligned(made);
        define.indicators.add(row as usize).write_unaligned(indicator);
    }
    Ok(())
}

/// The OCI type code of a column's data type in the description of a type.
pub(super) fn type_code(column: &Column) -> u16 {
    match (column.data_type, column.precision, column.scale) {
        (sqlt::CHR, ..) => sqlt::VCS,
        (sqlt::BIN, ..) => sqlt::LVB,
        // INTEGER.
        (sqlt::NUM, 38, 0) => sqlt::INT,
        (sqlt::NTY, ..) if matches!(column.user_type, Some(OracleType::Collection(_))) => sqlt::NCO,
        (other, ..) => other,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIObjectPin(
    _env: *mut c_void,
    err: *mut c_void,
    object_ref: *mut c_void,
    _corhdl: *mut c_void,
    _pin_option: c_int,
    _pin_duration: u16,
    _lock_option: c_int,
    object: *mut *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract, here and below: live handles, and places for what is returned.
    unsafe {
        call(err, || {
            get::<TypeHandle>(object_ref)?;
            *object = object_ref;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDescribeAny(
    _svchp: *mut c_void,
    errhp: *mut c_void,
    objptr: *mut c_void,
    _objnm_len: u32,
    objptr_typ: u8,
    _info_level: u8,
    _objtyp: u8,
    dschp: *mut c_void,
) -> i32 {
    const POINTER: u8 = 3;
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            if objptr_typ != POINTER {
                return Err(unsupported("describing what is not given by its descriptor"));
            }
            get::<TypeHandle>(objptr)?;
            handle::get_mut::<Describe>(dschp)?.described = Some(Pointer(objptr));
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDefineObject(
    defnp: *mut c_void,
    errhp: *mut c_void,
    type_: *const c_void,
    pgvpp: *mut *mut c_void,
    _pvszsp: *mut u32,
    indpp: *mut *mut c_void,
    _indszp: *mut u32,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<TypeHandle>(type_)?;
            let object = ObjectDefine { values: pgvpp, indicators: indpp };
            handle::get_mut::<super::define::Define>(defnp)?.object = Some(object);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIObjectFree(_env: *mut c_void, err: *mut c_void, instance: *mut c_void, _flags: u16) -> i32 {
    // SAFETY: as above; nobody uses the instance any more.
    unsafe {
        call(err, || {
            if instance.is_null() {
                return Ok(());
            }
            if locked(&INDICATORS).remove(&Pointer(instance)) {
                drop(Box::from_raw(instance.cast::<i16>()));
                return Ok(());
            }
            handle::free::<Instance>(instance)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIObjectGetInd(
    _env: *mut c_void,
    err: *mut c_void,
    instance: *mut c_void,
    null_struct: *mut *mut c_void,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(err, || {
            *null_struct = std::ptr::from_ref(&get::<Instance>(instance)?.indicator).cast_mut().cast();
            Ok(())
        })
    }
}

/// One attribute by its name; a path of several is not followed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIObjectGetAttr(
    _env: *mut c_void,
    err: *mut c_void,
    instance: *mut c_void,
    _null_struct: *mut c_void,
    tdo: *mut c_void,
    names: *const *const c_char,
    lengths: *const u32,
    name_count: u32,
    _indexes: *const u32,
    _index_count: u32,
    attr_null_status: *mut i16,
    attr_null_struct: *mut *mut c_void,
    attr_value: *mut *mut c_void,
    attr_tdo: *mut *mut c_void,
) -> i32 {
    // SAFETY: as above, and a name of the length given.
    unsafe {
        call(err, || {
            if name_count != 1 {
                return Err(unsupported("attributes by a path"));
            }
            let name = std::slice::from_raw_parts((*names).cast::<u8>(), *lengths as usize);
            let of = get::<TypeHandle>(tdo)?;
            let at = of.names.iter().position(|n| n.as_bytes() == name);
            let part = at.and_then(|at| get::<Instance>(instance).ok()?.parts.get(at));
            let part = part.ok_or_else(|| {
                ora(22305, format!("attribute/method/parameter \"{}\" not found", String::from_utf8_lossy(name)))
            })?;
            *attr_null_status = part.indicator;
            *attr_null_struct = if part.structured { indicator_of(part) } else { null_mut() };
            *attr_value = part.place();
            if !attr_tdo.is_null() {
                *attr_tdo = null_mut();
            }
            Ok(())
        })
    }
}

fn indicator_of(part: &Part) -> *mut c_void {
    std::ptr::from_ref(&part.indicator).cast_mut().cast()
}

/// The place of an element; collections here have no gaps.
fn element(parts: &[Part], index: i32) -> Option<&Part> {
    parts.get(usize::try_from(index).ok()?)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCICollSize(_env: *mut c_void, err: *mut c_void, coll: *const c_void, size: *mut i32) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(err, || {
            *size = i32::try_from(get::<Instance>(coll)?.parts.len()).unwrap_or(i32::MAX);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITableSize(env: *mut c_void, err: *mut c_void, tbl: *const c_void, size: *mut i32) -> i32 {
    // SAFETY: as above.
    unsafe { OCICollSize(env, err, tbl, size) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCICollGetElem(
    _env: *mut c_void,
    err: *mut c_void,
    coll: *const c_void,
    index: i32,
    exists: *mut c_int,
    elem: *mut *mut c_void,
    elemind: *mut *mut c_void,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(err, || {
            let part = element(&get::<Instance>(coll)?.parts, index);
            *exists = part.is_some().into();
            *elem = part.map_or(null_mut(), Part::place);
            *elemind = part.map_or(null_mut(), indicator_of);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITableExists(
    _env: *mut c_void,
    err: *mut c_void,
    tbl: *const c_void,
    index: i32,
    exists: *mut c_int,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(err, || {
            *exists = element(&get::<Instance>(tbl)?.parts, index).is_some().into();
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITableFirst(
    _env: *mut c_void,
    err: *mut c_void,
    tbl: *const c_void,
    index: *mut i32,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(err, || {
            if get::<Instance>(tbl)?.parts.is_empty() {
                return Err(ora(22166, "collection is empty"));
            }
            *index = 0;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITableLast(_env: *mut c_void, err: *mut c_void, tbl: *const c_void, index: *mut i32) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(err, || {
            let last = get::<Instance>(tbl)?.parts.len().checked_sub(1);
            let last = last.ok_or_else(|| ora(22166, "collection is empty"))?;
            *index = i32::try_from(last).unwrap_or(i32::MAX);
            Ok(())
        })
    }
}

unsafe fn neighbour(
    err: *mut c_void,
    index: Option<i32>,
    tbl: *const c_void,
    found: *mut i32,
    exists: *mut c_int,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(err, || {
            let index = index.filter(|index| get::<Instance>(tbl).is_ok_and(|i| element(&i.parts, *index).is_some()));
            *exists = index.is_some().into();
            *found = index.unwrap_or(0);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITableNext(
    _env: *mut c_void,
    err: *mut c_void,
    index: i32,
    tbl: *const c_void,
    next_index: *mut i32,
    exists: *mut c_int,
) -> i32 {
    // SAFETY: as above.
    unsafe { neighbour(err, index.checked_add(1), tbl, next_index, exists) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITablePrev(
    _env: *mut c_void,
    err: *mut c_void,
    index: i32,
    tbl: *const c_void,
    prev_index: *mut i32,
    exists: *mut c_int,
) -> i32 {
    // SAFETY: as above.
    unsafe { neighbour(err, index.checked_sub(1), tbl, prev_index, exists) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStringPtr(_env: *mut c_void, vs: *const c_void) -> *const u8 {
    // SAFETY: as above.
    unsafe { get::<Bytes>(vs) }.map_or(null(), |bytes| bytes.0.as_ptr())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStringSize(_env: *mut c_void, vs: *const c_void) -> u32 {
    // SAFETY: as above.
    unsafe { get::<Bytes>(vs) }.map_or(0, |bytes| u32::try_from(bytes.0.len()).unwrap_or(u32::MAX))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIRawPtr(env: *mut c_void, raw: *const c_void) -> *const u8 {
    // SAFETY: as above.
    unsafe { OCIStringPtr(env, raw) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIRawSize(env: *mut c_void, raw: *const c_void) -> u32 {
    // SAFETY: as above.
    unsafe { OCIStringSize(env, raw) }
}
