use super::*;
use crate::{datetime, interval};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn text(image: &[u8]) -> Result<String, OsonError> {
    let mut out = b"before".to_vec();
    let result = to_json(image, &mut out);
    assert!(out.starts_with(b"before"));
    let json = String::from_utf8(out.split_off(6)).unwrap();
    match result {
        Ok(()) => Ok(json),
        Err(e) => {
            assert_eq!(json, "", "left behind after {e}");
            Err(e)
        }
    }
}

#[track_caller]
fn check(hex: &str, json: &str) {
    assert_eq!(text(&bytes(hex)).as_deref(), Ok(json), "{hex}");
}

#[track_caller]
fn refused(hex: &str, kind: OsonErrorKind) -> OsonError {
    let error = text(&bytes(hex)).unwrap_err();
    assert_eq!(error.kind(), kind, "{hex}: {error}");
    error
}

/// A document of one value, which is this node.
fn scalar(node: &str) -> String {
    format!("ff4a5a010016{:04x}{node}", node.len() / 2)
}

/// Taken from 21c and 23ai servers, or as Oracle's own drivers have them: from the tests of seerdb, oracle-nio,
/// go-oracledb and the Java library.
#[test]
fn images_of_servers() {
    for (hex, json) in [
        ("ff4a5a010016000130", "null"),
        ("ff4a5a010016000131", "true"),
        ("ff4a5a010016000132", "false"),
        ("ff4a5a010016000321c102", "1"),
        ("ff4a5a0100160004223e5e66", "-7"),
        ("ff4a5a010016000422c1040f", "3.14"),
        ("ff4a5a010016000422c60233", "15000000000"),
        ("ff4a5a01001600022080", "0"),
        ("ff4a5a010016000b3409c802182e445a02182e", "123456789012345"),
        ("ff4a5a0100160008263c644e38273366", "-12345.625"),
        ("ff4a5a0100160003026869", "\"hi\""),
        ("ff4a5a010016000c0b636166c3a9e28094e282ac", "\"café—€\""),
        ("ff4a5a01200600000000020001c000", "[]"),
        ("ff4a5a012006000000000200018400", "{}"),
        ("ff4a5a01200600000000110000c0030008000b000e21c10221c10321c104", "[1,2,3]"),
        ("ff4a5a012106020006000e000008c100030000026b31026b32840202010008000b21c10b21c115", r#"{"k1":10,"k2":20}"#),
        (
            "ff4a5a01210603000c002500001831ab0008000600000568656c6c6f016e036172728403030201000b0011001405776f726c64\
             21c12bc003001c001f002221c10221c10321c104",
            r#"{"hello":"world","n":42,"arr":[1,2,3]}"#,
        ),
        (
            "ff4a5a012106020004001600002ce500000002016101628401010005840102000ac00300120013001431300178",
            r#"{"a":{"b":[true,null,"x"]}}"#,
        ),
        ("ff4a5a010016000936bff8000000000000", "1.5"),
        ("ff4a5a01001600057fc0200000", "2.5"),
        ("ff4a5a01001600083c787c060f010101", "\"2024-06-15T00:00:00\""),
        ("ff4a5a010016000c39787e060f0d340f2faabe58", "\"2026-06-15T12:51:14.799719\""),
        ("ff4a5a010016000e7c787e060f0d323135cad020143c", "\"2026-06-15T12:49:48.902484Z\""),
        ("ff4a5a010016000e7c787c0102020506075bca00163c", "\"2024-01-02T03:04:05.123456+02:00\""),
        ("ff4a5a010016000c3e800000023c3c3c80000000", "\"P2D\""),
        ("ff4a5a010016000c3e8000000a415a3e8754d4c0", "\"P10DT5H30M2.123000S\""),
        ("ff4a5a01001600063d800000033e", "\"P3Y2M\""),
        ("ff4a5a01001600073a0004deadbeef", "\"DEADBEEF\""),
        ("ff4a5a01001600237b010000001ddb0000160200000003c012388ac0059c28bfc00000c0200000c0600000", "[1.5,2.5,3.5]"),
        // Identical values are one node.
        (
            "ff4a5a0161260200040066001a2c870000000201610178c00c002400290022002200200020002e003700400045004a005807\
             000121c1028400c000860101001d9c0024001dc002001d003421c103c002001d003d21c1030473616d650473616d65840102\
             004fc002001d005521c103840102005dc002001d006321c103",
            r#"[{"a":1},{"a":1},[],[],{},{},[1,2],[1,2],"same","same",{"x":[1,2]},{"x":[1,2]}]"#,
        ),
        (
            "ff4a5a01612605000a0030000b2c5273ade500020004000800060000016201610163017a0164840305010200110014002606000031\
             323021c102c0050011002000240010000e22c10333017884020403002e000f0179",
            r#"{"b":1,"a":[1,2.5,"x",null,true],"c":{"z":"y","d":false}}"#,
        ),
        // From 23ai, with the text that oracle-nio's tests have for it, after `JSON_SERIALIZE`.
        (
            "ff4a5a01310607000e0000005e00001015317382adc400000002000400060008000a000c01750172016e01640173017a0169840701\
             0203040506070017001f00260038004000440052075469e1babf6e673a0004deadbeef3410cf0d23394f5b0d23394f5b0d23394f\
             5b3c787c01020101010371225c7c787c01020923061dcd65000f1e3e7fffffff3a393862329b00",
            "{\"u\":\"Tiếng\",\"r\":\"DEADBEEF\",\"n\":123456789012345678901234567890,\"d\":\"2024-01-02T00:00:00\",\
             \"s\":\"q\\\"\\\\\",\"z\":\"2024-01-02T03:04:05.500000-05:30\",\"i\":\"-P1DT2H3M4.500000S\"}",
        ),
        // Offsets of 4 bytes, from a driver's bind.
        (
            "ff4a5a01210204000a002b0000133170820000000600030008026264027473016e0173a40401030204000000160000001b00000023\
             000000273403c102337d787c060f0d01013402c10833026869",
            r#"{"bd":1.5,"ts":"2024-06-15T12:00:00","n":7,"s":"hi"}"#,
        ),
        // A key twice, as a server let it in.
        ("ff4a5a012106010002000e00022c00000161840201010008000b21c10221c103", r#"{"a":1,"a":2}"#),
        (
            "ff4a5a01210601000a002600011000000942494e5f56414c5545c00300080012001c860101000d7f007fffff9c000800177fffc000\
             009c000800217fff800000",
            r#"[{"BIN_VALUE":"-Inf"},{"BIN_VALUE":"Nan"},{"BIN_VALUE":"Inf"}]"#,
        ),
        (
            "ff4a5a01210601000a003200011000000942494e5f56414c5545c003000800160024860101000d36000fffffffffffff9c0008001b\
             36fff80000000000009c0008002936fff0000000000000",
            r#"[{"BIN_VALUE":"-Inf"},{"BIN_VALUE":"Nan"},{"BIN_VALUE":"Inf"}]"#,
        ),
    ] {
        check(hex, json);
    }
    check(
        "ff4a5a01210703001100 1c0000 192fe6 0005000a0000 046e616d65 04726f6c65 06616374697665 \
         840303010200 0b0011001b 05416c696365 09446576656c6f706572 31",
        r#"{"name":"Alice","role":"Developer","active":true}"#,
    );
}

/// Names of more than 255 bytes, and images updated in place: from the tests of go-oracledb.
#[test]
fn later_versions() {
    let long = "61".repeat(256);
    let name = "a".repeat(256);
    check(
        &format!(
            "ff4a5a03 2106 01 0006 0100 00000001 00000102 000e 0000 d5 0000 0573686f7274 c5e2 0000 0100{long} \
             84020201 0008000b 21c102 21c103"
        ),
        &format!(r#"{{"{name}":1,"short":2}}"#),
    );
    let new = "this is a substantially longer replacement string";
    let moved = format!("3331{}", new.bytes().map(|b| format!("{b:02x}")).collect::<String>());
    let names = "0000 2ce5 00000002 0161 0162";
    let json = format!(r#"{{"a":"{new}","b":"ss"}}"#);
    for (size, tree, map) in [
        // An offset beyond the tree, into what was added.
        ("000c", "84020102 001c 0009 31 027373", "0100 0000 00000000 00000000 00000033"),
        ("000c", "84020102 0008 0009 75 027373", "0100 0001 00000000 00000004 00000033 00080000"),
        ("000c", "84020102 0008 0009 75 027373", "0000 0001 00000000 00000008 00000033 0000000800000000"),
        ("000e", "84020102 0008 000b 760000 027373", "0100 0000 00000000 00000000 00000033"),
        ("0010", "84020102 0008 000d 7700000000 027373", "0100 0000 00000000 00000000 00000033"),
    ] {
        check(&format!("ff4a5a02 2106 02 0004 {size} {names} {tree} {map} {moved}"), &json);
        refused(&format!("ff4a5a01 2106 02 0004 {size} {names} {tree} {map} {moved}"), OsonErrorKind::Malformed);
    }
    check(
        &format!(
            "ff4a5a04 2106 01 0006 0100 00000001 00000102 000e 0000 d5 0000 0573686f7274 c5e2 0000 0100{long} \
             84020201 0008000b 760000 21c103 0100 0000 00000000 00000000 00000033 {moved}"
        ),
        &format!(r#"{{"{name}":"{new}","short":2}}"#),
    );
    let names = "0000 2c 0000 0161";
    check(
        &format!(
            "ff4a5a02 2106 01 0002 000d {names} c00200060007 75 840101000c 31 \
             0100 0001 00000000 00000004 00000001 00060000 32"
        ),
        r#"[false,{"a":true}]"#,
    );
    // An object whose keys another uses leaves them where they are.
    check(
        &format!(
            "ff4a5a02 2106 01 0002 0011 {names} c0020006000b 8701010000 9c00060010 32 \
             0100 0001 00000000 00000004 00000006 00060000 9c0006002a 31"
        ),
        r#"[{"a":true},{"a":false}]"#,
    );
}

#[test]
fn every_kind_of_value() {
    for (node, json) in [
        ("00", "\"\""),
        ("3300", "\"\""),
        ("370003616263", "\"abc\""),
        ("3800000003616263", "\"abc\""),
        ("07225c080a1f0042", r#""\"\\\b\n\u001f\u0000B""#),
        ("04090c0d7f", "\"\\t\\f\\r\u{7f}\""),
        ("42c102", "1"),
        ("52c102", "1"),
        ("61c102", "1"),
        ("7402c102", "1"),
        ("3501 37", "7"),
        ("3508 2d302e3530452b31", "-0.50E+1"),
        ("21ff65", "\"Inf\""),
        ("2000", "\"-Inf\""),
        ("36bff0000000000000", "1.0"),
        ("36fe37e43c8800759c", "1e300"),
        ("7fbdcccccd", "0.1"),
        ("7d787c0102040506", "\"2024-01-02T03:04:05\""),
        ("39787c010204050600000001", "\"2024-01-02T03:04:05.000000001\""),
        ("39787c010204050600000000", "\"2024-01-02T03:04:05\""),
        ("7c787c010204050600000000143c", "\"2024-01-02T03:04:05.000000Z\""),
        ("3d800000003c", "\"P0Y\""),
        ("3d7fffffff31", "\"-P1Y11M\""),
        ("3d800000003d", "\"P1M\""),
        ("3e800000003c3c3c80000000", "\"P0D\""),
        ("3e800000003c3b3c80000000", "\"-PT1M\""),
        ("3e800000003d3c3c80000001", "\"PT1H0.000000001S\""),
        ("3b00000001ff", "\"FF\""),
        ("7e030a0b0c", "\"0A0B0C\""),
        ("7e00", "\"\""),
        ("7b010000000bdb00000004 00000002 01ff", "[1,-1]"),
        ("7b010000001bdb0200200200000004 0002 00000000 00000003 bf800000 ff800000", "[1,0,0,\"Inf\"]"),
    ] {
        check(&scalar(&node.replace(' ', "")), json);
    }
}

#[test]
fn refused_values() {
    use OsonErrorKind::{Malformed, Unsupported};
    for (node, kind) in [
        ("02ffff", Malformed),
        ("05616263", Malformed),
        ("21c101", Malformed),
        ("40", Malformed),
        ("3400", Malformed),
        ("48c102c102c102c102", Unsupported),
        ("7b010000000bdb00000004 00000003 01ff", Malformed),
        ("3c787c0d01010101", Malformed),
        // 44 BC; a time zone region; an unknown kind, and one that nothing uses.
        ("3c6438030f0d0101", Unsupported),
        ("7c787c010204050600000000d43c", Unsupported),
        ("3f", Unsupported),
        ("78", Unsupported),
        ("7b02", Unsupported),
        ("76 0000", Malformed),
        ("8400", Malformed),
        ("d800", Malformed),
    ] {
        refused(&scalar(&node.replace(' ', "")), kind);
    }
    for text in ["", "+1", "01", "1.", ".5", "1e", "1e+", "-", "Inf", "1 ", "0x1"] {
        let digits: String = text.bytes().map(|b| format!("{b:02x}")).collect();
        refused(&scalar(&format!("35{:02x}{digits}", text.len())), Malformed);
    }
}

#[test]
fn refused_headers() {
    use OsonErrorKind::{Malformed, Unsupported};
    for (hex, kind) in [
        ("", Malformed),
        ("ff4a59010016000130", Malformed),
        ("ff4a5a000016000130", Unsupported),
        ("ff4a5a050016000130", Unsupported),
        ("ff4a5a010014000130", Unsupported),
        ("ff4a5a010096000130", Unsupported),
        ("ff4a5a01001600013000", Malformed),
        ("ff4a5a010016000230", Malformed),
        ("ff4a5a0120060100020008000000000161840101000521c102", Unsupported),
        ("ff4a5a012106ff0002000800002c00000161840101000521c102", Malformed),
        // Key 2 of 1, key 0, a name that ends after the names.
        ("ff4a5a012106010002000800002c00000161840102000521c102", Malformed),
        ("ff4a5a012106010002000800002c00000161840100000521c102", Malformed),
        ("ff4a5a012106010002000800002c00000261840101000521c102", Malformed),
        // An offset outside of the tree; more members than bytes.
        ("ff4a5a012106010002000800002c00000161840101000821c102", Malformed),
        ("ff4a5a01200600000000060000d0ffffffff00", Malformed),
    ] {
        refused(hex, kind);
    }
    let whole = bytes("ff4a5a012106020006000e000008c100030000026b31026b32840202010008000b21c10b21c115");
    for length in 0..whole.len() {
        assert!(text(&whole[..length]).is_err(), "{length}");
    }
    assert_eq!(refused("ff4a5a010016000302ffff", Malformed).offset(), 8);
}

fn nested(depth: usize) -> Vec<u8> {
    let mut tree: Vec<u8> = Vec::new();
    for level in 1..=depth {
        tree.extend([0xe0, 1]);
        tree.extend(u32::try_from(level * 6).unwrap().to_be_bytes());
    }
    tree.push(0x30);
    let mut image = bytes("ff4a5a013006000000");
    image.extend(u32::try_from(tree.len()).unwrap().to_be_bytes());
    image.extend([0, 0]);
    image.extend(tree);
    image
}

#[test]
fn depth_and_length_are_bounded() {
    let json = text(&nested(MAX_DEPTH)).unwrap();
    assert_eq!(json, format!("{}null{}", "[".repeat(1024), "]".repeat(1024)));
    assert_eq!(text(&nested(MAX_DEPTH + 1)).unwrap_err().kind(), OsonErrorKind::TooDeep);
    // An array that is its own element.
    refused("ff4a5a01200600000000040000c0010000", OsonErrorKind::TooDeep);
    // A node that moved to itself.
    refused("ff4a5a02001600037600000100 0000 00000000 00000000 00000003 760000", OsonErrorKind::Malformed);

    // Each array has the next one twice.
    let mut image = bytes("ff4a5a01200600000000b50000");
    for level in 1..=30_u8 {
        image.extend([0xc0, 2, 0, level * 6, 0, level * 6]);
    }
    image.push(0x30);
    let mut out = Vec::new();
    let error = to_json_within(&image, 1000, &mut out).unwrap_err();
    assert_eq!((error.kind(), out.len()), (OsonErrorKind::TooLong, 0));
    let small = bytes("ff4a5a0100160003026869");
    assert!(to_json_within(&small, 4, &mut out).is_ok());
    assert_eq!(to_json_within(&small, 3, &mut out).unwrap_err().kind(), OsonErrorKind::TooLong);
    assert_eq!(out, b"\"hi\"");
}

#[test]
fn nothing_is_allocated() {
    let image = bytes(
        "ff4a5a01612605000a0030000b2c5273ade500020004000800060000016201610163017a0164840305010200110014002606000031\
         323021c102c0050011002000240010000e22c10333017884020403002e000f0179",
    );
    let mut out = Vec::with_capacity(1000);
    let info = allocation_counter::measure(|| to_json(&image, &mut out).unwrap());
    assert_eq!(info.count_total, 0);
}

#[test]
fn relative_offsets() {
    check("ff4a5a012007000000 0009 0000 c0010005 30 c001ffff", "[[null]]");
    check("ff4a5a012007000000 000d 0000 e00100000007 30 e001ffffffff", "[[null]]");
    // Offset 8 of an array at 65536 is 65544 to one driver, and 8 to another.
    let mut image = bytes("ff4a5a013007000000 0001000b 0000 e00100010000");
    image.resize(image.len() + 0xfffa, 0x30);
    image.extend(bytes("c0010008 30303030303030"));
    assert_eq!(text(&image).unwrap_err().kind(), OsonErrorKind::Unsupported);
}

/// A JSON value, and how it is written in an image.
#[derive(Debug, Clone)]
enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Double(f64),
    Float(f32),
    String(String),
    Binary(Vec<u8>),
    Date(DateTime),
    Timestamp(DateTime),
    TimestampTz(DateTime, UtcOffset),
    Ym(IntervalYm),
    Ds(IntervalDs),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn keys(&self, keys: &mut BTreeMap<String, usize>) {
        match self {
            Json::Array(items) => items.iter().for_each(|item| item.keys(keys)),
            Json::Object(members) => members.iter().for_each(|(key, value)| {
                keys.insert(key.clone(), 0);
                value.keys(keys);
            }),
            _ => {}
        }
    }

    fn text(&self) -> String {
        let quoted = |text: String| format!("\"{text}\"");
        let joined = |texts: Vec<String>| texts.join(",");
        match self {
            Json::Null => "null".to_owned(),
            Json::Bool(b) => b.to_string(),
            Json::Number(n) if n.is_infinite() => {
                quoted(if *n == Number::INFINITY { "Inf" } else { "-Inf" }.to_owned())
            }
            Json::Number(n) => n.to_string(),
            Json::Double(n) if n.is_finite() => format!("{n:?}"),
            Json::Float(n) if n.is_finite() => format!("{n:?}"),
            Json::Double(n) if n.is_nan() => quoted("Nan".to_owned()),
            Json::Float(n) if n.is_nan() => quoted("Nan".to_owned()),
            Json::Double(n) => quoted(if *n > 0.0 { "Inf" } else { "-Inf" }.to_owned()),
            Json::Float(n) => quoted(if *n > 0.0 { "Inf" } else { "-Inf" }.to_owned()),
            Json::String(s) => escaped(s),
            Json::Binary(bytes) => quoted(bytes.iter().map(|b| format!("{b:02X}")).collect()),
            Json::Date(at) | Json::Timestamp(at) => quoted(iso(at)),
            Json::TimestampTz(at, offset) => {
                let fraction = if at.nanosecond == 0 { ".000000" } else { "" };
                let offset = if *offset == UtcOffset::UTC { "Z".to_owned() } else { offset.to_string() };
                quoted(format!("{}{fraction}{offset}", iso(at)))
            }
            Json::Ym(i) => months_text(*i).as_str().to_owned(),
            Json::Ds(i) => duration_text(*i).as_str().to_owned(),
            Json::Array(items) => format!("[{}]", joined(items.iter().map(Json::text).collect())),
            Json::Object(members) => {
                let member = |(key, value): &(String, Json)| format!("{}:{}", escaped(key), value.text());
                format!("{{{}}}", joined(members.iter().map(member).collect()))
            }
        }
    }
}

fn iso(at: &DateTime) -> String {
    let text = at.to_string().replace(' ', "T");
    if at.nanosecond != 0 && at.nanosecond.is_multiple_of(1000) { text[..text.len() - 3].to_owned() } else { text }
}

fn escaped(s: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\u{8}' => "\\b".to_owned(),
        '\t' => "\\t".to_owned(),
        '\n' => "\\n".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\r' => "\\r".to_owned(),
        '\0'..='\u{1f}' => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    };
    format!("\"{}\"", s.chars().map(escape).collect::<String>())
}

/// How to write what can be written in more than one way.
#[derive(Debug, Clone, Copy)]
struct Style {
    wide_offsets: bool,
    relative: bool,
    id_width: usize,
    wide_names: bool,
    share_keys: bool,
    prefixed: bool,
}

struct Encoder {
    style: Style,
    keys: BTreeMap<String, usize>,
    tree: Vec<u8>,
    /// Objects by their keys.
    objects: BTreeMap<Vec<usize>, usize>,
}

fn narrow(number: usize, width: usize) -> Vec<u8> {
    number.to_be_bytes()[8 - width..].to_vec()
}

fn encode(json: &Json, style: Style) -> Vec<u8> {
    let mut keys = BTreeMap::new();
    json.keys(&mut keys);
    let (mut short, mut long): (Vec<_>, Vec<_>) = keys.into_keys().partition(|key| key.len() < 256);
    short.reverse();
    long.reverse();
    let keys = short.iter().chain(&long).cloned().zip(1..).collect();
    let mut encoder = Encoder { style, keys, tree: Vec::new(), objects: BTreeMap::new() };
    encoder.node(json);

    let container = matches!(json, Json::Array(_) | Json::Object(_));
    let mut flags = FLAG_INLINE_LEAF | FLAG_TREE_SIZE_4;
    if style.relative {
        flags |= FLAG_RELATIVE_OFFSETS;
    }
    let mut image = b"\xffJZ".to_vec();
    if !container {
        image.push(1);
        image.extend((flags | FLAG_SCALAR).to_be_bytes());
        image.extend(narrow(encoder.tree.len(), 4));
    } else {
        let offset_width = if style.wide_names { 4 } else { 2 };
        let heap = |names: &[String], width: usize| {
            let (mut offsets, mut heap) = (Vec::new(), Vec::new());
            for name in names {
                offsets.extend(narrow(heap.len(), offset_width));
                heap.extend(narrow(name.len(), width));
                heap.extend(name.as_bytes());
            }
            (offsets, heap)
        };
        let ((short_offsets, short_heap), (long_offsets, long_heap)) = (heap(&short, 1), heap(&long, 2));
        flags |= FLAG_NAME_HASH_1;
        flags |= if style.wide_names { FLAG_NAME_HEAP_4 } else { 0 };
        flags |= match style.id_width {
            4 => FLAG_NAME_COUNT_4,
            2 => FLAG_NAME_COUNT_2,
            _ => 0,
        };
        image.push(if long.is_empty() { 1 } else { 3 });
        image.extend(flags.to_be_bytes());
        image.extend(narrow(short.len(), style.id_width));
        image.extend(narrow(short_heap.len(), offset_width));
        if !long.is_empty() {
            image.extend(if style.wide_names { 0 } else { FLAG_OFFSETS_2 }.to_be_bytes());
            image.extend(narrow(long.len(), 4));
            image.extend(narrow(long_heap.len(), 4));
        }
        image.extend(narrow(encoder.tree.len(), 4));
        image.extend([0, 0]);
        image.extend(std::iter::repeat_n(0, short.len()));
        image.extend(short_offsets);
        image.extend(short_heap);
        image.extend(std::iter::repeat_n(0, 2 * long.len()));
        image.extend(long_offsets);
        image.extend(long_heap);
    }
    image.extend(encoder.tree);
    image
}

impl Encoder {
    fn node(&mut self, json: &Json) {
        match json {
            Json::Null => self.tree.push(0x30),
            Json::Bool(b) => self.tree.push(if *b { 0x31 } else { 0x32 }),
            Json::Number(n) => {
                let length = u8::try_from(n.as_bytes().len()).unwrap();
                match length {
                    1..=16 if !self.style.prefixed => self.tree.push(0x20 + length - 1),
                    1..=7 => self.tree.push(0x40 + length),
                    _ => self.tree.extend([0x34, length]),
                }
                self.tree.extend(n.as_bytes());
            }
            Json::Double(n) => self.fixed(0x36, &binary_float::ordered_double(*n)),
            Json::Float(n) => self.fixed(0x7f, &binary_float::ordered_float(*n)),
            Json::String(s) => {
                match s.len() {
                    0..=31 if !self.style.prefixed => self.tree.push(u8::try_from(s.len()).unwrap()),
                    0..=255 => self.tree.extend([0x33, u8::try_from(s.len()).unwrap()]),
                    length => self.fixed(0x37, &narrow(length, 2)),
                }
                self.tree.extend(s.as_bytes());
            }
            Json::Binary(bytes) => {
                self.fixed(0x3a, &narrow(bytes.len(), 2));
                self.tree.extend(bytes);
            }
            Json::Date(at) => self.fixed(0x3c, &at.to_date_bytes().unwrap()),
            Json::Timestamp(at) => self.fixed(0x39, &at.to_timestamp_bytes().unwrap()),
            Json::TimestampTz(at, offset) => self.fixed(0x7c, &at.to_timestamp_tz_bytes(*offset).unwrap()),
            Json::Ym(i) => self.fixed(0x3d, &i.to_bytes()),
            Json::Ds(i) => self.fixed(0x3e, &i.to_bytes().unwrap()),
            Json::Array(items) => {
                let at = self.tree.len();
                self.count(0xc0, items.len());
                self.children(at, items.iter());
            }
            Json::Object(members) => {
                let at = self.tree.len();
                let ids: Vec<_> = members.iter().map(|(key, _)| self.keys[key]).collect();
                let shared = self.objects.get(&ids).copied().filter(|_| self.style.share_keys);
                if let Some(other) = shared {
                    self.tree.push(0x98 | if self.style.wide_offsets { 0x20 } else { 0 });
                    self.tree.extend(narrow(other, if self.style.wide_offsets { 4 } else { 2 }));
                } else {
                    self.count(0x84, ids.len());
                    for id in &ids {
                        self.tree.extend(narrow(*id, self.style.id_width));
                    }
                    self.objects.insert(ids, at);
                }
                self.children(at, members.iter().map(|(_, value)| value));
            }
        }
    }

    fn fixed(&mut self, kind: u8, bytes: &[u8]) {
        self.tree.push(kind);
        self.tree.extend(bytes);
    }

    fn count(&mut self, kind: u8, count: usize) {
        let (bits, width) = if self.style.prefixed { (0x10, 4) } else { (0x08, 2) };
        self.tree.push(kind | bits | if self.style.wide_offsets { 0x20 } else { 0 });
        self.tree.extend(narrow(count, width));
    }

    fn children<'j>(&mut self, at: usize, children: impl ExactSizeIterator<Item = &'j Json>) {
        let width = if self.style.wide_offsets { 4 } else { 2 };
        let mut slot = self.tree.len();
        self.tree.resize(slot + width * children.len(), 0);
        for child in children {
            let offset = if self.style.relative { self.tree.len() - at } else { self.tree.len() };
            self.tree[slot..slot + width].copy_from_slice(&narrow(offset, width));
            slot += width;
            self.node(child);
        }
    }
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[a-e]{0,2}", 2 => any::<String>().prop_filter("short", |s| s.len() < 256), 1 => "x{256,300}"]
}

fn any_json() -> impl Strategy<Value = Json> {
    let dates = || datetime::tests::date_time().prop_filter("after Christ", |at| at.year > 1);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (any::<i64>(), 0..20_u32).prop_map(|(n, scale)| { Json::Number(format!("{n}E-{scale}").parse().unwrap()) }),
        Just(Json::Number(Number::INFINITY)),
        any::<u64>().prop_map(|bits| Json::Double(f64::from_bits(bits))),
        any::<u32>().prop_map(|bits| Json::Float(f32::from_bits(bits))),
        any::<String>().prop_map(Json::String),
        "y{30,300}".prop_map(Json::String),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Json::Binary),
        dates().prop_map(|at| Json::Date(DateTime { nanosecond: 0, ..at })),
        dates().prop_map(Json::Timestamp),
        (dates(), datetime::tests::offset()).prop_filter_map("in range", |(at, offset)| {
            at.to_timestamp_tz_bytes(offset).is_ok().then_some(Json::TimestampTz(at, offset))
        }),
        any::<i32>().prop_map(|months| Json::Ym(IntervalYm { months })),
        interval::tests::interval_ds().prop_map(Json::Ds),
    ];
    leaf.prop_recursive(6, 80, 10, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..10).prop_map(Json::Array),
            proptest::collection::vec((any_key(), inner), 0..10).prop_map(Json::Object),
        ]
    })
}

prop_compose! {
    fn any_style()(flags: [bool; 5], id_width in prop::sample::select(vec![1_usize, 2, 4])) -> Style {
        let [wide_offsets, relative, wide_names, share_keys, prefixed] = flags;
        Style { wide_offsets, relative, id_width, wide_names, share_keys, prefixed }
    }
}

proptest! {
    #[test]
    fn any_document_survives(json in any_json(), style in any_style()) {
        let image = encode(&json, style);
        let mut out = Vec::new();
        to_json(&image, &mut out).unwrap();
        prop_assert_eq!(String::from_utf8(out).unwrap(), json.text());
    }

    #[test]
    fn broken_images_are_errors_or_text(json in any_json(), style in any_style(), at: prop::sample::Index, byte: u8) {
        let mut image = encode(&json, style);
        let at = at.index(image.len());
        image[at] = byte;
        let mut out = vec![1];
        match to_json_within(&image, 10_000, &mut out) {
            Ok(()) => prop_assert!(std::str::from_utf8(&out).is_ok()),
            Err(_) => prop_assert_eq!(out, [1]),
        }
        prop_assert!(to_json_within(&image[..at], 10_000, &mut Vec::new()).is_err());
    }
}
