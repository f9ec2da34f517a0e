//! A flow with another side: an errand that an enterprise asks for and a body is chosen to run, and people who act in it.

use kernel::access::{Actor, At, Permission};
use kernel::case::{Action, Bodies, Body, By, Field, FieldKind, Fill, Flow, Note, Offered, State, Waits, Writes};
use kernel::id::OrgId;
use kernel::store::Read;

use crate::sample_case::person;

/// To ask for errands.
pub const ASK: Permission = Permission("sample.ask_errand");
/// To read errands.
pub const READ: Permission = Permission("sample.read_errand");
/// To send somebody.
pub const SEND: Permission = Permission("sample.send_errand");
/// To run errands.
pub const RUN: Permission = Permission("sample.run_errand");

/// An errand: asked for, sent out, run or declined, and at last left.
pub const FLOW: Flow = Flow {
    code: "sample.errand",
    version: 1,
    label: "样例跑腿",
    read: READ,
    tells: None,
    states: &[
        State { code: "asked", label: "待派出", waits: Waits::On(SEND), clock: None },
        State { code: "sent", label: "待接", waits: Waits::Counterparty(RUN), clock: None },
        State { code: "member", label: "在册", waits: Waits::Paused, clock: None },
        State { code: "left", label: "已退出", waits: Waits::Nobody, clock: None },
    ],
    fields: &[Field { code: "runner", label: "跑腿", kind: FieldKind::Counterparty(Bodies(runners)), help: "" }],
    actions: &[
        Action::new("ask", "提交", &[], "asked", By::May(ASK)),
        Action::new("send", "派出", &["asked"], "sent", By::May(SEND)).fills(&[Fill::must("runner")]),
        Action::new("decline", "退单", &["sent"], "asked", By::Counterparty(RUN)).note(Note::Must("退单理由")),
        Action::new("run", "跑完", &["sent"], "member", By::Counterparty(RUN))
            .writes(&[Writes::today("sample.visited"), Writes::today("sample.stayed")]),
        Action::new("leave", "退出", &["member"], "left", By::May(SEND)).leaves(&[Writes::today("sample.stayed")]),
    ],
};

/// Everybody but the subject whose number is even.
fn runners(read: &Read, subject: OrgId) -> Offered<'_> {
    Box::pin(async move {
        let sql = "SELECT id, name FROM organisation WHERE id % 2 = 0 AND id <> $1 ORDER BY id";
        let rows = read.all((sql, kernel::args![subject])).await?;
        let of = |row: &kernel::store::Row| {
            Ok(Body { org: OrgId(row.get("id")?), name: row.get("name")?, note: String::new() })
        };
        rows.iter().map(of).collect()
    })
}

/// Somebody of an organisation, who may ask for errands and run those of others.
pub fn firm(account: i64, org: OrgId) -> Actor {
    let grants = [("sample.ask_errand", "own"), ("sample.read_errand", "own"), ("sample.run_errand", "own")];
    Actor { org: Some(org), ..person(account, "企业", ("firm", "企业", At::Organisation), &grants) }
}

/// Somebody who sends.
pub fn sender(account: i64) -> Actor {
    let grants = [("sample.send_errand", "all"), ("sample.read_errand", "all")];
    person(account, "派单", ("sender", "派单", At::City), &grants)
}
