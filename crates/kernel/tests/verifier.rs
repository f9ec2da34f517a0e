//! The kernel and the verifier, which shares no code with it, agree on a thousand random histories,
//! and both find whatever is done to the file.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::seal::{
    self, Block, End, Hash, Hasher, Header, SealKey, SealedFact, SealedFigure, Stated, Statement, Trust,
};
use testkit::Dice;

fn fact(dice: &mut Dice, position: i64) -> SealedFact {
    let number = |dice: &mut Dice| dice.roll() as i64 >> dice.below(64);
    let words = ["", "a", "样例企业", "“引号”\"\\", "换\n行", "\u{1}", "𠮷", "x y"];
    let word = |dice: &mut Dice| format!("{}{}", dice.pick(&words), dice.pick(&words));
    SealedFact {
        position,
        kind: dice.pick(&["sample.visited", "sample.paid"]).to_string(),
        class: word(dice),
        subject: number(dice),
        counterparty: (dice.below(2) == 0).then(|| number(dice)),
        unit: number(dice),
        region: number(dice),
        industry: word(dice),
        size: dice.below(5) as i64,
        above_scale: dice.below(2) as i64,
        occurred_on: format!("2021-{:02}-{:02}", dice.below(12) + 1, dice.below(28) + 1),
        quantity: number(dice),
        amount_fen: number(dice),
        record: number(dice),
        reverses: (dice.below(3) == 0).then(|| number(dice)),
        reason: (dice.below(3) == 0).then(|| word(dice)),
        recorded_at: format!("2021-06-30T12:00:00.{:06}Z", dice.below(1_000_000)),
        recorded_by: word(dice),
    }
}

/// A random history with gaps between positions, as lines of an export.
fn history(dice: &mut Dice, keys: &[SealKey]) -> Vec<u8> {
    let (mut file, mut end, mut before, mut position) = (Vec::new(), End::default(), None, 0);
    seal::write_head::<SealedFact>(&mut file).unwrap();
    for _ in 0..=dice.below(3) {
        let facts: Vec<SealedFact> = (0..=dice.below(9))
            .map(|_| {
                position += dice.below(5) as i64 + 1;
                fact(dice, position)
            })
            .collect();
        let block =
            Block::seal(before.as_ref(), &facts, "2021-07-01T00:00:00.000000Z".into(), dice.pick(keys)).unwrap();
        seal::write_block(&mut file, &facts, &block).unwrap();
        end.take(&block.header, facts.len());
        before = Some(block.header);
    }
    let mut said = None;
    for number in 1..=dice.below(3) as i64 {
        let stated = stated(dice, number, said.as_ref(), before.as_ref(), keys);
        seal::write_publication(&mut file, &stated).unwrap();
        end.publications += 1;
        said = Some(stated.statement);
    }
    let mut hasher = Hasher::default();
    hasher.update(&file);
    end.sm3 = hasher.finish();
    seal::write_end(&mut file, &end).unwrap();
    file
}

/// A publication with random figures.
fn stated(dice: &mut Dice, number: i64, said: Option<&Statement>, head: Option<&Header>, keys: &[SealKey]) -> Stated {
    let figures: Vec<SealedFigure> = (1..=dice.below(4) as i64)
        .map(|seq| SealedFigure {
            publication: number,
            seq,
            citation: format!("A{seq}"),
            printed: dice.pick(&["153家", "“引号”", ""]).to_string(),
            indicator: "sample.visits".into(),
            version: dice.below(3) as i64,
            definition: Hash::of(b"definition"),
            filter: "{}".into(),
            about: "2021-06-30".into(),
            known: dice.below(99) as i64,
            value: format!("{{\"Count\":{}}}", dice.below(99)),
            answer: Hash::of(b"answer"),
            rows: dice.below(99) as i64,
            digest: Hash::of(b"rows"),
        })
        .collect();
    let key = dice.pick(keys);
    let statement = Statement {
        number,
        previous: said.map_or(Hash::ZERO, Statement::hash),
        publication: number,
        title: "答复".into(),
        published_on: "2021-08-11".into(),
        digest: Hash::of(b"document"),
        figures: figures.len() as i64,
        root: seal::root(&figures.iter().map(SealedFigure::leaf).collect::<Vec<_>>()),
        block: head.map_or(0, |h| h.number),
        block_hash: head.map_or(Hash::ZERO, Header::hash),
        sealed_at: "2021-08-11T00:00:00.000000Z".into(),
        public_key: key.public(),
    };
    Stated { signature: statement.sign(key), statement, figures }
}

/// The file after something was done to it that changes it.
fn mutated(dice: &mut Dice, file: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = file.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let line = dice.below(lines.len() as u64) as usize;
    match dice.below(6) {
        0 => drop(lines.remove(line)),
        1 => lines.insert(line, lines[line].clone()),
        2 if line + 1 < lines.len() => lines.swap(line, line + 1),
        3 => {
            let byte = dice.below(lines[line].len() as u64) as usize;
            lines[line].remove(byte);
        }
        _ => {
            let byte = dice.below(lines[line].len() as u64) as usize;
            lines[line][byte] ^= 1 << dice.below(8);
        }
    }
    lines.concat()
}

/// The file with its last line made to fit, so that seals alone must find what was done.
fn mended(file: &[u8]) -> Vec<u8> {
    let at = file[..file.len() - 1].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let mut end: serde_json::Value = serde_json::from_slice(&file[at..]).unwrap();
    let mut hasher = Hasher::default();
    hasher.update(&file[..at]);
    end["end"]["sm3"] = hasher.finish().to_string().into();
    [&file[..at], end.to_string().as_bytes(), b"\n"].concat()
}

fn both(file: &[u8], keys: &[SealKey]) -> (bool, bool) {
    let trust = Trust { keys: keys.iter().map(SealKey::public).collect(), head: None };
    let known = verifier::Known { keys: keys.iter().map(|k| k.public().to_string()).collect(), head: None };
    let ours = seal::check_file(&mut &*file, &trust).is_ok_and(|report| report.is_whole());
    let theirs = verifier::check_ledger(&mut &*file, &known).is_ok();
    (ours, theirs)
}

#[test]
fn both_agree_on_a_thousand_histories_and_find_what_was_done() {
    let keys = [[7; 32], [8; 32]].map(|secret| SealKey::from_bytes(&secret).unwrap());
    for seed in 0..1000 {
        let mut dice = Dice(seed);
        let file = history(&mut dice, &keys);
        assert_eq!(both(&file, &keys), (true, true), "history {seed}");
        let changed = mutated(&mut dice, &file);
        if changed != file {
            assert_eq!(both(&changed, &keys), (false, false), "history {seed}: {}", String::from_utf8_lossy(&changed));
        }
        // The same with a field of one fact changed and the file's own hash made to fit.
        let text = String::from_utf8(file).unwrap();
        let digit = text.find("\"above_scale\":").unwrap() + "\"above_scale\":".len();
        let flipped = if text.as_bytes()[digit] == b'0' { "1" } else { "0" };
        let forged = mended(format!("{}{flipped}{}", &text[..digit], &text[digit + 1..]).as_bytes());
        assert_eq!(both(&forged, &keys), (false, false), "history {seed}: a fact was changed and the end mended");
        // And a published figure.
        if let Some(printed) = text.find("\"printed\":\"") {
            let at = printed + "\"printed\":\"".len();
            let forged = mended(format!("{}1{}", &text[..at], &text[at..]).as_bytes());
            assert_eq!(both(&forged, &keys), (false, false), "history {seed}: a figure was changed and the end mended");
        }
    }
}

#[test]
fn both_find_every_flipped_byte() {
    let keys = [SealKey::from_bytes(&[7; 32]).unwrap()];
    let mut dice = Dice(3);
    let facts = [fact(&mut dice, 2)];
    let block = Block::seal(None, &facts, "2021-07-01T00:00:00.000000Z".into(), &keys[0]).unwrap();
    let mut file = Vec::new();
    seal::write_head::<SealedFact>(&mut file).unwrap();
    seal::write_block(&mut file, &facts, &block).unwrap();
    let mut end = End { publications: 1, ..End::default() };
    end.take(&block.header, 1);
    let mut any = (0..).map(|seed| stated(&mut Dice(seed), 1, None, Some(&block.header), &keys));
    let stated = any.find(|stated| stated.figures.len() == 1).unwrap();
    seal::write_publication(&mut file, &stated).unwrap();
    let mut hasher = Hasher::default();
    hasher.update(&file);
    end.sm3 = hasher.finish();
    seal::write_end(&mut file, &end).unwrap();
    assert_eq!(both(&file, &keys), (true, true));
    for at in 0..file.len() {
        // Another digit, another letter, capital instead of small.
        for flip in [1, 4, 32] {
            file[at] ^= flip;
            assert_eq!(both(&file, &keys), (false, false), "byte {at}: {}", String::from_utf8_lossy(&file));
            file[at] ^= flip;
        }
    }
}
