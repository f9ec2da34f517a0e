//! `qishu-verify`: a sealed ledger, a sealed audit log, a published figure or a code on paper, checked without the platform.

use std::io::BufReader;
use std::process::ExitCode;

use verifier::{Known, check_audit, check_figure, check_ledger, check_proof};

const USAGE: &str = "usage: qishu-verify ledger|audit FILE [--key KEY]... [--head HASH]
       qishu-verify figure FILE --key KEY...
       qishu-verify proof TEXT (--root HASH | --key KEY...)
KEY is a public key or a file that holds one. Exit codes: 0 sound, 2 wrong usage, 4 something is wrong";

fn main() -> ExitCode {
    let (mut known, mut root, mut plain) = (Known::default(), None, Vec::new());
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--key" => known.keys.extend(rest.next().map(|k| std::fs::read_to_string(&k).unwrap_or(k).trim().into())),
            "--head" => known.head = rest.next(),
            "--root" => root = rest.next(),
            _ => plain.push(argument),
        }
    }
    let done = match plain.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [what @ ("ledger" | "audit"), file] => sealed(what, file, &known),
        ["figure", file] => figure(file, &known),
        ["proof", text] => check_proof(text, root.as_deref(), &known.keys).map(|p| {
            let (position, block, hash, root, key) = (p.position, p.block, p.hash, p.root, p.key);
            let what = if p.is_figure { "a figure of publication" } else { "fact" };
            let sealed = if p.is_figure { "statement" } else { "block" };
            format!(
                "sound: {what} {position} is in {sealed} {block} ({hash})\nroot {root}\nsigned by {key}\n{}",
                p.fields.join("\n")
            )
        }),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(text) => println!("{text}"),
        Err(why) => {
            eprintln!("WRONG: {why}");
            return ExitCode::from(4);
        }
    }
    ExitCode::SUCCESS
}

fn sealed(what: &str, file: &str, known: &Known) -> Result<String, String> {
    let opened = std::fs::File::open(file).map_err(|e| format!("{file}: {e}"))?;
    let mut file = BufReader::with_capacity(1 << 20, opened);
    let sound = if what == "audit" { check_audit(&mut file, known)? } else { check_ledger(&mut file, known)? };
    let (blocks, facts, publications) = (sound.blocks, sound.facts, sound.publications);
    let (head, keys) = (sound.head, sound.keys.join("\nsigned by "));
    Ok(format!(
        "sound: {blocks} blocks, {facts} rows, {publications} publications, last block {head}\nsigned by {keys}"
    ))
}

fn figure(file: &str, known: &Known) -> Result<String, String> {
    let opened = std::fs::File::open(file).map_err(|e| format!("{file}: {e}"))?;
    let sound = check_figure(&mut BufReader::with_capacity(1 << 20, opened), &known.keys)?;
    let (title, citation, value, rows, facts) = (sound.title, sound.citation, sound.value, sound.rows, sound.facts);
    let parts = sound.parts.join("\n");
    Ok(format!("sound: {title}, {citation} = {value}, {rows} rows, {facts} facts\n{parts}\nsigned by {}", sound.key))
}
