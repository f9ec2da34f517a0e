//! A published figure with its rows: the figure leads to a signed statement, each fact to a signed block,
//! and the facts give the figure's rows, their digest and its value again.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde_json::Value;

use crate::file::{Line, each_line};
use crate::proof::climb;
use crate::{FACT, HEADER, Hash, bytes_of, hex, signed, sm3, unhex};

/// Members of a figure, and of a statement.
pub(crate) const FIGURE: &str = "publication:i seq:i citation:t printed:t indicator:t version:i definition:h filter:t \
    about:t known:i value:t answer:h rows:i digest:h";
pub(crate) const STATEMENT: &str = "number:i previous:h publication:i title:t published_on:t digest:h figures:i root:h \
    block:i block_hash:h sealed_at:t public_key:k";

/// A figure in which all is well: what it says, who signed, and for each part what its facts came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence above names them all")]
pub struct SoundFigure {
    pub title: String,
    pub citation: String,
    pub value: String,
    pub rows: i64,
    pub facts: i64,
    pub key: String,
    pub parts: Vec<String>,
}

/// A signed head over the root of a tree.
struct Signed {
    count: usize,
    root: String,
}

#[derive(Default)]
struct Reading {
    keys: Vec<String>,
    sound: SoundFigure,
    figure: Value,
    definition: Value,
    answer: Value,
    statement: Option<Signed>,
    publication: i64,
    blocks: BTreeMap<i64, Signed>,
    part: Option<String>,
    facts: Vec<Value>,
    done: Vec<(String, String)>,
}

/// Verifies a file of JSON lines against keys, one of which is needed; an error is the first thing that is wrong.
pub fn check_figure(file: &mut dyn BufRead, keys: &[String]) -> Result<SoundFigure, String> {
    if keys.is_empty() {
        return Err("give --key: without a key known from elsewhere a figure proves nothing".into());
    }
    let mut reading = Reading { keys: keys.to_vec(), ..Reading::default() };
    each_line(file, |line| match (line.number, line.name) {
        (1, "qishu_figure") if line.inside.as_i64() == Some(1) => Ok(()),
        (2, "statement") => reading.statement(line.inside),
        (3, "figure") => reading.figure(line.inside),
        (4.., "part") => reading.part(line.inside),
        (4.., "block") => reading.block(line.inside),
        (4.., "fact") => reading.fact(line.inside),
        (4.., "end") => reading.end(line),
        (_, name) => Err(format!("{name} does not belong here")),
    })?;
    Ok(reading.sound)
}

pub(crate) fn only(object: &Value, names: &[&str]) -> Result<(), String> {
    let given = object.as_object().ok_or("not an object")?;
    let same = given.len() == names.len() && names.iter().all(|name| given.contains_key(*name));
    if same { Ok(()) } else { Err(format!("its members are not {}", names.join(", "))) }
}

fn path_of(value: &Value) -> Option<Vec<Hash>> {
    value.as_array()?.iter().map(|h| unhex(h.as_str()?)?.try_into().ok()).collect()
}

impl Reading {
    /// A head whose signature holds, by a key that is trusted.
    fn signed(&self, first: u8, head: &Value, form: &str, count: &str, signature: &Value) -> Result<Signed, String> {
        let bytes = [vec![first], bytes_of(head, form)?].concat();
        let key = head["public_key"].as_str().unwrap_or_default();
        let signature = signature.as_str().and_then(unhex).unwrap_or_default();
        if !signed(&unhex(key).unwrap_or_default(), &bytes, &signature) {
            return Err("the signature does not hold".into());
        }
        if !self.keys.iter().any(|k| k == key) {
            return Err("signed by a key that is not trusted".into());
        }
        let count = head[count].as_u64().and_then(|n| usize::try_from(n).ok()).ok_or("a count is missing")?;
        Ok(Signed { count, root: head["root"].as_str().unwrap_or_default().to_owned() })
    }

    fn statement(&mut self, given: &Value) -> Result<(), String> {
        only(given, &["statement", "signature"])?;
        let said = &given["statement"];
        self.statement = Some(self.signed(4, said, STATEMENT, "figures", &given["signature"])?);
        self.sound.title = said["title"].as_str().unwrap_or_default().to_owned();
        self.sound.key = said["public_key"].as_str().unwrap_or_default().to_owned();
        self.publication = said["publication"].as_i64().unwrap_or_default();
        Ok(())
    }

    fn figure(&mut self, given: &Value) -> Result<(), String> {
        only(given, &["figure", "index", "path", "definition", "answer"])?;
        let (figure, statement) = (&given["figure"], self.statement.as_ref().ok_or("no statement")?);
        leads(3, &bytes_of(figure, FIGURE)?, given, statement)?;
        if figure["publication"] != self.publication {
            return Err("the figure is of another publication".into());
        }
        for (name, hash) in [("definition", &figure["definition"]), ("answer", &figure["answer"])] {
            let text = given[name].as_str().ok_or("a text is missing")?;
            if *hash != hex(&sm3(&[text.as_bytes()])) {
                return Err(format!("its {name} is not the one that was signed"));
            }
        }
        let json = |text: &Value| serde_json::from_str::<Value>(text.as_str().unwrap_or_default());
        self.definition = json(&given["definition"]).map_err(|e| e.to_string())?;
        self.answer = json(&given["answer"]).map_err(|e| e.to_string())?;
        if json(&figure["value"]).ok().as_ref() != Some(&self.answer[0]) {
            return Err("its value is not that of its answer".into());
        }
        let text = |name: &str| figure[name].as_str().unwrap_or_default().to_owned();
        (self.sound.citation, self.sound.value) = (text("citation"), text("value"));
        self.sound.rows = figure["rows"].as_i64().unwrap_or_default();
        self.figure = figure.clone();
        Ok(())
    }

    fn block(&mut self, given: &Value) -> Result<(), String> {
        only(given, &["header", "signature"])?;
        let block = self.signed(2, &given["header"], HEADER, "facts", &given["signature"])?;
        self.blocks.insert(given["header"]["number"].as_i64().unwrap_or_default(), block);
        Ok(())
    }

    fn fact(&mut self, given: &Value) -> Result<(), String> {
        only(given, &["fact", "block", "index", "path"])?;
        let (fact, number) = (&given["fact"], given["block"].as_i64().unwrap_or_default());
        let block = self.blocks.get(&number).ok_or("its block was not given before")?;
        leads(0, &bytes_of(fact, FACT)?, given, block)?;
        let (position, before) = (fact["position"].as_i64(), self.facts.last().and_then(|f| f["position"].as_i64()));
        if position <= before || position > self.figure["known"].as_i64() {
            return Err("the fact does not follow the one before, or was not known".into());
        }
        self.sound.facts += 1;
        self.facts.push(fact.clone());
        Ok(())
    }

    fn part(&mut self, given: &Value) -> Result<(), String> {
        only(given, &["code"])?;
        self.close_part()?;
        self.part = given["code"].as_str().map(str::to_owned);
        Ok(())
    }

    /// What the facts of a part come to is what was signed.
    fn close_part(&mut self) -> Result<(), String> {
        let facts = std::mem::take(&mut self.facts);
        let Some(code) = self.part.take() else {
            return if facts.is_empty() { Ok(()) } else { Err("facts outside a part".into()) };
        };
        let wrong = |why: &str| format!("{code}: {why}");
        let claims = self.answer[1].as_array().ok_or_else(|| wrong("no parts were signed"))?;
        let claim = claims.iter().find(|c| c["code"] == *code).ok_or_else(|| wrong("not a part that was signed"))?;
        let defined = find(&self.definition, &code).ok_or_else(|| wrong("it has no definition"))?;
        let digest = claim["digest"].as_str().unwrap_or_default().to_owned();
        let told = match crate::rows::Rows::of(&defined["measure"], &facts).map_err(|why| wrong(&why))? {
            None => format!("{code}: {} by people, signed but not made of facts", claim["number"]),
            Some(rows) => {
                if claim["rows"] != rows.count() || digest != rows.digest() {
                    return Err(wrong("its facts are not the rows that were signed"));
                }
                rows.same_value(&claim["number"]).map_err(|why| wrong(&why))?;
                format!("{code}: {} rows of {} facts, {}", rows.count(), facts.len(), rows.sums())
            }
        };
        self.sound.parts.push(told);
        self.done.push((code, digest));
        Ok(())
    }

    fn end(&mut self, end: &Line<'_>) -> Result<(), String> {
        self.close_part()?;
        if self.done.len() != self.answer[1].as_array().map_or(0, Vec::len) {
            return Err("not all parts of the figure are given".into());
        }
        let whole = match &self.done[..] {
            [(_, digest)] => digest.clone(),
            many => {
                let text: String = many.iter().map(|(code, digest)| format!("{code} {digest}\n")).collect();
                hex(&sm3(&[text.as_bytes()]))
            }
        };
        if !end.ends_with(serde_json::json!({ "facts": self.sound.facts })) || self.figure["digest"] != whole {
            return Err("the end does not agree with the file".into());
        }
        Ok(())
    }
}

/// A leaf leads to the root that was signed.
fn leads(first: u8, bytes: &[u8], given: &Value, to: &Signed) -> Result<(), String> {
    let path = path_of(&given["path"]).ok_or("its path is not hexadecimal")?;
    let index = given["index"].as_u64().and_then(|n| usize::try_from(n).ok()).ok_or("its leaf has no number")?;
    if hex(&climb(sm3(&[&[first], bytes]), index, to.count, &path)?) == to.root {
        return Ok(());
    }
    Err("it does not lead to the root that was signed".into())
}

fn find<'v>(definition: &'v Value, code: &str) -> Option<&'v Value> {
    if definition["code"] == code {
        return Some(definition);
    }
    definition["parts"].as_array()?.iter().find_map(|part| find(part, code))
}
