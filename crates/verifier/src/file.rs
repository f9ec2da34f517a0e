//! A file of JSON lines: one object with one member each, closed by an end that holds the hash of all before it.

use std::io::BufRead;

use serde_json::Value;
use sm3::{Digest, Sm3};

use crate::hex;

/// A line: its number from 1, the name of its member, and what it holds.
pub(crate) struct Line<'a> {
    pub number: u64,
    pub name: &'a str,
    pub inside: &'a Value,
    before: &'a Sm3,
    is_whole: bool,
}

impl Line<'_> {
    /// Whether it is an end with these counts and the hash of the lines before it.
    pub fn ends_with(&self, mut counts: Value) -> bool {
        counts["sm3"] = hex(&self.before.clone().finalize()).into();
        self.is_whole && *self.inside == counts
    }
}

/// Reads every line; an error is the first thing that is wrong, with its line.
pub(crate) fn each_line(
    file: &mut dyn BufRead,
    mut read: impl FnMut(&Line<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let (mut before, mut text, mut ended) = (Sm3::new(), Vec::new(), false);
    for number in 1.. {
        text.clear();
        if file.read_until(b'\n', &mut text).map_err(|e| e.to_string())? == 0 {
            break;
        }
        let at = |why: String| format!("line {number}: {why}");
        if ended {
            return Err(at("something after the end".into()));
        }
        let value: Value = serde_json::from_slice(&text).map_err(|e| at(e.to_string()))?;
        let members = value.as_object().filter(|m| m.len() == 1).ok_or_else(|| at("not one object a line".into()))?;
        let (name, inside) = members.iter().next().ok_or_else(|| at("empty".into()))?;
        let is_whole = text.last() == Some(&b'\n');
        read(&Line { number, name, inside, before: &before, is_whole }).map_err(at)?;
        ended = name == "end";
        before.update(&text);
    }
    if ended { Ok(()) } else { Err("the file has no end line: it is cut off".into()) }
}
