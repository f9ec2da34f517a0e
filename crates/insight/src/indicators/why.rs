//! 为什么某企业不在其中: the organisation meant, and the condition that keeps it out or lets it in.

use kernel::Result;
use kernel::indicator::{Verdict, why};
use kernel::org::Organisation;
use kernel::store::{Read, TOO_BROAD, too_broad};

use super::Asked;
use super::queries::{CHOICES, orgs};

/// The form and its answer.
#[derive(Default)]
pub(super) struct Why {
    /// What was typed.
    pub typed: String,
    /// What is wrong with it.
    pub fault: String,
    /// Organisations to choose from.
    pub choices: Vec<Choice>,
    /// The answer about one.
    pub answer: Option<(Choice, Verdict)>,
}

/// An organisation that may be meant.
pub(super) struct Choice {
    /// Name.
    pub name: String,
    /// Credit or local code.
    pub code: String,
    /// Its dossier.
    pub org_href: String,
    /// This question about it.
    pub href: String,
}

/// Answers what was typed; nothing typed asks nothing.
///
/// # Errors
/// As the database says.
pub(super) async fn view(read: &Read, asked: &Asked, typed: &str) -> Result<Why> {
    let typed = typed.to_owned();
    if typed.is_empty() {
        return Ok(Why::default());
    }
    if too_broad(&typed) {
        return Ok(Why { fault: TOO_BROAD.to_owned(), typed, ..Why::default() });
    }
    let found = orgs(read, &asked.scope, &typed).await?;
    let choice = |org: &Organisation| Choice {
        name: org.name.clone(),
        code: org.code().to_owned(),
        org_href: format!("/orgs/{}", org.id),
        href: format!("{}#why", asked.cell_link("").with("org", org.code())),
    };
    match found.as_slice() {
        [] => Ok(Why {
            fault: format!("没有找到“{typed}”：请核对代码，或换名称中的两三个字；范围之外的主体也查不到"),
            typed,
            ..Why::default()
        }),
        [only] => {
            let verdict = why(read, asked.indicator, only.id, &asked.question()).await?;
            Ok(Why { answer: Some((choice(only), verdict)), typed, ..Why::default() })
        }
        many => {
            let fault = if many.len() > CHOICES {
                format!("符合的很多，只列 {CHOICES} 个；请把名称写得更全")
            } else {
                String::new()
            };
            Ok(Why { choices: many.iter().take(CHOICES).map(choice).collect(), fault, typed, ..Why::default() })
        }
    }
}
