//! Proposals in words.

use documents::{Document, template};
use kernel::access::Scope;
use kernel::case::Case;
use kernel::id::{Position, PublicationId};
use kernel::indicator::{Figure, Indicator, Measure, Question, evaluate, shown};
use kernel::publication::{Draft as Publishing, Note, freeze, reconciled};
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Error, Result, org};

use super::actions::DAYS;
use super::declared::{INDICATORS, MARKS, MEANS};
use super::model::{ContactRow, Draft, Issued, PromiseRow, Proposal};
use super::queries;
use super::reply::{Around, BEGINNING, Composed, NAMES, compose};
use super::rules::{Record, Slip, check_reply};

/// A figure over all proposals.
pub(super) struct Stat {
    /// Name.
    pub name: &'static str,
    /// What it counts.
    pub definition: &'static str,
    /// Value.
    pub value: String,
    /// Unit.
    pub unit: &'static str,
    /// Where its rows open.
    pub href: String,
}

/// The figures over all proposals.
///
/// # Errors
/// As the database says.
pub(super) async fn stats(read: &Read, scope: &Scope, about: Day, known: Position) -> Result<Vec<Stat>> {
    let all: Vec<&'static Indicator> = INDICATORS.iter().filter_map(|i| read.catalog().indicator(i.code)).collect();
    let figures = evaluate(read, &all, &Question { about, known, scope }).await?;
    let stat = |figure: &Figure| Stat {
        name: figure.indicator.name,
        definition: figure.indicator.definition,
        value: shown(figure),
        unit: figure.indicator.unit,
        href: format!("/indicators/{}?about={about}&known={known}", figure.indicator.code),
    };
    Ok(figures.iter().map(stat).collect())
}

/// What everybody may read of an answered proposal.
pub(super) struct Answered {
    /// Official number.
    pub number: String,
    /// Title.
    pub title: String,
    /// Who answered.
    pub lead: String,
    /// 发文字号.
    pub issue: String,
    /// The answer as it was issued.
    pub text: String,
    /// Its promises.
    pub promises: Vec<PromiseRow>,
}

/// Answers whose proposer agreed. Figures stand as they were printed; their rows are for those who sign in.
///
/// # Errors
/// As the database says.
pub(super) async fn answered(read: &Read, on: Day) -> Result<Vec<Answered>> {
    let mut found = Vec::new();
    for case in queries::published(read).await? {
        let Some(issued) = queries::issued(read, case.id).await?.into_iter().next() else { continue };
        let publication = kernel::publication::find(read, &Scope::All, PublicationId(issued.publication)).await?;
        let document: Document = serde_json::from_str(&publication.body).unwrap_or_default();
        let proposal = Proposal::of(&case);
        found.push(Answered {
            number: proposal.number(),
            title: proposal.kept("title").to_owned(),
            lead: proposal.kept("lead").to_owned(),
            issue: issued.number,
            text: documents::html(&document),
            promises: queries::promises(read, &Scope::All, case.id, on).await?,
        });
    }
    Ok(found)
}

/// Everything about one proposal.
pub(super) struct Everything {
    /// The proposal.
    pub proposal: Proposal,
    /// Fields that are filled in: label and value.
    pub fields: Vec<(&'static str, String)>,
    /// The contact log.
    pub contacts: Vec<ContactRow>,
    /// Versions of the reply, the newest first.
    pub drafts: Vec<Draft>,
    /// Earlier proposals that ask for something like this one.
    pub similar: Vec<queries::Similar>,
    /// Replies that were issued.
    pub issued: Vec<Issued>,
    /// Promises.
    pub promises: Vec<PromiseRow>,
    /// The reply as it reads now; empty when it cannot be composed.
    pub preview: String,
    /// What stands in the way of issuing it.
    pub slips: Vec<Slip>,
    /// The day of the newest draft, or today.
    pub about: String,
    /// The text of the newest draft, or what a new one begins with.
    pub template: String,
    /// What a template may name: how, what, example.
    pub names: Vec<(String, &'static str, &'static str)>,
    /// Indicators a promise can wait for.
    pub indicators: Vec<(&'static str, &'static str)>,
    /// Means of contact.
    pub means: Vec<(&'static str, &'static str)>,
    /// Marks and effects.
    pub marks: Vec<(&'static str, &'static str)>,
    /// Whether the reply can still be drafted.
    pub is_drafting: bool,
    /// Whether the reply of this round has not been issued yet: what stands in its way is told.
    pub is_open: bool,
    /// Whether the reply was approved and can be issued.
    pub is_approved: bool,
    /// Whether the proposer is asked for his opinion.
    pub is_delivered: bool,
}

impl Everything {
    /// Reads it all; promises as they stand on a day.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn of(read: &Read, scope: &Scope, case: &Case, on: Day) -> Result<Self> {
        let proposal = Proposal::of(case);
        let drafts = queries::drafts(read, case.id).await?;
        let contacts = queries::contacts(read, case.id).await?;
        let promises = queries::promises(read, scope, case.id, on).await?;
        let issued = queries::issued(read, case.id).await?;
        let similar = queries::similar(read, scope, case).await?;
        let (preview, slips) = preview(read, scope, case, &drafts, (&contacts, &promises)).await?;
        let fields = case.flow.fields.iter().map(|f| (f.label, proposal.shown(f.code).to_owned()));
        let countable = |i: &&&'static Indicator| {
            matches!(i.measure, Measure::Count(_) | Measure::Quantity(_) | Measure::Distinct(..))
        };
        let pairs = |classes: &'static [kernel::ledger::Class]| classes.iter().map(|c| (c.code, c.label)).collect();
        Ok(Self {
            fields: fields.filter(|(_, value)| !value.is_empty()).collect(),
            about: drafts.first().map_or(read.today(), |d| d.about).to_string(),
            template: drafts.first().map_or_else(|| BEGINNING.to_owned(), |d| d.body.clone()),
            names: template::examples(NAMES),
            indicators: read.catalog().indicators().iter().filter(countable).map(|i| (i.code, i.name)).collect(),
            means: pairs(MEANS),
            marks: pairs(MARKS),
            is_drafting: ["assigned", "working", "extended", "second"].contains(&case.state.as_str()),
            is_open: !["issued", "delivered", "opinion", "closed"].contains(&case.state.as_str()),
            is_approved: case.state == "approved",
            is_delivered: case.state == "delivered",
            proposal,
            contacts,
            drafts,
            similar,
            issued,
            promises,
            preview,
            slips,
        })
    }

    /// What papers are held against.
    pub(super) fn record(&self) -> Record {
        record(&self.proposal)
    }
}

fn record(proposal: &Proposal) -> Record {
    Record {
        number: proposal.number(),
        title: proposal.kept("title").to_owned(),
        proposer: proposal.kept("proposer").to_owned(),
        lead: proposal.kept("lead").to_owned(),
        mark: proposal.kept("mark").to_owned(),
        days: DAYS.iter().map(|(code, label)| (*label, proposal.day(code))).collect(),
        ..Record::default()
    }
}

async fn composed(
    read: &Read,
    scope: &Scope,
    case: &Case,
    draft: &Draft,
    (contacts, promises): (&[ContactRow], &[PromiseRow]),
) -> Result<Composed> {
    let proposal = Proposal::of(case);
    let office = org::find(read, case.subject).await?.name;
    let issue = queries::issued(read, case.id).await?.into_iter().next().map(|i| i.number).unwrap_or_default();
    let around = Around { proposal: &proposal, contacts, promises, office: &office, issue: &issue };
    compose(read, &around, draft, scope, read.head()?).await
}

/// The newest draft as it reads now, and what stands in the way of issuing it.
async fn preview(
    read: &Read,
    scope: &Scope,
    case: &Case,
    drafts: &[Draft],
    beside: (&[ContactRow], &[PromiseRow]),
) -> Result<(String, Vec<Slip>)> {
    let Some(draft) = drafts.first() else { return Ok((String::new(), Vec::new())) };
    let told = |message: String| (String::new(), vec![Slip { field: "template", message }]);
    match composed(read, scope, case, draft, beside).await {
        Ok(made) => {
            let mut record = record(&Proposal::of(case));
            record.bare.clone_from(&made.bare);
            // Number and day come with issuing; they are no slip before.
            record.issue = ("编号印发时取号".to_owned(), "编号印发时填写".to_owned());
            record.breaks = breaks(read, draft, &made).await?;
            Ok((documents::html(&made.document), check_reply(&record)))
        }
        Err(Error::Invalid(faults)) => Ok(told(faults.0.first().map(|f| f.message.clone()).unwrap_or_default())),
        Err(Error::Conflict(conflict)) => Ok(told(conflict)),
        Err(other) => Err(other),
    }
}

/// Rules between the figures of a draft that break.
async fn breaks(read: &Read, draft: &Draft, made: &Composed) -> Result<Vec<(String, Option<String>)>> {
    let notes = reconciled(read, &publishing(read, draft, made)?).await?;
    let told = |note: &Note| (format!("{}（{}）", note.name, note.sides), None);
    Ok(notes.iter().filter(|note| !note.holds).map(told).collect())
}

fn publishing(read: &Read, draft: &Draft, made: &Composed) -> Result<Publishing> {
    Ok(Publishing {
        title: made.document.head.title.clone(),
        published_on: draft.about,
        known: read.head()?,
        body: String::new(),
        figures: made.cited.clone(),
    })
}

/// The newest draft as a document, with where its figures come from.
///
/// # Errors
/// [`Error::Conflict`] when there is none, or a phrase in it does not hold.
pub(super) async fn draft(read: &Read, scope: &Scope, case: &Case) -> Result<Document> {
    let drafts = queries::drafts(read, case.id).await?;
    let newest = drafts.first().ok_or_else(|| Error::Conflict("还没有答复稿".into()))?;
    let contacts = queries::contacts(read, case.id).await?;
    let promises = queries::promises(read, scope, case.id, newest.about).await?;
    let made = composed(read, scope, case, newest, (&contacts, &promises)).await?;
    let figures = freeze(read, &publishing(read, newest, &made)?).await?;
    let source = |figure: &kernel::publication::PublishedFigure| documents::Source {
        key: figure.citation.clone(),
        name: figure.definition.name.clone(),
        definition: figure.definition.definition.clone(),
        about: figure.about.to_string(),
        value: format!(
            "{} {}",
            kernel::indicator::number_text(&figure.number, figure.definition.display),
            figure.definition.unit
        ),
        rows: Some(figure.rows),
        code: figure.digest.chars().take(12).collect(),
        href: String::new(),
    };
    Ok(Document { sources: figures.iter().map(source).collect(), ..made.document })
}
