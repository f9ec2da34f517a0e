//! Pages of roles and of what is asked of signing in.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::{self, At, Grant, NUMBERS, Policy, Role, Roles, duty, permission_label};
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::model::{GrantsForm, RoleForm};

struct Row {
    code: String,
    label: String,
    duty: &'static str,
    at: &'static str,
    permissions: usize,
}

pub(super) fn at_label(at: At) -> &'static str {
    match at {
        At::City => "全市",
        At::Unit => "填报单元",
        At::Organisation => "企业或机构",
    }
}

fn duty_label(role: &Role) -> &'static str {
    duty::of_role(role).map_or("职责冲突", duty::Duty::label)
}

#[derive(Template)]
#[template(path = "roles/templates/list.html")]
struct ListPage {
    cx: Frame,
    rows: Vec<Row>,
    conflicts: Vec<String>,
    form: RoleForm,
    faults: Faults,
}

impl ListPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn list_page(ui: &Ui, form: RoleForm, faults: Faults) -> Result<ListPage> {
    let read = ui.read().await?;
    let roles = Roles::read(&read).await?;
    let row = |role: &std::sync::Arc<Role>| Row {
        code: role.code.clone(),
        label: role.label.clone(),
        duty: duty_label(role),
        at: at_label(role.at),
        permissions: role.grants.len(),
    };
    let conflicts = access::list_conflicts(&read).await?;
    let told = |(who, duties): (String, Vec<duty::Duty>)| {
        format!("{who}：{}", duties.iter().map(|d| d.label()).collect::<Vec<_>>().join("、"))
    };
    Ok(ListPage {
        cx: ui.frame(&read).await?,
        rows: roles.all().iter().map(row).collect(),
        conflicts: conflicts.into_iter().map(told).collect(),
        form,
        faults,
    })
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    ui.page(&list_page(&ui, RoleForm::default(), Faults::new()).await?)
}

pub(super) async fn create(ui: Ui, Posted(form): Posted<RoleForm>) -> Result<Response> {
    let made = match form.place() {
        Ok(at) => ui.write(async |tx| access::create_role(tx, &form.code, &form.label, at).await).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(()) => ui.done(&format!("/roles/{}", form.code), "角色已建立，请勾选权限").await,
        Err(Error::Invalid(faults)) => ui.refused(&list_page(&ui, form, faults).await?),
        Err(other) => Err(other.into()),
    }
}

/// The reaches that can be ticked, with their codes.
const REACHES: [&str; 5] = ["all", "units", "own", "industry", "units+industry"];

/// A permission with a box for each reach.
struct Line {
    label: String,
    permission: String,
    boxes: Vec<Tick>,
}

struct Tick {
    value: String,
    label: String,
    on: bool,
}

fn lines(role: &Role) -> Vec<Line> {
    let mut permissions: Vec<&str> = access::permissions().collect();
    permissions.extend(role.grants.iter().map(|g| g.permission.as_str()));
    permissions.sort_by_key(|p| (duty::of_permission(p) != duty::Duty::Business, *p));
    permissions.dedup();
    permissions.into_iter().map(|permission| line(role, permission)).collect()
}

fn line(role: &Role, permission: &str) -> Line {
    let held: Vec<&Grant> = role.grants.iter().filter(|g| g.permission == permission).collect();
    let usual = REACHES.iter().filter_map(|reach| Grant::parse(permission, reach).ok());
    // A combination that has no box of its own stays as it is unless its box is cleared.
    let other = held.iter().filter(|g| !REACHES.contains(&g.code().as_str())).map(|g| (*g).clone());
    let boxes = usual.chain(other).map(|grant| Tick {
        value: format!("{permission}:{}", grant.code()),
        label: grant.label(),
        on: held.contains(&&grant),
    });
    Line { label: permission_label(permission).to_owned(), permission: permission.to_owned(), boxes: boxes.collect() }
}

#[derive(Template)]
#[template(path = "roles/templates/show.html")]
struct ShowPage {
    cx: Frame,
    code: String,
    label: String,
    at: &'static str,
    duty: &'static str,
    lines: Vec<Line>,
    members: Vec<(i64, String, String)>,
    is_public: bool,
    fault: String,
}

async fn show_page(ui: &Ui, code: &str, faults: &Faults) -> Result<ShowPage> {
    let read = ui.read().await?;
    let roles = Roles::read(&read).await?;
    let role = roles.find(code).ok_or(Error::NotFound)?;
    let units = kernel::org::units(&read).await?;
    let members = access::list_members(&read, code).await?;
    Ok(ShowPage {
        cx: ui.frame(&read).await?,
        code: role.code.clone(),
        label: role.label.clone(),
        at: at_label(role.at),
        duty: duty_label(role),
        lines: lines(role),
        members: members
            .iter()
            .map(|m| (m.account.0, format!("{}（{}）", m.person, m.login), crate::people::place(m, &units)))
            .collect(),
        is_public: !roles.held().any(|r| r.code == role.code),
        fault: faults.0.iter().map(|f| f.message.clone()).collect::<Vec<_>>().join("；"),
    })
}

pub(super) async fn show(ui: Ui, Path(code): Path<String>) -> Result<Response> {
    ui.page(&show_page(&ui, &code, &Faults::new()).await?)
}

pub(super) async fn set(ui: Ui, Path(code): Path<String>, Posted(form): Posted<GrantsForm>) -> Result<Response> {
    let set = match form.grants() {
        Ok(grants) => ui.write(async |tx| access::set_role(tx, &code, &form.label, grants).await).await,
        Err(error) => Err(error),
    };
    match set {
        Ok(()) => ui.done(&format!("/roles/{code}"), "角色已保存，立即生效").await,
        Err(Error::Invalid(faults)) => ui.refused(&show_page(&ui, &code, &faults).await?),
        Err(other) => Err(other.into()),
    }
}

/// A number of the policy as a field.
struct NumberField {
    name: &'static str,
    label: &'static str,
    value: String,
    hint: String,
    fault: String,
}

#[derive(Template)]
#[template(path = "roles/templates/policy.html")]
struct PolicyPage {
    cx: Frame,
    numbers: Vec<NumberField>,
    roles: Vec<(String, String, bool)>,
}

async fn policy_page(ui: &Ui, typed: &[(String, String)], faults: &Faults) -> Result<PolicyPage> {
    let read = ui.read().await?;
    let roles = Roles::read(&read).await?;
    let policy = &roles.policy;
    let typed_or =
        |name: &str, set: i64| typed.iter().find(|(n, _)| n == name).map_or(set.to_string(), |(_, v)| v.clone());
    let numbers = NUMBERS.iter().map(|n| NumberField {
        name: n.name,
        label: n.label,
        value: typed_or(n.name, n.of(policy)),
        hint: format!("{} 到 {}", n.bounds.0, n.bounds.1),
        fault: faults.at(n.name).unwrap_or_default().to_owned(),
    });
    Ok(PolicyPage {
        cx: ui.frame(&read).await?,
        numbers: numbers.collect(),
        roles: roles
            .held()
            .map(|r| (r.code.clone(), r.label.clone(), policy.needs_second_factor([r.code.as_str()])))
            .collect(),
    })
}

pub(super) async fn policy(ui: Ui) -> Result<Response> {
    ui.page(&policy_page(&ui, &[], &Faults::new()).await?)
}

pub(super) async fn set_policy(ui: Ui, Posted(typed): Posted<Vec<(String, String)>>) -> Result<Response> {
    let set = match Policy::typed(&typed) {
        Ok(policy) => ui.write(async |tx| policy.set(tx).await).await,
        Err(error) => Err(error),
    };
    match set {
        Ok(()) => ui.done("/sign-in-policy", "登录要求已保存，立即生效").await,
        Err(Error::Invalid(faults)) => ui.refused(&policy_page(&ui, &typed, &faults).await?),
        Err(other) => Err(other.into()),
    }
}
