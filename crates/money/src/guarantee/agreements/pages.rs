//! The page of what guarantors are held to: gauges of the limits, agreements, net assets, groups.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::OrgId;
use kernel::store::{Read, Tx};
use kernel::value::money::Fen;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::form::{AgreementForm, RelatedForm, StandingForm};
use super::model::{Agreement, Related, Standing};
use super::{actions, queries};
use crate::guarantee::contracts;
use crate::guarantee::link::{asked, id, wan};
use crate::guarantee::rules::{Base, Exposure, Gauge, LimitEdition, gauges, limit_on, splits};
use crate::guarantee::tabs::{Tab, choices, tabs};
use crate::guarantee::{BASE, CASE};

type Choices = Vec<(String, String, bool)>;

#[derive(Template)]
#[template(path = "guarantee/agreements/templates/limits.html")]
struct LimitsPage {
    cx: Frame,
    tabs: Vec<Tab>,
    operators: Choices,
    operator: Option<(OrgId, String)>,
    standing: Option<Standing>,
    edition: Option<&'static LimitEdition>,
    gauges: Vec<Gauge>,
    /// The firms with the most in force: name, gauge.
    firms: Vec<(String, String, Gauge)>,
    agreements: Vec<(Agreement, Gauge)>,
    related: Vec<Related>,
    may_edit: bool,
    banks: Choices,
    editions: Choices,
    agreement: AgreementForm,
    base: StandingForm,
    member: RelatedForm,
    faults: Faults,
}

impl LimitsPage {
    fn wan(&self, fen: &Fen) -> String {
        wan(*fen)
    }

    fn yes(&self, flag: &bool) -> &'static str {
        if *flag { "是" } else { "否" }
    }

    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

/// What came back with a refused form.
#[derive(Default)]
struct Back {
    agreement: AgreementForm,
    base: StandingForm,
    member: RelatedForm,
    faults: Faults,
}

pub(in crate::guarantee) async fn limits(ui: Ui) -> Result<Response> {
    let wanted: Option<OrgId> = asked(ui.query(), "operator").parse().ok();
    let page = limits_page(&ui, wanted, Back::default()).await?;
    match wanted {
        Some(wanted) if page.operator.as_ref().is_none_or(|(id, _)| *id != wanted) => Err(Error::NotFound.into()),
        _ => ui.page(&page),
    }
}

async fn limits_page(ui: &Ui, wanted: Option<OrgId>, back: Back) -> Result<LimitsPage> {
    let read = ui.read().await?;
    let (about, _) = ui.clocks(&read).await?;
    let known = queries::operators(&read, &ui.scope(CASE)).await?;
    let operator = known.iter().find(|(id, _)| Some(*id) == wanted).or(known.first()).cloned();
    let chosen = operator.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default();
    let may_edit = ui.actor().may(BASE);
    let edition = limit_on(about);
    let standing = match &operator {
        Some((id, _)) => queries::standing(&read, *id, about).await?,
        None => None,
    };
    let held = match (&operator, &standing, edition) {
        (Some((id, _)), Some(standing), Some(edition)) => held(&read, *id, standing, edition).await?,
        _ => Held::default(),
    };
    Ok(LimitsPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(ui, "/guarantee/limits"),
        operators: if known.len() > 1 { choices(known, &chosen) } else { Vec::new() },
        related: if may_edit { queries::related(&read).await? } else { Vec::new() },
        banks: if may_edit { choices(queries::banks(&read).await?, &back.agreement.bank) } else { Vec::new() },
        editions: choices(
            splits().iter().map(|e| (&e.code, format!("{}：{}", e.label, e.shares))),
            &back.agreement.edition,
        ),
        gauges: held.gauges,
        firms: held.firms,
        agreements: held.agreements,
        operator,
        standing,
        edition,
        may_edit,
        agreement: back.agreement,
        base: back.base,
        member: back.member,
        faults: back.faults,
    })
}

/// Everything a guarantor is held to, with what is used.
#[derive(Default)]
struct Held {
    gauges: Vec<Gauge>,
    firms: Vec<(String, String, Gauge)>,
    agreements: Vec<(Agreement, Gauge)>,
}

async fn held(read: &Read, operator: OrgId, standing: &Standing, edition: &LimitEdition) -> kernel::Result<Held> {
    let base = |cap| Base { net_assets: standing.net_assets, mainly_small: standing.mainly_small, edition, cap };
    let nobody = OrgId(0);
    let all = contracts::exposure(read, operator, nobody, None, edition).await?;
    let leverage = gauges(&base(None), &all).into_iter().filter(|gauge| gauge.label.contains("责任余额")).collect();
    let mut firms = Vec::new();
    for (firm, name) in contracts::largest(read, operator).await? {
        let exposure = contracts::exposure(read, operator, firm, None, edition).await?;
        let [of_firm, of_group, ..] = &gauges(&base(None), &exposure)[..] else { continue };
        // Of the two the one that is nearer to its limit.
        let nearer = if of_group.bar() > of_firm.bar() { of_group } else { of_firm };
        firms.push((format!("/orgs/{firm}"), name, nearer.clone()));
    }
    let mut agreements = Vec::new();
    for agreement in queries::of_operator(read, operator).await? {
        let exposure = contracts::exposure(read, operator, nobody, Some(agreement.id), edition).await?;
        let used = Exposure { agreement: exposure.agreement, ..Exposure::default() };
        let gauge = gauges(&base(Some(agreement.cap.unwrap_or(Fen(0)))), &used).pop();
        agreements.extend(gauge.map(|gauge| (agreement, gauge)));
    }
    Ok(Held { gauges: leverage, firms, agreements })
}

async fn answer(ui: Ui, operator: Option<OrgId>, done: kernel::Result<()>, said: &str, back: Back) -> Result<Response> {
    match done {
        Ok(()) => {
            let operator = operator.map(|id| id.to_string()).unwrap_or_default();
            ui.done(&crate::guarantee::link::link("/guarantee/limits", &[("operator", &operator)]), said).await
        }
        Err(Error::Invalid(faults)) => ui.refused(&limits_page(&ui, operator, Back { faults, ..back }).await?),
        Err(other) => Err(other.into()),
    }
}

pub(in crate::guarantee) async fn agree(
    ui: Ui,
    Path(operator): Path<String>,
    Posted(form): Posted<AgreementForm>,
) -> Result<Response> {
    let operator: OrgId = id(&operator)?;
    let scope = ui.scope(BASE);
    let act = async |tx: &mut Tx| actions::agree(tx, &scope, &form.read(operator)?).await.map(drop);
    let done = ui.write(act).await;
    answer(ui, Some(operator), done, "合作协议已登记", Back { agreement: form, ..Back::default() }).await
}

pub(in crate::guarantee) async fn stand(
    ui: Ui,
    Path(operator): Path<String>,
    Posted(form): Posted<StandingForm>,
) -> Result<Response> {
    let operator: OrgId = id(&operator)?;
    let scope = ui.scope(BASE);
    let done = ui.write(async |tx| actions::stand(tx, &scope, &form.read(operator)?).await).await;
    answer(ui, Some(operator), done, "净资产已登记，限额按它核对", Back { base: form, ..Back::default() }).await
}

pub(in crate::guarantee) async fn relate(ui: Ui, Posted(form): Posted<RelatedForm>) -> Result<Response> {
    let scope = ui.scope(BASE);
    let act = async |tx: &mut Tx| {
        let member = form.member(tx, &scope).await?;
        actions::relate(tx, &scope, member, &form.label, &form.related_source).await
    };
    let done = ui.write(act).await;
    answer(ui, None, done, "关联方已登记", Back { member: form, ..Back::default() }).await
}
