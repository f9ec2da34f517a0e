//! A whole questionnaire of the edition of 2024, filled in somehow: for measuring how long assessing takes.

use kernel::{Error, Result};

use super::instrument::{Answers, Instrument, ItemKind, assess, shipped, show};

/// Fills in the questionnaire in the `nth` way and assesses it: the points it comes to.
///
/// # Errors
/// [`Error::Internal`] when the shipped questionnaire is not there.
pub fn assessed(nth: usize) -> Result<String> {
    let sme = shipped().iter().find(|one| one.code == "sme-digital");
    let sme = sme.ok_or_else(|| Error::Internal("the questionnaire of 2024 is missing".into()))?;
    Ok(show(assess(sme, &filled(sme, nth))?.score, 4))
}

fn filled(instrument: &Instrument, nth: usize) -> Answers {
    let mut answers = Answers::new();
    for (at, item) in instrument.items.iter().enumerate() {
        let open = item.options.iter().filter(|option| !option.none).map(|option| option.code.clone());
        let said: Vec<String> = match &item.kind {
            ItemKind::Multi => open.enumerate().filter(|(n, _)| n % 2 == nth % 2 || *n == 1).map(|(_, c)| c).collect(),
            ItemKind::Single { .. } => open.skip((nth + at) % item.options.len()).take(1).collect(),
            // What is invested stays below what is earned.
            ItemKind::Number { at_most: None } if item.code.starts_with("invested") => {
                vec![((nth + at) % 60).to_string()]
            }
            ItemKind::Number { at_most: None } => vec![(100 + (nth * 7 + at) % 90).to_string()],
            ItemKind::Number { at_most: Some(_) } => vec![((nth * 5 + at) % 100).to_string()],
            ItemKind::Computed(_) => continue,
        };
        answers.insert(item.code.clone(), said);
    }
    for (at, scene) in instrument.scenes.iter().enumerate() {
        answers.insert(scene.code.clone(), vec![((nth + at) % (scene.levels.len() + 1)).to_string()]);
    }
    answers
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_way_of_filling_in_is_whole() {
        for nth in 0..200 {
            assert!(super::assessed(nth).is_ok(), "{nth}: {:?}", super::assessed(nth));
        }
    }
}
