//! A case as a program reads it, with what the caller can do in it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::access::Actor;
use kernel::case::{self, Case, Event, Note, offers};
use kernel::store::Read;
use serde::Serialize;
use utoipa::ToSchema;

/// A case, with what the caller can do in it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseAnswer {
    id: i64,
    /// Code of the flow.
    flow: &'static str,
    /// The version of the flow it goes by.
    version: i64,
    title: String,
    state: String,
    state_label: String,
    ended: bool,
    /// How many events it has; the ETag.
    revision: i64,
    /// Number of the organisation it is about.
    subject: i64,
    subject_name: String,
    /// Number of the reporting unit that handles it.
    unit: i64,
    #[schema(value_type = String, format = DateTime)]
    opened_at: DateTime<Utc>,
    opened_by: String,
    /// When it came into its state.
    #[schema(value_type = String, format = DateTime)]
    since: DateTime<Utc>,
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<NaiveDate>,
    /// What was filled in, by field: codes, whole fen, ISO days.
    values: BTreeMap<String, String>,
    /// What the caller may do now.
    actions: Vec<ActionAnswer>,
    events: Vec<EventAnswer>,
    comments: Vec<CommentAnswer>,
}

/// An action the caller is offered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionAnswer {
    code: &'static str,
    label: &'static str,
    /// Why it cannot be done now; empty when it can.
    refused: String,
    fields: Vec<FieldAnswer>,
    /// What must be said with it; absent when nothing must.
    note: Option<&'static str>,
}

/// A field of an action.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FieldAnswer {
    code: &'static str,
    label: &'static str,
    /// Whether it may not stay empty.
    must: bool,
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventAnswer {
    revision: i64,
    action: String,
    from: String,
    to: String,
    #[schema(value_type = String, format = DateTime)]
    at: DateTime<Utc>,
    by: String,
    note: String,
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommentAnswer {
    #[schema(value_type = String, format = DateTime)]
    at: DateTime<Utc>,
    by: String,
    text: String,
}

/// The case with its events and comments, for this actor.
///
/// # Errors
/// As the database says.
pub(super) async fn told(read: &Read, actor: &Actor, case: Case) -> kernel::Result<CaseAnswer> {
    let (events, comments) = (case::events(read, case.id).await?, case::comments(read, case.id).await?);
    let actions = offers(actor, &case, &events).into_iter().map(|offer| action_told(&case, offer)).collect();
    let event = |e: Event| EventAnswer {
        revision: e.revision,
        action: e.action,
        from: e.from,
        to: e.to,
        at: e.at,
        by: e.by,
        note: e.note,
    };
    Ok(CaseAnswer {
        id: case.id.0,
        flow: case.flow.code,
        version: case.flow.version,
        state_label: case.flow.state_label(&case.state).to_owned(),
        ended: case.flow.ends_in(&case.state),
        title: case.title,
        state: case.state,
        revision: case.revision,
        subject: case.subject.0,
        subject_name: case.subject_name,
        unit: case.unit.0,
        opened_at: case.opened_at,
        opened_by: case.opened_by,
        since: case.since,
        due_on: case.due_on,
        values: case.values,
        actions,
        events: events.into_iter().map(event).collect(),
        comments: comments.into_iter().map(|c| CommentAnswer { at: c.at, by: c.by, text: c.text }).collect(),
    })
}

fn action_told(case: &Case, offer: case::Offer) -> ActionAnswer {
    let fields = offer.action.fills.iter().filter_map(|fill| {
        let field = case.flow.field(fill.field)?;
        Some(FieldAnswer { code: field.code, label: field.label, must: fill.must })
    });
    ActionAnswer {
        code: offer.action.code,
        label: offer.action.label,
        refused: offer.refused,
        fields: fields.collect(),
        note: match offer.action.note {
            Note::Must(what) => Some(what),
            Note::May => None,
        },
    }
}
