//! What the city asks of passwords, sessions and second factors: settings with sensible numbers where none is set.

use chrono::TimeDelta;

use crate::audit::Verb;
use crate::store::{Read, Tx};
use crate::{Error, Faults, Result, args};

/// The settings of signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Characters a password has at least.
    pub password_min: i64,
    /// How many of the last passwords may not come back.
    pub password_history: i64,
    /// Codes of the roles that need a second factor.
    pub second_factor: Vec<String>,
    /// Failed attempts on one login name before it rests.
    pub account_failures: i64,
    /// Failed attempts from one address before it rests.
    pub address_failures: i64,
    /// Minutes a session may rest.
    pub idle_minutes: i64,
    /// Hours a session lasts at most.
    pub session_hours: i64,
}

impl Default for Policy {
    fn default() -> Self {
        let admins = ["system_admin", "security_admin", "audit_admin"];
        Self {
            password_min: 12,
            password_history: 5,
            second_factor: admins.map(str::to_owned).to_vec(),
            account_failures: 5,
            address_failures: 20,
            idle_minutes: 120,
            session_hours: 12,
        }
    }
}

/// A number of the policy: its setting, what it is called, its bounds, and where it stands.
pub struct Number {
    /// Name of the setting and of the form field.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The least and the most it may be.
    pub bounds: (i64, i64),
    get: fn(&Policy) -> i64,
    set: fn(&mut Policy, i64),
}

/// The setting that lists roles which need a second factor, separated by commas.
const SECOND_FACTOR: &str = "sign_in.second_factor";

/// The numbers of the policy.
pub const NUMBERS: [Number; 6] = [
    Number {
        name: "sign_in.password_min",
        label: "口令最少字符数",
        bounds: (10, 64),
        get: |p| p.password_min,
        set: |p, n| p.password_min = n,
    },
    Number {
        name: "sign_in.password_history",
        label: "不得重复使用最近几个口令",
        bounds: (0, 24),
        get: |p| p.password_history,
        set: |p, n| p.password_history = n,
    },
    Number {
        name: "sign_in.account_failures",
        label: "同一登录名连续错几次后暂停登录",
        bounds: (3, 20),
        get: |p| p.account_failures,
        set: |p, n| p.account_failures = n,
    },
    Number {
        name: "sign_in.address_failures",
        label: "同一网络地址连续错几次后暂停登录",
        bounds: (5, 1000),
        get: |p| p.address_failures,
        set: |p, n| p.address_failures = n,
    },
    Number {
        name: "sign_in.idle_minutes",
        label: "无操作几分钟后退出",
        bounds: (5, 720),
        get: |p| p.idle_minutes,
        set: |p, n| p.idle_minutes = n,
    },
    Number {
        name: "sign_in.session_hours",
        label: "一次登录最长几小时",
        bounds: (1, 24),
        get: |p| p.session_hours,
        set: |p, n| p.session_hours = n,
    },
];

impl Number {
    /// Its value in a policy.
    pub fn of(&self, policy: &Policy) -> i64 {
        (self.get)(policy)
    }
}

impl Policy {
    /// How long a session may rest.
    pub fn idle(&self) -> TimeDelta {
        TimeDelta::minutes(self.idle_minutes)
    }

    /// How long a session lasts at most.
    pub fn longest(&self) -> TimeDelta {
        TimeDelta::hours(self.session_hours)
    }

    /// Whether somebody in these roles (codes, several joined by a comma) needs a second factor.
    pub fn needs_second_factor<'a>(&self, roles: impl IntoIterator<Item = &'a str>) -> bool {
        roles.into_iter().flat_map(|codes| codes.split(',')).any(|code| self.second_factor.iter().any(|r| r == code))
    }

    /// The policy as typed in a form.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault at its field.
    pub fn typed(pairs: &[(String, String)]) -> Result<Self> {
        let mut policy = Self { second_factor: Vec::new(), ..Self::default() };
        let mut faults = Faults::new();
        for number in &NUMBERS {
            let typed = pairs.iter().find(|(name, _)| name == number.name).map_or("", |(_, value)| value.trim());
            let (least, most) = number.bounds;
            match typed.parse::<i64>() {
                Ok(n) if (least..=most).contains(&n) => (number.set)(&mut policy, n),
                _ => faults.add(number.name, format!("请填 {least} 到 {most} 之间的整数")),
            }
        }
        policy.second_factor =
            pairs.iter().filter(|(name, _)| name == SECOND_FACTOR).map(|(_, role)| role.clone()).collect();
        faults.or(policy)
    }

    pub(super) async fn read(read: &Read) -> Result<Self> {
        let mut policy = Self::default();
        for row in read.all("SELECT name, value FROM setting WHERE name LIKE 'sign_in.%'").await? {
            let (name, value): (String, String) = (row.get("name")?, row.get("value")?);
            if name == SECOND_FACTOR {
                policy.second_factor = value.split(',').filter(|c| !c.is_empty()).map(str::to_owned).collect();
            } else if let Some(number) = NUMBERS.iter().find(|n| n.name == name) {
                let parsed = value.parse().map_err(|_| Error::Internal(format!("setting {name} is no number")))?;
                (number.set)(&mut policy, parsed);
            }
        }
        Ok(policy)
    }

    /// Writes the policy down; it holds from the next request on.
    ///
    /// # Errors
    /// As the database says.
    pub async fn set(&self, tx: &Tx) -> Result<()> {
        let before = Self::read(tx).await?;
        tx.step(Verb::POLICY_EDITED, "policy", None);
        for number in &NUMBERS {
            tx.changes(number.label, &number.of(&before).to_string(), &number.of(self).to_string());
        }
        tx.changes("须第二步验证的角色", &before.second_factor.join(","), &self.second_factor.join(","));
        let second_factor = (SECOND_FACTOR, self.second_factor.join(","));
        let numbers = NUMBERS.iter().map(|n| (n.name, n.of(self).to_string()));
        for (name, value) in numbers.chain([second_factor]) {
            tx.run((
                "INSERT INTO setting (name, value) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                args![name, value],
            ))
            .await?;
        }
        super::roles::moved(tx).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_typed_policy_stays_within_its_bounds() {
        let mut typed: Vec<_> = NUMBERS.iter().map(|n| pair(n.name, &n.of(&Policy::default()).to_string())).collect();
        typed.extend(Policy::default().second_factor.iter().map(|role| pair(SECOND_FACTOR, role)));
        assert_eq!(Policy::typed(&typed).expect("valid"), Policy::default());
        typed[0].1 = "4".into();
        typed[4].1 = "forever".into();
        let Err(Error::Invalid(faults)) = Policy::typed(&typed) else { panic!("too short and not a number") };
        assert_eq!(faults.0.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), [NUMBERS[0].name, NUMBERS[4].name]);
    }

    #[test]
    fn one_of_several_roles_is_enough_to_need_a_second_factor() {
        assert!(Policy::default().needs_second_factor(["expert", "auditor,audit_admin"]));
        assert!(!Policy::default().needs_second_factor(["bureau_officer"]));
    }
}
