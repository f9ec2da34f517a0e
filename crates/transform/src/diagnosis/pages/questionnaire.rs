//! Filling in a questionnaire, part by part, also on a phone; what was typed stays, whole or not.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::CaseId;
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::super::assessment::{self, Filling};
use super::super::instrument::{Answers, Instrument, Item, ItemKind, Scene, show as decimal};
use super::super::order as orders;
use super::{asked, id};

/// An option of a question.
struct Pick {
    code: String,
    label: String,
    points: String,
    chosen: bool,
}

/// A question.
struct Question {
    code: String,
    label: String,
    points: String,
    /// `multi`, `single` or `number`.
    kind: &'static str,
    unit: String,
    hint: &'static str,
    value: String,
    picks: Vec<Pick>,
    fault: String,
}

/// A part of the page.
struct Section {
    label: String,
    points: String,
    /// Beginning of a part on top.
    is_top: bool,
    questions: Vec<Question>,
}

#[derive(Template)]
#[template(path = "diagnosis/templates/questionnaire.html")]
struct Form {
    cx: Frame,
    id: CaseId,
    firm: String,
    stage: i64,
    revision: i64,
    saved: String,
    instrument: Instrument,
    /// Others that could be filled in instead: code and name.
    others: Vec<(String, String)>,
    sections: Vec<Section>,
    conflict: String,
    faults: usize,
}

/// What was typed into the form.
#[derive(Default)]
struct Typed {
    instrument: String,
    stage: i64,
    revision: i64,
    answers: Answers,
}

impl Typed {
    fn of(fields: &[(String, String)]) -> Self {
        let mut answers = Answers::new();
        for (name, value) in fields {
            if let Some(code) = name.strip_prefix("q.")
                && !value.trim().is_empty()
            {
                answers.entry(code.to_owned()).or_default().push(value.trim().to_owned());
            }
        }
        let number = |name: &str| asked(fields, name).parse().unwrap_or(-1);
        Self {
            instrument: asked(fields, "instrument").to_owned(),
            stage: number("stage"),
            revision: number("revision"),
            answers,
        }
    }
}

/// The questionnaire of this code in force today, or the first.
fn chosen<'a>(all: &[&'a Instrument], code: &str) -> kernel::Result<&'a Instrument> {
    let found = if code.is_empty() { all.first() } else { all.iter().find(|one| one.code == code) };
    found.copied().ok_or_else(|| Error::Conflict("现在没有这份问卷可以填写".into()))
}

async fn page(ui: &Ui, read: &Read, case: CaseId, typed: Option<&Typed>, faults: &Faults) -> Result<Form> {
    let order = orders::find(read, ui.actor(), case).await?;
    if !order.may_fill() {
        return Err(Error::Conflict("现在不能由您填写这份问卷；办理情况请看诊断单".into()).into());
    }
    let done = assessment::latest(read, case).await?;
    let stage = assessment::stage_to_fill(&order, &done, read.today());
    let draft = assessment::draft(read, case, stage).await?;
    let all = assessment::instruments(read).await?;
    let open = assessment::in_force(&all, read.today());
    // What was filled in before, of this time or the one before it, stands beside nothing: it stands in the form.
    let before = draft.as_ref().or(done.last());
    let wanted = match (asked(ui.query(), "instrument"), typed) {
        (_, Some(typed)) => typed.instrument.clone(),
        ("", None) => {
            before.map(|b| b.instrument.clone()).filter(|c| open.iter().any(|i| i.code == *c)).unwrap_or_default()
        }
        (named, None) => named.to_owned(),
    };
    let instrument = chosen(&open, &wanted)?;
    let kept = before.filter(|b| b.instrument == instrument.code).map(|b| b.answers.clone()).unwrap_or_default();
    let answers = typed.map_or(kept, |typed| typed.answers.clone());
    let others = open.iter().filter(|one| one.code != instrument.code);
    Ok(Form {
        cx: ui.frame(read).await?,
        id: case,
        firm: order.case.subject_name.clone(),
        stage,
        revision: typed.map_or(draft.as_ref().map_or(0, |d| d.revision), |t| t.revision),
        saved: draft
            .map(|d| format!("{} 由 {} 暂存", kernel::value::day::minute(d.saved_at), d.saved_by))
            .unwrap_or_default(),
        others: others.map(|one| (one.code.clone(), one.name.clone())).collect(),
        sections: sections(instrument, &answers, faults),
        instrument: instrument.clone(),
        conflict: String::new(),
        faults: faults.0.len(),
    })
}

fn sections(instrument: &Instrument, answers: &Answers, faults: &Faults) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    for part in &instrument.parts {
        let asked = instrument.items_of(&part.code).filter(|item| !matches!(item.kind, ItemKind::Computed(_)));
        found.push(Section {
            label: part.label.clone(),
            points: decimal(part.points, 4),
            is_top: part.within.is_empty(),
            questions: asked.map(|item| question(item, answers, faults)).collect(),
        });
    }
    for scene in &instrument.scenes {
        let last = found.last().filter(|section| section.points.is_empty() && section.label == scene.group);
        if last.is_none() {
            let (label, points) = (scene.group.clone(), String::new());
            found.push(Section { label, points, is_top: false, questions: Vec::new() });
        }
        if let Some(section) = found.last_mut() {
            section.questions.push(scene_question(scene, answers, faults));
        }
    }
    found
}

fn question(item: &Item, answers: &Answers, faults: &Faults) -> Question {
    let given = answers.get(&item.code).cloned().unwrap_or_default();
    let (kind, hint) = match &item.kind {
        ItemKind::Multi => ("multi", "可多选"),
        ItemKind::Single { by: Some(_) } => ("single", "上面的数据填全时按数据计算；没有数据的直接选择"),
        ItemKind::Single { by: None } => ("single", ""),
        _ => ("number", ""),
    };
    let pick = |option: &super::super::instrument::Choice| Pick {
        code: option.code.clone(),
        label: option.label.clone(),
        points: decimal(option.points, 4),
        chosen: given.contains(&option.code),
    };
    Question {
        code: item.code.clone(),
        label: item.label.clone(),
        points: if item.is_number() { String::new() } else { decimal(item.points, 4) },
        kind,
        unit: item.unit.clone(),
        hint,
        value: given.first().cloned().unwrap_or_default(),
        picks: item.options.iter().map(pick).collect(),
        fault: faults.at(&item.code).unwrap_or_default().to_owned(),
    }
}

fn scene_question(scene: &Scene, answers: &Answers, faults: &Faults) -> Question {
    let given = answers.get(&scene.code).and_then(|v| v.first()).cloned().unwrap_or_default();
    let none = std::iter::once("未开展".to_owned());
    let labels = none.chain(scene.levels.iter().enumerate().map(|(at, text)| format!("{} 级：{text}", at + 1)));
    let picks = labels.enumerate().map(|(level, label)| Pick {
        chosen: given == level.to_string(),
        code: level.to_string(),
        label,
        points: String::new(),
    });
    Question {
        code: scene.code.clone(),
        label: scene.label.clone(),
        points: String::new(),
        kind: "single",
        unit: String::new(),
        hint: if scene.constraint { "约束场景" } else { "" },
        value: String::new(),
        picks: picks.collect(),
        fault: faults.at(&scene.code).unwrap_or_default().to_owned(),
    }
}

pub(in super::super) async fn form(ui: Ui, Path(case): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&page(&ui, &read, id(&case)?, None, &Faults::new()).await?)
}

pub(in super::super) async fn fill(
    ui: Ui,
    Path(case): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let case = id::<CaseId>(&case)?;
    let (typed, submits) = (Typed::of(&fields), asked(&fields, "do") == "submit");
    let done = ui
        .write(async |tx| {
            let order = orders::hold(tx, case).await?;
            let all = assessment::instruments(tx).await?;
            let instrument = chosen(&assessment::in_force(&all, tx.today()), &typed.instrument)?;
            let filling = Filling { stage: typed.stage, instrument, answers: &typed.answers, revision: typed.revision };
            match submits {
                true => assessment::submit(tx, &order, &filling).await.map(drop),
                false => assessment::save(tx, &order, &filling).await,
            }
        })
        .await;
    let (faults, conflict) = match done {
        Ok(()) if submits => return ui.done(&format!("/diagnosis/orders/{case}"), "问卷已提交，结果如下").await,
        Ok(()) => {
            let here = format!("/diagnosis/orders/{case}/questionnaire?instrument={}", typed.instrument);
            return ui.done(&here, "已暂存，可以以后接着填").await;
        }
        Err(Error::Invalid(faults)) => (faults, String::new()),
        Err(Error::Conflict(told)) => (Faults::new(), told),
        Err(other) => return Err(other.into()),
    };
    let read = ui.read().await?;
    let page = page(&ui, &read, case, Some(&typed), &faults).await?;
    // After a conflict the form shows what was typed over the state as it is now, so that it can be saved again.
    let revision = if conflict.is_empty() { page.revision } else { current(&read, case, page.stage).await? };
    ui.refused(&Form { conflict, revision, ..page })
}

async fn current(read: &Read, case: CaseId, stage: i64) -> Result<i64> {
    Ok(assessment::draft(read, case, stage).await?.map_or(0, |draft| draft.revision))
}
