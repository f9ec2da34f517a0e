//! Stories of people through the router: invited, granted a role, signed in with a second factor, taken out of use.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::access::{self, NewAccount, Policy, create_account, second};
use kernel::args;
use kernel::id::{OrgId, UnitId};
use testkit::sample;
use testkit::{Answer, Client, TestApp, TestStore, stores};

const PASSWORD: &str = "a harbour for boats";
const ANOTHER: &str = "two green bottles";

struct Stage {
    store: TestStore,
    app: TestApp,
    orgs: Vec<OrgId>,
}

async fn stages() -> Vec<Stage> {
    let modules: Vec<_> = registry::slices().iter().map(|slice| slice.module).collect();
    let mut stages = Vec::new();
    for store in stores(&modules).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let people = [
            ("officer", "bureau_officer", None, None),
            ("east", "county_officer", Some(UnitId(1)), None),
            ("firm", "enterprise", None, Some(orgs[1])),
            ("system", "system_admin", None, None),
            ("security", "security_admin", None, None),
            ("audit", "audit_admin", None, None),
        ];
        for (login, role, unit, org) in people {
            let new = NewAccount { login, name: login, role, password: PASSWORD, unit, org };
            store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
        }
        let open = Policy { second_factor: Vec::new(), ..Policy::default() };
        store.write(&sample::actor(), async |tx| open.set(tx).await).await.unwrap();
        let app = TestApp::new(&store, registry::slices()).await;
        stages.push(Stage { store, app, orgs });
    }
    stages
}

impl Stage {
    async fn client(&self, login: &str) -> Client {
        let client = self.app.signed_in(login, PASSWORD).await;
        client.get("/me").await;
        client
    }

    async fn id(&self, login: &str) -> i64 {
        let sql = "SELECT id FROM account WHERE login = $1";
        self.store.read().await.unwrap().one((sql, args![login])).await.unwrap().get("id").unwrap()
    }

    /// The second factor as the account holds it, and the code an authenticator shows now.
    fn code(secret: &str) -> String {
        second::shown(secret, chrono::Utc::now().timestamp()).unwrap()
    }
}

fn link_in(answer: &Answer) -> String {
    answer.attributes("main a[href^='/join/']", "href").pop().unwrap()
}

#[tokio::test]
async fn an_account_is_opened_by_one_granted_by_another_and_sees_only_its_own() {
    for stage in stages().await {
        let on = stage.store.on;
        let (system, security) = (stage.client("system").await, stage.client("security").await);
        let opened = system.post("/people", &[("login", "zhou"), ("name", "周五")]).await;
        assert_eq!(opened.status, 200, "{on}: {}", opened.body);
        let link = link_in(&opened);
        assert!(!system.get("/people").await.body.contains(&link), "{on}: told once");
        let zhou = stage.app.visitor();
        assert!(zhou.get(&link).await.body.contains("周五"), "{on}");
        let weak = zhou.post(&link, &[("password", "zhou-zhou-2024"), ("again", "zhou-zhou-2024")]).await;
        assert!(weak.status == 422 && weak.texts(".field-error").concat().contains("容易被猜到"), "{on}");
        let typed = [("password", ANOTHER), ("again", ANOTHER)];
        assert_eq!(zhou.post(&link, &typed).await.location.as_deref(), Some("/sign-in"), "{on}");
        assert_eq!(zhou.post(&link, &typed).await.status, 409, "{on}: a link counts once");
        let zhou = stage.app.signed_in("zhou", ANOTHER).await;
        assert_eq!(zhou.get("/orgs").await.status, 403, "{on}: nobody has granted anything");
        let id = stage.id("zhou").await;
        let page = format!("/grants/{id}");
        let wrong = [("role", "county_officer"), ("valid_from", "2021-01-01"), ("reason", "任职文件")];
        let refused = security.post(&page, &wrong).await;
        assert_eq!((refused.status.as_u16(), refused.texts(".field-error").len()), (422, 1), "{on}");
        let right = [("role", "county_officer"), ("unit", "2"), ("valid_from", "2021-01-01"), ("reason", "任职文件")];
        assert_eq!(security.post(&page, &right).await.status, 303, "{on}");
        let seen = zhou.get("/orgs").await;
        assert_eq!(seen.texts("tbody .cell-title").len(), 2, "{on}: two of six are of unit 2");
        assert_eq!(zhou.get(&format!("/orgs/{}/edit", stage.orgs[0])).await.status, 404, "{on}: of another unit");
        assert_eq!(system.post(&page, &right).await.status, 403, "{on}: who opens accounts grants nothing");
        let both = [("role", "audit_admin"), ("valid_from", "2021-01-01"), ("reason", "任职文件")];
        let refused = security.post(&page, &both).await;
        assert!(refused.status == 422 && refused.body.contains("互不兼任"), "{on}");
        let membership = security.get(&page).await.attributes("button[name=membership]", "value").pop().unwrap();
        assert_eq!(security.post(&format!("{page}/end"), &[("membership", &membership)]).await.status, 303, "{on}");
        assert_eq!(zhou.get("/orgs").await.status, 403, "{on}: at once");
    }
}

#[tokio::test]
async fn who_is_taken_out_of_use_is_out_at_once() {
    for stage in stages().await {
        let on = stage.store.on;
        let (system, east) = (stage.client("system").await, stage.client("east").await);
        assert_eq!(east.get("/orgs").await.status, 200, "{on}");
        let id = stage.id("east").await;
        assert_eq!(system.post(&format!("/people/{id}/disable"), &[]).await.status, 303, "{on}");
        assert_eq!(east.get("/orgs").await.status, 303, "{on}: to the sign-in page");
        let visitor = stage.app.visitor();
        let told = visitor.post("/sign-in", &[("login", "east"), ("password", PASSWORD)]).await;
        let nobody = visitor.post("/sign-in", &[("login", "no-such-login"), ("password", PASSWORD)]).await;
        assert_eq!((told.status.as_u16(), nobody.status.as_u16()), (422, 422), "{on}");
        assert_eq!(told.texts("[role=alert]"), nobody.texts("[role=alert]"), "{on}: the same words");
        let own = stage.id("system").await;
        assert_eq!(system.post(&format!("/people/{own}/disable"), &[]).await.status, 422, "{on}: not oneself");
        let audit = stage.id("audit").await;
        let refused = system.post(&format!("/people/{audit}/link"), &[]).await;
        assert!(
            refused.status == 409 && refused.body.contains("qishu account reset"),
            "{on}: a duty is not taken over"
        );
        assert_eq!(stage.app.signed_in("audit", PASSWORD).await.get("/me").await.status, 200, "{on}");
    }
}

#[tokio::test]
async fn each_administrator_opens_only_the_own_pages() {
    for stage in stages().await {
        let on = stage.store.on;
        let own: [(&str, &[&str]); 4] = [
            ("system", &["/people", "/people/new"]),
            (
                "security",
                &["/grants", "/roles", "/roles/bureau_officer", "/sign-in-policy", "/who-sees", "/access-log"],
            ),
            ("audit", &[]),
            ("officer", &["/orgs", "/orgs/new", "/orgs/mismatches", "/claims"]),
        ];
        let all: Vec<&str> = own.iter().flat_map(|(_, pages)| pages.iter().copied()).collect();
        for (login, pages) in own {
            let client = stage.client(login).await;
            for page in &all {
                let wanted = if pages.contains(page) { 200 } else { 403 };
                assert_eq!(client.get(page).await.status.as_u16(), wanted, "{on}: {login} opens {page}");
            }
            let menu = client.get("/me").await.attributes(".side .menu a", "href");
            assert!(menu.iter().all(|href| pages.contains(&href.as_str())), "{on}: {login} is led to {menu:?}");
        }
    }
}

#[tokio::test]
async fn an_administrator_signs_in_with_a_second_factor_or_not_at_all() {
    for stage in stages().await {
        let on = stage.store.on;
        stage.store.write(&sample::actor(), async |tx| Policy::default().set(tx).await).await.unwrap();
        let right = [("login", "security"), ("password", PASSWORD)];
        let client = stage.app.visitor();
        let bind = client.post("/sign-in", &right).await;
        assert_eq!((bind.status.as_u16(), bind.texts("h1").concat().as_str()), (200, "绑定验证器"), "{on}");
        assert_eq!(client.get("/roles").await.status, 303, "{on}: not in yet");
        let secret = bind.texts(".bind-secret").concat();
        assert_eq!(client.post("/sign-in/bind", &[("code", "000000x")]).await.status, 422, "{on}");
        let code = Stage::code(&secret);
        let bound = client.post("/sign-in/bind", &[("code", &code)]).await;
        let recovery = bound.texts(".recovery code");
        assert_eq!((bound.status.as_u16(), recovery.len()), (200, 10), "{on}: {}", bound.body);
        assert_eq!(client.get("/roles").await.status, 200, "{on}");
        // The next time: password, then a code that has not been used.
        let next = stage.app.visitor();
        let ask = next.post("/sign-in", &right).await;
        assert_eq!(ask.texts("h1").concat(), "输入验证码", "{on}");
        assert_eq!(next.get("/roles").await.status, 303, "{on}");
        assert_eq!(next.post("/sign-in/second", &[("code", &code)]).await.status, 422, "{on}: used already");
        assert_eq!(next.post("/sign-in/second", &[("code", &recovery[0])]).await.status, 303, "{on}");
        assert_eq!(next.get("/roles").await.status, 200, "{on}");
        let again = stage.app.visitor();
        again.post("/sign-in", &right).await;
        assert_eq!(again.post("/sign-in/second", &[("code", &recovery[0])]).await.status, 422, "{on}: once");
        // Whoever knows only the password cannot put another authenticator in place.
        assert_ne!(again.post("/sign-in/bind", &[("code", &code)]).await.status, 200, "{on}");
        assert_eq!(stage.app.visitor().post("/sign-in/second", &[("code", &code)]).await.status, 409, "{on}");
    }
}

#[tokio::test]
async fn after_too_many_wrong_passwords_the_right_one_waits_too() {
    for stage in stages().await {
        let on = stage.store.on;
        let visitor = stage.app.visitor();
        for _ in 0..5 {
            let wrong = visitor.post("/sign-in", &[("login", "east"), ("password", "not the one")]).await;
            assert_eq!(wrong.status, 422, "{on}");
        }
        let right = [("login", "east"), ("password", PASSWORD)];
        assert_eq!(visitor.post("/sign-in", &right).await.status, 422, "{on}");
        let sql = "UPDATE sign_in_failure SET locked_until = $1";
        stage.store.write(&sample::actor(), async |tx| tx.run((sql, args![tx.now()])).await).await.unwrap();
        assert_eq!(visitor.post("/sign-in", &right).await.status, 303, "{on}: the rest is over");
    }
}

#[tokio::test]
async fn looking_through_anothers_eyes_shows_and_changes_nothing_and_is_written_down() {
    for stage in stages().await {
        let on = stage.store.on;
        let security = stage.client("security").await;
        let (east, system) = (stage.id("east").await.to_string(), stage.id("system").await.to_string());
        let view = async |account: &str, purpose: &str| {
            security.post("/view-as", &[("account", account), ("seat", ""), ("purpose", purpose)]).await.status.as_u16()
        };
        assert_eq!(view(&east, " ").await, 422, "{on}: a purpose is asked for");
        assert_eq!(view(&system, "核对").await, 409, "{on}: no administrator's eyes");
        assert_eq!(view(&east, "反映看不到企业").await, 303, "{on}");
        let seen = security.get("/orgs").await;
        assert_eq!(seen.texts("tbody .cell-title").len(), 2, "{on}: what the county sees");
        assert!(seen.texts(".view-strip").concat().contains("security"), "{on}: it says who looks");
        assert_eq!(security.get("/roles").await.status, 403, "{on}: the county has no such page");
        let change = [("attribute", "park"), ("value", "一园"), ("valid_from", "2021-03-01"), ("source", "说明")];
        assert_eq!(security.post(&format!("/orgs/{}/attributes", stage.orgs[0]), &change).await.status, 409, "{on}");
        assert_eq!(security.post("/me/password", &[]).await.status, 409, "{on}");
        assert_eq!(security.post("/view-as/end", &[]).await.status, 303, "{on}");
        let log = security.get("/access-log").await.texts("tbody tr");
        assert!(log.len() == 2 && log[1].contains("反映看不到企业") && log[1].contains("east"), "{on}: {log:?}");
        let sql = "SELECT COUNT(*) AS n FROM access_event WHERE who = 'security'";
        let by = stage.store.read().await.unwrap().one(sql).await.unwrap().int("n").unwrap();
        assert_eq!(by, 2, "{on}: both are the viewer's acts, not the viewed person's");
        assert_eq!(security.get("/orgs").await.status, 403, "{on}: own eyes again");
        let officer = stage.client("officer").await;
        assert_eq!(officer.post("/view-as", &[("account", &east), ("purpose", "看看")]).await.status, 403, "{on}");
    }
}

#[tokio::test]
async fn one_person_in_two_places_changes_between_them_in_sight() {
    for stage in stages().await {
        let on = stage.store.on;
        let (security, firm) = (stage.client("security").await, stage.client("firm").await);
        let code = "91420299MADT0002";
        let sql = "SELECT credit_code FROM organisation WHERE credit_code LIKE $1";
        let row = stage.store.read().await.unwrap().one((sql, args![format!("{code}%")])).await.unwrap();
        let code: String = row.get("credit_code").unwrap();
        let second =
            [("role", "enterprise_staff"), ("org", code.as_str()), ("valid_from", "2021-01-01"), ("reason", "申请")];
        let page = format!("/grants/{}", stage.id("firm").await);
        assert_eq!(security.post(&page, &second).await.status, 303, "{on}");
        let own = async || firm.get("/orgs").await.attributes("tbody .cell-title a", "href");
        assert_eq!(own().await, [format!("/orgs/{}", stage.orgs[1])], "{on}");
        let seats = firm.get("/me").await.attributes(".topbar button.seat", "value");
        assert_eq!(seats.len(), 2 * 2, "{on}: in the head and in the menu of a telephone: {seats:?}");
        let other = format!("org-{}", stage.orgs[2]);
        assert_eq!(firm.post("/seat", &[("seat", &other)]).await.status, 303, "{on}");
        assert_eq!(own().await, [format!("/orgs/{}", stage.orgs[2])], "{on}");
        assert_eq!(firm.post("/seat", &[("seat", &format!("org-{}", stage.orgs[3]))]).await.status, 404, "{on}");
        assert_eq!(own().await, [format!("/orgs/{}", stage.orgs[2])], "{on}: a place that is not held is not taken");
    }
}

#[tokio::test]
async fn own_password_sessions_and_tokens() {
    for stage in stages().await {
        let on = stage.store.on;
        let (here, there) = (stage.client("east").await, stage.client("east").await);
        let change = |current| [("current", current), ("password", ANOTHER), ("again", ANOTHER)];
        assert_eq!(here.post("/me/password", &change("not the one")).await.status, 422, "{on}");
        assert_eq!(here.get("/me").await.texts("table .cell-title").len(), 2, "{on}: two places");
        assert_eq!(here.post("/me/password", &change(PASSWORD)).await.status, 303, "{on}");
        assert_eq!((here.get("/me").await.status.as_u16(), there.get("/me").await.status.as_u16()), (200, 303), "{on}");
        let third = stage.app.signed_in("east", ANOTHER).await;
        assert_eq!(here.post("/me/sessions/end", &[]).await.status, 303, "{on}: everywhere else");
        assert_eq!((here.get("/me").await.status.as_u16(), third.get("/me").await.status.as_u16()), (200, 303), "{on}");
        let until = (stage.store.read().await.unwrap().today() + chrono::TimeDelta::days(9)).to_string();
        let typed = [("name", "取数"), ("permissions", "registry.read"), ("expires_on", &until)];
        let made = here.post("/me/tokens", &typed).await;
        let token = made.texts(".once code").concat();
        assert!(token.starts_with("qishu_") && !here.get("/me/tokens").await.body.contains(&token), "{on}");
        let asked = async |path: &str, token: &str| stage.app.visitor().bearer(path, token).await;
        let list = asked("/api/v1/organisations", &token).await;
        assert_eq!(list.json()["items"].as_array().unwrap().len(), 2, "{on}: of the own unit");
        let foreign = format!("/api/v1/organisations/{}", stage.orgs[1]);
        assert_eq!(asked(&foreign, &token).await.status, 404, "{on}");
        assert_eq!(asked("/api/v1/organisations", "qishu_nothing").await.status, 401, "{on}");
        assert_eq!(asked("/orgs", &token).await.status, 303, "{on}: pages are for people");
        let id = here.get("/me/tokens").await.attributes("button[name=token]", "value").pop().unwrap();
        assert_eq!(here.post("/me/tokens/revoke", &[("token", &id)]).await.status, 303, "{on}");
        assert_eq!(asked("/api/v1/organisations", &token).await.status, 401, "{on}");
    }
}

#[tokio::test]
async fn who_can_see_a_firm_is_told_with_the_rule_and_noted() {
    for stage in stages().await {
        let on = stage.store.on;
        let security = stage.client("security").await;
        let read = stage.store.read().await.unwrap();
        let code = kernel::org::find(&read, stage.orgs[1]).await.unwrap().code().to_owned();
        drop(read);
        let none = security.post("/who-sees", &[("record", "91420299MADT9999XX"), ("purpose", "")]).await;
        assert_eq!((none.status.as_u16(), none.texts(".field-error").len()), (422, 2), "{on}");
        let answer = security.post("/who-sees", &[("record", &code), ("purpose", "企业来电")]).await;
        let rows = answer.texts("tbody tr");
        assert_eq!(rows.len(), 2, "{on}: the bureau and the firm: {rows:?}");
        assert!(rows[0].contains("firm") && rows[0].contains("本单位"), "{on}: {rows:?}");
        assert!(rows[1].contains("officer") && rows[1].contains("全部"), "{on}: {rows:?}");
        assert!(security.get("/access-log").await.body.contains("企业来电"), "{on}");
        let events = stage.store.read().await.unwrap();
        assert_eq!(access::list_events(&events, 10).await.unwrap().len(), 1, "{on}");
    }
}

/// The full credit code of an organisation.
async fn code_of(stage: &Stage, org: OrgId) -> String {
    kernel::org::find(&stage.store.read().await.unwrap(), org).await.unwrap().code().to_owned()
}

fn claim<'a>(code: &'a str, login: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("credit_code", code),
        ("name", "吴六"),
        ("login", login),
        ("password", ANOTHER),
        ("again", ANOTHER),
        ("statement", "会计，每月填报"),
    ]
}

#[tokio::test]
async fn a_firm_claims_its_record_and_its_own_county_lets_it_in() {
    for stage in stages().await {
        let on = stage.store.on;
        let (east, officer) = (stage.client("east").await, stage.client("officer").await);
        let visitor = stage.app.visitor();
        // The first belongs to the east, the second to the west, the third is in no register.
        let codes = [code_of(&stage, stage.orgs[0]).await, code_of(&stage, stage.orgs[1]).await];
        let unknown = kernel::value::credit_code::CreditCode::compose("91420299", "MADT9999").unwrap().to_string();
        let faulty = visitor.post("/register", &[("credit_code", "91420299MADT00019X"), ("login", "a@b")]).await;
        assert_eq!(faulty.status, 422, "{on}");
        assert!(faulty.texts(".field-error").len() >= 4, "{on}: {:?}", faulty.texts(".field-error"));
        let mut filed = Vec::new();
        for code in [&codes[0], &codes[1], &unknown] {
            let answer = visitor.post("/register", &claim(code, "wu")).await;
            filed.push((answer.status.as_u16(), answer.texts("h1")));
        }
        assert!(filed.iter().all(|f| *f == filed[0]) && filed[0].0 == 200, "{on}: known or not, the same: {filed:?}");
        let listed = east.get("/claims").await;
        assert_eq!(listed.texts("tbody tr").len(), 1, "{on}: a county sees those of its own firms");
        assert!(!listed.body.contains(&codes[1]) && !listed.body.contains(&unknown), "{on}");
        assert_eq!(officer.get("/claims").await.texts("tbody tr").len(), 3, "{on}");
        let rows = listed_rows(&officer).await;
        let of = |code: &str| rows.iter().find(|(text, _)| text.contains(code)).unwrap().1.clone();
        let (own, foreign, nowhere) = (of(&codes[0]), of(&codes[1]), of(&unknown));
        assert_eq!(east.get(&foreign).await.status, 404, "{on}");
        assert_eq!(east.post(&foreign, &[("decision", "accept")]).await.status, 404, "{on}");
        let login = format!("wu@{}", &codes[0][12..]);
        let wu = stage.app.signed_in(&login, ANOTHER).await;
        assert_eq!(wu.get("/orgs").await.status, 403, "{on}: nothing before somebody has looked");
        assert_eq!(wu.get("/register/mine").await.texts("tbody .state"), ["待审核"], "{on}");
        assert_eq!(east.post(&own, &[("decision", "refuse"), ("reason", " ")]).await.status, 422, "{on}");
        assert_eq!(east.post(&own, &[("decision", "accept")]).await.status, 303, "{on}");
        assert_eq!(east.post(&own, &[("decision", "refuse"), ("reason", "晚了")]).await.status, 409, "{on}: decided");
        assert_eq!(
            wu.get("/orgs").await.attributes("tbody .cell-title a", "href"),
            [format!("/orgs/{}", stage.orgs[0])]
        );
        let refused = officer.post(&nowhere, &[("decision", "accept")]).await;
        assert!(refused.status == 422 && refused.body.contains("请先登记主体"), "{on}");
        assert_eq!(
            officer.post(&nowhere, &[("decision", "refuse"), ("reason", "查无此企业")]).await.status,
            303,
            "{on}"
        );
        let third = stage.app.signed_in(&format!("wu@{}", &unknown[12..]), ANOTHER).await;
        assert!(third.get("/register/mine").await.body.contains("查无此企业"), "{on}: the reason is told");
        assert_eq!(third.get("/orgs").await.status, 403, "{on}");
    }
}

async fn listed_rows(client: &Client) -> Vec<(String, String)> {
    let page = client.get("/claims").await;
    page.texts("tbody tr").into_iter().zip(page.attributes("tbody .cell-title a", "href")).collect()
}

#[tokio::test]
async fn the_first_of_a_firm_invites_the_others_and_only_of_the_own_firm() {
    for stage in stages().await {
        let on = stage.store.on;
        let firm = stage.client("firm").await;
        let invited = firm.post("/staff", &[("name", "郑七"), ("login", "zheng")]).await;
        let link = link_in(&invited);
        let zheng = stage.app.visitor();
        zheng.get(&link).await;
        assert_eq!(zheng.post(&link, &[("password", ANOTHER), ("again", ANOTHER)]).await.status, 303, "{on}");
        let code = code_of(&stage, stage.orgs[1]).await;
        let zheng = stage.app.signed_in(&format!("zheng@{}", &code[12..]), ANOTHER).await;
        assert_eq!(zheng.get("/orgs").await.texts("tbody .cell-title").len(), 1, "{on}: the own firm");
        assert_eq!(zheng.get("/staff").await.status, 403, "{on}: who is invited invites nobody");
        let people = firm.get("/staff").await;
        assert_eq!(people.texts("tbody tr").len(), 2, "{on}");
        // A membership of somebody else's organisation is not taken back from here, nor the own one.
        let read = stage.store.read().await.unwrap();
        let others = access::list_memberships(&read, kernel::id::AccountId(stage.id("east").await)).await.unwrap();
        let own = access::list_memberships(&read, kernel::id::AccountId(stage.id("firm").await)).await.unwrap();
        drop(read);
        for membership in [others[0].id, own[0].id] {
            assert_eq!(firm.post("/staff/end", &[("membership", &membership.to_string())]).await.status, 404, "{on}");
        }
        let theirs = people.attributes("button[name=membership]", "value");
        assert_eq!(firm.post("/staff/end", &[("membership", &theirs[0])]).await.status, 303, "{on}");
        assert_eq!(zheng.get("/orgs").await.status, 403, "{on}: at once");
    }
}
