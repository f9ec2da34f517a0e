//! A demand is asked, answered, granted, paid out and paid back; and what is refused on the way.

use kernel::Error;
use kernel::case;
use kernel::indicator::{Number, Question, figure};
use testkit::sample::ALL;

use super::fixture::{PRODUCT, acts_on, cities, told};

#[tokio::test]
async fn a_loan_goes_its_whole_way_and_the_figures_follow() {
    for city in cities().await {
        let (id, bank) = city.signed().await;
        let today = city.today().await;
        for wan in ["60", "40"] {
            let state = city.acts(&bank, id, "pay", &[("paid", wan), ("paid_on", today.as_str())]).await.unwrap();
            assert_eq!(state, "repaying", "{}", city.store.on);
        }
        let left = told(city.acts(&bank, id, "settle", &[]).await);
        assert!(left.contains("还有 100 万元"), "{left}");
        city.acts(&bank, id, "repay", &[("repaid", "100"), ("repaid_on", today.as_str())]).await.unwrap();
        assert_eq!(city.acts(&bank, id, "settle", &[]).await.unwrap(), "settled");
        let read = city.store.read().await.unwrap();
        let q = Question { about: read.today(), known: read.head().unwrap(), scope: &ALL };
        for (code, count) in [
            ("finance.institutions", 2),
            ("finance.registered_firms", 2),
            ("finance.demand_firms", 1),
            ("finance.granted_firms", 1),
        ] {
            let number = figure(&read, code, &q).await.unwrap().number;
            assert_eq!(number, Number::Count(count), "{code} on {}", city.store.on);
        }
    }
}

#[tokio::test]
async fn never_more_is_paid_out_than_granted_nor_back_than_outstanding() {
    for city in cities().await {
        let (id, bank) = city.signed().await;
        let today = city.today().await;
        let refused = told(city.acts(&bank, id, "pay", &[("paid", "100.01"), ("paid_on", today.as_str())]).await);
        assert!(refused.contains("超过授信") && refused.contains("0.01 万元"), "{refused}");
        let nothing = told(city.acts(&bank, id, "pay", &[("paid", "0"), ("paid_on", today.as_str())]).await);
        assert!(nothing.contains("应大于零"), "{nothing}");
        let early = told(city.acts(&bank, id, "pay", &[("paid", "1"), ("paid_on", "2020-01-02")]).await);
        assert!(early.contains("早于签约日期"), "{early}");
        city.acts(&bank, id, "pay", &[("paid", "60"), ("paid_on", today.as_str())]).await.unwrap();
        let back = told(city.acts(&bank, id, "repay", &[("repaid", "61"), ("repaid_on", today.as_str())]).await);
        assert!(back.contains("只有 60 万元"), "{back}");
        // What was refused left nothing behind.
        city.acts(&bank, id, "pay", &[("paid", "40"), ("paid_on", today.as_str())]).await.unwrap();
    }
}

#[tokio::test]
async fn two_who_pay_out_at_once_do_not_exceed_the_grant() {
    for city in cities().await {
        let (id, bank) = city.signed().await;
        let today = city.today().await;
        let revision = case::find(&city.store.read().await.unwrap(), &bank, id).await.unwrap().revision;
        let typed = [("paid", "60"), ("paid_on", today.as_str())];
        let (one, two) = tokio::join!(
            acts_on(&city.store, &bank, (id, revision), "pay", &typed),
            acts_on(&city.store, &bank, (id, revision), "pay", &typed),
        );
        assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|ok| *ok).count(), 1, "{}", city.store.on);
        assert!(told(city.acts(&bank, id, "pay", &typed).await).contains("超过授信"));
    }
}

#[tokio::test]
async fn who_is_not_registered_publishes_nothing_and_nothing_is_asked_without_a_demand() {
    for city in cities().await {
        let stranger = city.firms[2];
        let typed = [("amount", "100"), ("months", "12"), ("way", "credit"), ("purpose", "周转")];
        let refused = told(city.opens(&city.owner(stranger), "finance.demand", stranger, &typed).await);
        assert!(refused.contains("尚未在金融平台实名注册"), "{refused}");
        let demand = city.demand().await;
        assert!(told(city.asks(demand, city.bank, "101").await).contains("超过需求金额"));
        city.asks(demand, city.bank, "100").await.unwrap();
        assert!(told(city.asks(demand, city.bank, "100").await).contains("已邀请过"));
        let owner = city.owner(city.firms[0]);
        city.acts(&owner, demand, "withdraw", &[]).await.unwrap();
        assert!(told(city.asks(demand, city.other_bank, "100").await).contains("不是本企业对接中的融资需求"));
    }
}

#[tokio::test]
async fn a_bank_sees_and_answers_only_what_it_was_asked() {
    for city in cities().await {
        let demand = city.demand().await;
        let id = city.asks(demand, city.bank, "100").await.unwrap();
        let other = city.banker(city.other_bank);
        let read = city.store.read().await.unwrap();
        assert!(matches!(case::find(&read, &other, id).await, Err(Error::NotFound)));
        // The demand itself is the firm's; the bank that was asked sees what the answer says.
        let bank = city.banker(city.bank);
        assert!(matches!(case::find(&read, &bank, demand).await, Err(Error::NotFound)));
        let seen = case::find(&read, &bank, id).await.unwrap();
        assert_eq!(seen.values.get("purpose").map(String::as_str), Some("购买原料"));
        drop(read);
        let refused = city.acts(&bank, id, "refuse", &[("reason", "industry")]).await.unwrap();
        assert_eq!(refused, "refused");
    }
}

#[tokio::test]
async fn a_product_is_on_sale_once_a_second_person_agrees() {
    for city in cities().await {
        let bank = city.banker(city.bank);
        let dear: Vec<_> = PRODUCT.iter().map(|(f, t)| (*f, if *f == "most_rate" { "60000" } else { *t })).collect();
        assert!(told(city.opens(&bank, "finance.product", city.bank, &dear).await).contains("超过年利率上限"));
        let id = city.opens(&bank, "finance.product", city.bank, PRODUCT).await.unwrap();
        let read = city.store.read().await.unwrap();
        assert!(crate::finance::queries::on_sale(&read).await.unwrap().is_empty());
        drop(read);
        city.acts(&city.bureau(), id, "publish", &[]).await.unwrap();
        let read = city.store.read().await.unwrap();
        assert_eq!(crate::finance::queries::on_sale(&read).await.unwrap().len(), 1);
        let other = city.banker(city.other_bank);
        assert!(matches!(case::find(&read, &other, id).await, Err(Error::NotFound)));
        drop(read);
        // A revision is no second publication.
        city.acts(&bank, id, "revise", PRODUCT).await.unwrap();
        city.acts(&city.bureau(), id, "agree", &[]).await.unwrap();
        let read = city.store.read().await.unwrap();
        let q = Question { about: read.today(), known: read.head().unwrap(), scope: &ALL };
        assert_eq!(figure(&read, "finance.products", &q).await.unwrap().number, Number::Count(1));
    }
}
