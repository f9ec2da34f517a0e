//! `qishu-verify`: a sealed ledger or a single fact, checked without the platform.

use std::io::BufReader;
use std::process::ExitCode;

use verifier::{Known, check_ledger, check_proof};

const USAGE: &str = "usage: qishu-verify ledger FILE [--key KEY]... [--head HASH]
       qishu-verify proof TEXT (--root HASH | --key KEY...)
KEY is a public key or a file that holds one. Exit codes: 0 sound, 2 wrong usage, 4 something is wrong";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut known, mut root, mut plain) = (Known::default(), None, Vec::new());
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--key" => known.keys.extend(rest.next().map(key)),
            "--head" => known.head = rest.next(),
            "--root" => root = rest.next(),
            _ => plain.push(argument),
        }
    }
    let done = match plain.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ledger", file] => ledger(file, &known),
        ["proof", text] => proof(text, root.as_deref(), &known.keys),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("WRONG: {why}");
            ExitCode::from(4)
        }
    }
}

fn key(given: String) -> String {
    std::fs::read_to_string(&given).unwrap_or(given).trim().to_owned()
}

fn ledger(file: &str, known: &Known) -> Result<(), String> {
    let opened = std::fs::File::open(file).map_err(|e| format!("{file}: {e}"))?;
    let sound = check_ledger(&mut BufReader::with_capacity(1 << 20, opened), known)?;
    println!("sound: {} blocks, {} facts, last block {}", sound.blocks, sound.facts, sound.head);
    sound.keys.iter().for_each(|key| println!("signed by {key}"));
    if known.keys.is_empty() {
        println!("no key was given: this shows that nothing was changed after sealing, not who sealed");
    }
    Ok(())
}

fn proof(text: &str, root: Option<&str>, keys: &[String]) -> Result<(), String> {
    let proven = check_proof(text, root, keys)?;
    println!("sound: fact {} is in block {} ({})", proven.position, proven.block, proven.hash);
    println!("root {}\nsigned by {}\n{}", proven.root, proven.key, proven.fields.join(" | "));
    Ok(())
}
