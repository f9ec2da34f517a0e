//! The starter roles. Part C turns them into editable data; the shape stays: permission × reach.

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everything.
    All,
    /// The actor's reporting units.
    Units,
    /// The actor's own organisation.
    Own,
}

/// A named set of permissions.
#[derive(Debug, PartialEq, Eq)]
pub struct Role {
    /// Stable code.
    pub code: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Permission and its reach.
    pub grants: &'static [(&'static str, Reach)],
}

use Reach::{All, Own, Units};

/// What the city's office may do.
const OFFICE: &[(&str, Reach)] = &[
    ("registry.read", All),
    ("registry.edit", All),
    ("registry.check", All),
    ("ledger.read", All),
    ("ledger.correct", All),
    ("ledger.enter", All),
    ("figure.read", All),
    ("figure.declare", All),
    ("target.edit", All),
    ("reply.read", All),
    ("rule.read", All),
    ("publication.read", All),
    ("publication.publish", All),
    ("publication.verify", All),
    ("amendment.read", All),
    ("amendment.request", All),
    ("amendment.decide", All),
    ("intake.import", All),
    ("case.list", All),
    ("change.request", All),
    ("change.read", All),
    ("change.review", All),
    ("seal.read", All),
    ("seal.check", All),
    ("diagnosis.read", All),
    ("diagnosis.request", All),
    ("diagnosis.assign", All),
    ("diagnosis.accept", All),
    ("diagnosis.settle", All),
    ("diagnosis.apply", All),
    ("diagnosis.select", All),
    ("diagnosis.instrument", All),
];

/// Loads, jobs and operator's commands.
pub(super) static SYSTEM: Role = Role { code: "system", label: "系统", grants: OFFICE };

/// Someone not signed in: published things only.
pub(super) static PUBLIC: Role = Role { code: "public", label: "公众", grants: &[] };

/// All roles an account can hold.
pub static ROLES: &[Role] = &[
    Role {
        code: "bureau_leader",
        label: "市局领导",
        grants: &[
            ("registry.read", All),
            ("registry.check", All),
            ("ledger.read", All),
            ("figure.read", All),
            ("reply.read", All),
            ("rule.read", All),
            ("publication.read", All),
            ("publication.publish", All),
            ("publication.verify", All),
            ("amendment.read", All),
            ("amendment.decide", All),
            ("case.list", All),
            ("change.read", All),
            ("change.oversee", All),
            ("diagnosis.read", All),
            ("seal.read", All),
        ],
    },
    Role { code: "bureau_officer", label: "市局经办", grants: OFFICE },
    Role {
        code: "county_officer",
        label: "县市区经办",
        grants: &[
            ("registry.read", Units),
            ("registry.edit", Units),
            ("registry.check", Units),
            ("ledger.read", Units),
            ("ledger.correct", Units),
            ("ledger.enter", Units),
            ("figure.read", Units),
            ("target.edit", Units),
            ("rule.read", Units),
            ("amendment.read", Units),
            ("amendment.request", Units),
            ("intake.import", Units),
            ("case.list", Units),
            ("change.request", Units),
            ("change.read", Units),
            ("change.review", Units),
            ("diagnosis.read", Units),
            ("diagnosis.request", Units),
        ],
    },
    Role {
        code: "enterprise",
        label: "企业",
        grants: &[
            ("registry.read", Own),
            ("ledger.read", Own),
            ("change.request", Own),
            ("change.read", Own),
            ("diagnosis.read", Own),
            ("diagnosis.request", Own),
            ("diagnosis.confirm", Own),
            ("audit.trail", Own),
            ("audit.own", Own),
        ],
    },
    Role {
        code: "institution",
        label: "诊断服务机构",
        grants: &[
            ("registry.read", Own),
            ("ledger.read", Own),
            ("diagnosis.read", Own),
            ("diagnosis.apply", Own),
            ("diagnosis.serve", Own),
            ("audit.trail", Own),
            ("audit.own", Own),
        ],
    },
    Role {
        code: "bank",
        label: "金融机构",
        grants: &[("registry.read", Own), ("ledger.read", Own), ("audit.trail", Own), ("audit.own", Own)],
    },
    Role {
        code: "auditor",
        label: "审计",
        grants: &[
            ("registry.read", All),
            ("registry.check", All),
            ("ledger.read", All),
            ("figure.read", All),
            ("reply.read", All),
            ("rule.read", All),
            ("publication.read", All),
            ("publication.verify", All),
            ("amendment.read", All),
            ("case.list", All),
            ("change.read", All),
            ("diagnosis.read", All),
            ("audit.read", All),
            ("audit.trail", All),
            ("seal.read", All),
            ("seal.check", All),
        ],
    },
];

/// The role with this code.
pub fn role(code: &str) -> Option<&'static Role> {
    ROLES.iter().find(|r| r.code == code)
}
