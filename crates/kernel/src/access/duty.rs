//! The three duties of administration, and that nobody combines them: 三员分立.
//!
//! Which duty a permission belongs to is fixed here and cannot be edited: otherwise the security administrator
//! could hand out all three with one new role.

use super::{Role, permission_label};
use crate::{Error, Result};

/// What somebody administers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Accounts and operation: 系统管理员.
    System,
    /// Roles and grants: 安全管理员.
    Security,
    /// The trail: 审计管理员.
    Audit,
    /// The office's own business.
    Business,
}

impl Duty {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "系统管理员",
            Self::Security => "安全管理员",
            Self::Audit => "审计管理员",
            Self::Business => "业务人员",
        }
    }
}

/// Beginnings of permissions by duty; everything else is business.
const DUTIES: &[(&str, Duty)] = &[("people.", Duty::System), ("roles.", Duty::Security), ("audit.", Duty::Audit)];

/// The duty a permission belongs to.
pub fn of_permission(permission: &str) -> Duty {
    DUTIES.iter().find(|(start, _)| permission.starts_with(start)).map_or(Duty::Business, |(_, duty)| *duty)
}

/// The one duty of a role; a role without permissions is business.
///
/// # Errors
/// [`Error::Invalid`] at `grants` when it mixes duties.
pub fn of_role(role: &Role) -> Result<Duty> {
    let mut duties = role.grants.iter().map(|g| (of_permission(&g.permission), g.permission.as_str()));
    let Some((first, of)) = duties.next() else { return Ok(Duty::Business) };
    match duties.find(|(duty, _)| *duty != first) {
        None => Ok(first),
        Some((other, with)) => Err(Error::invalid(
            "grants",
            format!(
                "“{}”属于{}，“{}”属于{}，不能放在同一个角色里，请拆成两个角色",
                permission_label(of),
                first.label(),
                permission_label(with),
                other.label()
            ),
        )),
    }
}

/// Refuses an account that would hold duties which exclude each other.
///
/// # Errors
/// [`Error::Invalid`] at `role`.
pub(super) fn check(held: impl IntoIterator<Item = Duty>, added: Duty) -> Result<()> {
    match held.into_iter().find(|duty| *duty != added) {
        None => Ok(()),
        Some(held) => Err(Error::invalid(
            "role",
            format!(
                "这个账号已是{}，不能再兼{}；系统、安全、审计三类管理员互不兼任，也不办业务，请另开账号",
                held.label(),
                added.label()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_duties_in_one_hand() {
        use Duty::{Audit, Business, Security, System};
        let all = [System, Security, Audit, Business];
        for held in all {
            for added in all {
                assert_eq!(check([held], added).is_ok(), held == added, "{held:?} and {added:?}");
            }
            assert!(check([], held).is_ok());
        }
    }
}
