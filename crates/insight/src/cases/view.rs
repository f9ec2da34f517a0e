//! Cases in words.

use chrono::{DateTime, Utc};
use kernel::Faults;
use kernel::access::Actor;
use kernel::case::{
    self, Action, Attachment, Body, Case, Comment, Event, Field, FieldKind, Light, Note, Offer, Standing, Stay, Values,
    light, show, typed_again,
};
use kernel::id::CaseId;
use kernel::value::day::{self, Day};

use super::model::Typed;

/// A case in a list.
pub(crate) struct DeskLine {
    /// Number.
    pub id: CaseId,
    /// What it is called.
    pub title: String,
    /// Its state.
    pub state: String,
    /// How the state is coloured.
    pub state_class: &'static str,
    /// Until when, and how urgent.
    pub due: Due,
    /// When it was opened, and by whom.
    pub opened: String,
}

/// A due day in words.
pub(crate) struct Due {
    /// The day; empty when no clock runs.
    pub on: String,
    /// What it says; empty when no clock runs.
    pub label: &'static str,
    /// How it is coloured.
    pub class: &'static str,
    /// Where the number of days comes from, while that is to be confirmed.
    pub unconfirmed: String,
}

impl Due {
    pub(super) fn of(case: &Case, today: Day) -> Self {
        let clock = case.flow.state(&case.state).and_then(|s| s.clock).and_then(case::clock);
        let (label, class) = match light(clock, case.due_on, today) {
            Light::None => ("", ""),
            Light::Green => ("在期限内", "state-ok"),
            Light::Yellow => ("即将到期", "state-warn"),
            Light::Red => ("已超期", "state-bad"),
        };
        let on = case.due_on.map(|on| on.to_string()).unwrap_or_default();
        let unconfirmed = clock.filter(|clock| !clock.confirmed && !on.is_empty());
        let unconfirmed = unconfirmed
            .map(|c| format!("{} {} 个工作日（{}，待确认）", c.label, c.working_days, c.source))
            .unwrap_or_default();
        Self { on, label, class, unconfirmed }
    }
}

impl DeskLine {
    /// A case, as lists show it.
    pub(crate) fn of(case: &Case, today: Day) -> Self {
        let ended = case.flow.ends_in(&case.state);
        Self {
            id: case.id,
            title: case.title.clone(),
            state: case.flow.state_label(&case.state).to_owned(),
            state_class: if ended { "state-off" } else { "state-info" },
            due: Due::of(case, today),
            opened: format!("{} {}", day::minute(case.opened_at), case.opened_by),
        }
    }
}

/// A field with what was filled in, and a remark that was left at it.
pub(super) struct Shown {
    /// What it is.
    pub label: &'static str,
    /// What was filled in.
    pub value: String,
    /// What was remarked.
    pub remark: String,
}

/// What was filled in, in the order of the flow; empty fields only when something was remarked at them.
pub(super) fn shown(case: &Case, standing: &Standing) -> Vec<Shown> {
    let text = |values: &Values, field: &Field| values.get(field.code).cloned().unwrap_or_default();
    case.flow
        .fields
        .iter()
        .map(|field| Shown {
            label: field.label,
            value: show(&field.kind, &text(&case.values, field)),
            remark: text(&standing.remarks, field),
        })
        .filter(|shown| !shown.value.is_empty() || !shown.remark.is_empty())
        .collect()
}

/// An input of an action.
pub(super) struct Input {
    /// Its name in the form.
    pub name: String,
    /// What it is.
    pub label: &'static str,
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub fault: String,
    /// What to write.
    pub hint: String,
    /// `text`, `date` or `textarea`; empty for choices.
    pub kind: &'static str,
    /// Whether it may not stay empty.
    pub must: bool,
    /// Choices: code, label, chosen.
    pub choices: Vec<(String, String, bool)>,
}

/// An action on the page.
pub(super) struct Act {
    /// Code.
    pub code: &'static str,
    /// What the button says.
    pub label: &'static str,
    /// Why it cannot be done now; empty when it can.
    pub refused: String,
    /// How many of how many have signed; empty when one suffices.
    pub signed: String,
    /// Inputs.
    pub inputs: Vec<Input>,
    /// Inputs for remarks, when it goes back to somebody.
    pub remarks: Vec<Input>,
    /// What is said with it.
    pub note: Input,
    /// Whether it is the one that was just refused, or the first that can be done.
    pub open: bool,
}

impl Act {
    /// An action with what was typed before, or what stands.
    pub(super) fn of(offer: &Offer, case: &Case, bodies: &[Body], typed: Option<&Typed>, faults: &Faults) -> Self {
        let action = offer.action;
        let typed = typed.filter(|t| t.action == action.code);
        let signed = match action.signers {
            1 => String::new(),
            n => format!("须 {n} 人会签，已签 {} 人", offer.signed),
        };
        let remarks = case.flow.fields.iter().filter(|_| action.remarks);
        Self {
            code: action.code,
            label: action.label,
            refused: offer.refused.clone(),
            signed,
            inputs: inputs((case.flow, action), &case.values, bodies, typed, faults),
            remarks: remarks.map(|field| remark(field, typed, faults)).collect(),
            note: note(action, typed, faults),
            open: typed.is_some(),
        }
    }
}

/// The inputs of an action.
pub(super) fn inputs(
    (flow, action): (&case::Flow, &Action),
    kept: &Values,
    bodies: &[Body],
    typed: Option<&Typed>,
    faults: &Faults,
) -> Vec<Input> {
    let mut made = Vec::new();
    for fill in action.fills {
        let Some(field) = flow.field(fill.field) else { continue };
        let stands = kept
            .get(field.code)
            .filter(|_| !fill.anew)
            .map(|value| typed_again(&field.kind, value))
            .unwrap_or_default();
        let value = typed.and_then(|t| t.values.get(field.code).cloned()).unwrap_or(stands);
        let choices = match field.kind {
            FieldKind::Choice(classes) => {
                let chosen = |c: &kernel::ledger::Class| c.code == value || c.label == value;
                classes.iter().map(|c| (c.code.to_owned(), c.label.to_owned(), chosen(c))).collect()
            }
            FieldKind::Counterparty(_) => bodies.iter().map(|body| body_choice(body, &value)).collect(),
            _ => Vec::new(),
        };
        made.push(Input {
            name: format!("f.{}", field.code),
            label: field.label,
            fault: if typed.is_some() { faults.at(field.code).unwrap_or_default().to_owned() } else { String::new() },
            hint: hint(field),
            kind: match field.kind {
                FieldKind::Choice(_) | FieldKind::Counterparty(_) => "",
                FieldKind::Day => "date",
                FieldKind::Lines(_) => "textarea",
                FieldKind::Text(_) | FieldKind::Whole(_) | FieldKind::Money => "text",
            },
            must: fill.must,
            choices,
            value,
        });
    }
    made
}

/// A body to choose: its number is what counts, whatever it was called when it was chosen.
fn body_choice(body: &Body, value: &str) -> (String, String, bool) {
    let label = match body.note.is_empty() {
        true => body.name.clone(),
        false => format!("{}（{}）", body.name, body.note),
    };
    (body.kept(), label, value.split(' ').next() == Some(body.org.to_string().as_str()))
}

fn hint(field: &Field) -> String {
    match field.kind {
        FieldKind::Money if field.help.is_empty() => "单位万元，也可写成 1,234.56元".to_owned(),
        FieldKind::Whole(unit) if field.help.is_empty() => format!("单位：{unit}"),
        _ => field.help.to_owned(),
    }
}

fn remark(field: &Field, typed: Option<&Typed>, faults: &Faults) -> Input {
    Input {
        name: format!("r.{}", field.code),
        label: field.label,
        value: typed.and_then(|t| t.remarks.get(field.code).cloned()).unwrap_or_default(),
        fault: typed.and_then(|_| faults.at(field.code)).unwrap_or_default().to_owned(),
        hint: String::new(),
        kind: "text",
        must: false,
        choices: Vec::new(),
    }
}

pub(super) fn note(action: &Action, typed: Option<&Typed>, faults: &Faults) -> Input {
    let (label, must) = match action.note {
        Note::Must(what) => (what, true),
        Note::May => ("说明", false),
    };
    Input {
        name: "note".to_owned(),
        label,
        value: typed.map(|t| t.note.clone()).unwrap_or_default(),
        fault: typed.and_then(|_| faults.at("note")).unwrap_or_default().to_owned(),
        hint: String::new(),
        kind: "textarea",
        must,
        choices: Vec::new(),
    }
}

/// What is wrong at no input of an action: facts and effects name fields of their own. None of it may get lost.
pub(super) fn elsewhere(action: Option<&Action>, faults: &Faults) -> String {
    faults.elsewhere(|field| {
        field == "note" || action.is_some_and(|a| a.remarks || a.fills.iter().any(|fill| fill.field == field))
    })
}

/// One entry of the timeline.
pub(super) struct Entry {
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// What was done; empty for a word beside.
    pub what: String,
    /// The state it led to; empty when it stayed.
    pub to: String,
    /// What was said.
    pub said: String,
    /// What changed: label, before, after.
    pub changes: Vec<(String, String, String)>,
}

/// What stands beside the events of a case.
pub(super) struct Beside<'a> {
    /// Words.
    pub comments: &'a [Comment],
    /// Files.
    pub files: &'a [Attachment],
    /// Reminders.
    pub reminders: &'a [Stay],
}

/// Events, and what stands beside them, in the order of time, the latest first.
pub(super) fn timeline(case: &Case, events: &[Event], beside: &Beside<'_>) -> Vec<Entry> {
    let plain = |at: DateTime<Utc>, by: &str, what: &str, said: String| {
        let (to, changes) = (String::new(), Vec::new());
        (at, Entry { at: day::minute(at), by: by.to_owned(), what: what.to_owned(), to, said, changes })
    };
    let mut entries: Vec<_> = events.iter().map(|event| (event.at, entry(case, event))).collect();
    entries.extend(beside.comments.iter().map(|said| plain(said.at, &said.by, "", said.text.clone())));
    entries.extend(beside.files.iter().map(|file| plain(file.at, &file.by, "上传附件", file.name.clone())));
    for stay in beside.reminders {
        for one in &stay.rungs {
            let said = match one.people {
                0 => "没有可提醒的人".to_owned(),
                n => format!("期限 {}，提醒 {n} 人", stay.due_on),
            };
            entries.push(plain(one.told_at, "平台", &format!("第 {} 级催办", one.rung), said));
        }
    }
    // Of what one act did, the last stands first too.
    entries.reverse();
    entries.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn entry(case: &Case, event: &Event) -> Entry {
    let flow = case.flow;
    let change = |(code, (before, after)): (&String, &(String, String))| {
        let field = flow.field(code);
        let text = |kept: &str| field.map_or(kept.to_owned(), |field| show(&field.kind, kept));
        (field.map_or(code.clone(), |field| field.label.to_owned()), text(before), text(after))
    };
    Entry {
        at: day::minute(event.at),
        by: event.by.clone(),
        what: flow.action(&event.action).map_or(event.action.clone(), |action| action.label.to_owned()),
        to: if event.from == event.to { String::new() } else { flow.state_label(&event.to).to_owned() },
        said: event.note.clone(),
        // What was filled in first stands above as it is.
        changes: if event.revision == 1 { Vec::new() } else { event.changes.iter().map(change).collect() },
    }
}

/// Acts for a page: what can be done first; the first of them stands open unless one was just refused.
pub(super) fn acts(
    actor: &Actor,
    (case, events): (&Case, &[Event]),
    bodies: &[Body],
    typed: Option<&Typed>,
    faults: &Faults,
) -> Vec<Act> {
    let mut acts: Vec<Act> =
        case::offers(actor, case, events).iter().map(|offer| Act::of(offer, case, bodies, typed, faults)).collect();
    acts.sort_by_key(|act| !act.refused.is_empty());
    if !acts.iter().any(|act| act.open)
        && let Some(first) = acts.first_mut().filter(|act| act.refused.is_empty())
    {
        first.open = true;
    }
    acts
}
