//! `qishu bench`: how fast the platform is on a full ledger, measured through the doors that everyone uses.
//!
//! It fills an empty directory with a synthetic city (`city`, `weights`, `load`), asks what pages ask
//! (`asking`, `searching`), seals and verifies (`sealing`), publishes (`publishing`), prints (`documents`), asks the project library (`projects`) and the ledgers of guarantees (`ledgers`), commits as many clients do (`clients`) and measures who may (`access`), and starts the server on the result (`server`).
//! `export` hands the same facts and questions to the peers of `bench/peers.py`.
//! It never writes into a directory that holds anything else, and proves nothing about other machines.

mod access;
mod asking;
mod cases;
mod city;
mod clients;
mod dice;
mod documents;
mod export;
mod ledgers;
mod load;
mod projects;
mod publishing;
mod sealing;
mod searching;
mod server;
mod timing;
mod weights;

use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kernel::module::Module;
use kernel::store::{Limits, Place, Store};
use kernel::value::day::day_end;
use kernel::{Error, Result};
use serde_json::{Map, Value, json};

use asking::Lists;
use city::City;
use searching::Typed;
use weights::Mix;

/// Fill a directory with a synthetic city and measure it.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Facts to append.
    #[arg(long, default_value_t = 10_000_000)]
    facts: u64,
    /// Organisations to register.
    #[arg(long, default_value_t = 500_000)]
    orgs: u64,
    /// An empty directory for the embedded database.
    #[arg(long)]
    dir: PathBuf,
    /// File for the results.
    #[arg(long)]
    json: PathBuf,
    /// Directory for facts.csv and questions.json, which the peers read.
    #[arg(long)]
    export: Option<PathBuf>,
    /// Measure what the directory holds from an earlier run instead of filling it.
    #[arg(long)]
    reuse: bool,
    /// How often each question is asked.
    #[arg(long, default_value_t = 300)]
    repeat: usize,
    /// Clients that commit at the same time.
    #[arg(long, default_value_t = 64)]
    clients: u64,
    /// For how many seconds they commit.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Data directory of the demonstration city, for the server's idle memory.
    #[arg(long)]
    demo: Option<PathBuf>,
    /// Address of the board's page.
    #[arg(long, default_value = "/board")]
    board: String,
    /// Contracts in the ledgers of guarantees; 0 leaves them out.
    #[arg(long, default_value_t = 200_000)]
    contracts: u64,
    /// Events of those contracts.
    #[arg(long, default_value_t = 2_000_000)]
    events: u64,
    /// Leave the server out.
    #[arg(long)]
    no_server: bool,
}

/// Runs the measurement and writes its results.
///
/// # Errors
/// [`Error::Invalid`] for a directory that is not empty (or, with `--reuse`, holds nothing to measure);
/// otherwise as the part that failed. Results measured so far are written all the same.
pub async fn run(args: &Args, modules: Vec<Module>) -> Result<()> {
    let mut results = Results(Map::new());
    let done = measure(args, &modules, &mut results).await;
    let text = format!("{:#}\n", Value::Object(results.0));
    std::fs::write(&args.json, text).map_err(|e| file_error(&args.json, &e))?;
    done
}

async fn measure(args: &Args, modules: &[Module], results: &mut Results) -> Result<()> {
    let held = std::fs::read_dir(&args.dir).is_ok_and(|mut entries| entries.next().is_some());
    if held != args.reuse {
        let message = if held {
            "目录不是空的：请换一个空目录，或用 --reuse 测量已装载的数据"
        } else {
            "目录是空的，没有可测量的数据"
        };
        return Err(Error::invalid("dir", message));
    }
    let place = Place::Dir(args.dir.clone());
    let store = Store::open(&place, modules, Limits::LOAD).await?;
    results.note("cores", json!(std::thread::available_parallelism().map_or(0, usize::from)));
    results.note("indicators", json!(store.catalog().indicators().len()));
    results.note("kinds", json!(store.catalog().kinds().len()));
    let city = fill(&store, args, results).await?;
    // Loading takes a large cache; everything after it is measured with the server's own.
    store.close().await?;
    let store = Store::open(&place, modules, Limits::default()).await?;
    ask(&store, &city, args, results).await?;
    publish(&store, args, results).await?;
    at_work(&store, city.len(), args, results).await?;
    if let Some(dir) = &args.export {
        export::write(&store, dir).await?;
    }
    results.note("seals", sealing::measure(&store, args.export.as_deref()).await?);
    let commits = clients::commit(&store, &city, args.clients, Duration::from_secs(args.seconds)).await?;
    println!(
        "{} clients, durable single commits: {:.0} a second; each {}",
        args.clients, commits.per_second, commits.each
    );
    results.note(
        "commits",
        json!({ "clients": args.clients, "per_second": commits.per_second.round(), "each": commits.each }),
    );
    if args.contracts > 0 {
        let size = (args.contracts, args.events);
        let measured = ledgers::measure(&store, &city, size, args.repeat.max(1)).await?;
        results.note("guarantee_ledgers", measured.json());
    }
    server::account(&store).await?;
    let access = access::measure(&store, args.repeat.max(1)).await?;
    print!("{access}");
    results.note("access", json!(access));
    store.close().await?;
    drop(store);
    library(args, modules, results).await?;
    if args.no_server { Ok(()) } else { serve(args, results).await }
}

/// Lists and actions on many cases, and documents.
async fn at_work(store: &Store, organisations: u64, args: &Args, results: &mut Results) -> Result<()> {
    let measured = cases::measure(store, organisations, args.repeat).await?;
    results.spread("case_list", measured.pages);
    println!(
        "bulk of {} cases: looked through in {:.1} s, decided in {:.1} s",
        measured.at_once,
        measured.draft.as_secs_f64(),
        measured.bulk.as_secs_f64()
    );
    results.note("bulk", measured.json());
    let printed = documents::measure(args.repeat.clamp(1, 50)).await?;
    println!(
        "reply of six pages: Word {}; PDF {}; 1000 forms as one PDF {:.1} s",
        printed.docx, printed.pdf, printed.forms_s
    );
    results.note("documents", printed.json());
    Ok(())
}

/// Fills the store, or finds what it holds.
async fn fill(store: &Store, args: &Args, results: &mut Results) -> Result<City> {
    let mix = Mix::of(store.catalog());
    if args.reuse {
        let city = City::held(store).await?;
        let facts = store.read().await?.one("SELECT COUNT(*) AS n FROM fact").await?.int("n")?;
        results.note("facts", json!(facts));
        results.note("orgs", json!(city.len()));
        return Ok(city);
    }
    for (code, share) in mix.shares() {
        println!("mix: {code} {:.2} %", share * 100.0);
    }
    let at = day_end(load::first_day().pred_opt().unwrap_or_default());
    let (city, spent) = City::found(store, args.orgs.max(20), at).await?;
    let each_second = city.len() as f64 / spent.as_secs_f64().max(1e-9);
    println!("organisations: {} registered one by one, {each_second:.0} a second", city.len());
    let loaded = load::append(store, &city, &mix, args.facts).await?;
    load::check(store, loaded.facts).await?;
    println!(
        "facts: {} appended ({} reversals), {:.0} a second; the first tenth {:.0}, the last {:.0}",
        loaded.facts,
        loaded.reversals,
        loaded.per_second(),
        loaded.first_tenth_per_second,
        loaded.last_tenth_per_second
    );
    results.note("facts", json!(loaded.facts));
    results.note("orgs", json!(city.len()));
    results.note("register", json!({ "per_second": each_second.round() }));
    results.note(
        "append",
        json!({
            "per_second": loaded.per_second().round(),
            "first_tenth_per_second": loaded.first_tenth_per_second.round(),
            "last_tenth_per_second": loaded.last_tenth_per_second.round(),
            "reversals": loaded.reversals,
        }),
    );
    let bytes = std::fs::metadata(args.dir.join("qishu.sqlite")).map_or(0, |m| m.len());
    results.note("database_mb", json!(bytes / 1_000_000));
    Ok(city)
}

async fn ask(store: &Store, city: &City, args: &Args, results: &mut Results) -> Result<()> {
    let times = args.repeat.max(1);
    results.spread("board", asking::board(store, times, false).await?);
    results.spread("board_unit", asking::board(store, times, true).await?);
    let slowest = asking::slowest(store, 10).await?;
    for (code, spread) in slowest.iter().take(5) {
        println!("  slow indicator {code}: {spread}");
    }
    results.note("slowest_indicators", json!(slowest.iter().take(10).collect::<Vec<_>>()));
    if let Some(spread) = asking::cube(store, times).await? {
        results.spread("breakdown", spread);
    }
    for (name, lists) in [("drill_sum", Lists::Sums), ("drill_distinct", Lists::Distinct)] {
        if let Some(drilled) = asking::pages(store, times, lists).await? {
            results.spread(name, drilled.all);
            for (code, spread) in drilled.by_indicator.iter().take(3) {
                println!("  slow list {code}: {spread}");
            }
            results.note(&format!("{name}_slowest"), json!(drilled.by_indicator.iter().take(10).collect::<Vec<_>>()));
        }
    }
    let assessed = timing::repeat(20, times, async |nth| transform::diagnosis::trial::assessed(nth).map(drop)).await?;
    results.spread("assess_questionnaire", assessed.spread());
    let orgs = city.len();
    results.spread("search_part", searching::search(store, orgs, times, Typed::NamePart).await?);
    results.spread("search_initials", searching::search(store, orgs, times, Typed::Initials).await?);
    results.spread("search_common_word", searching::search(store, orgs, times.min(50), Typed::CommonWord).await?);
    Ok(())
}

/// The project library, in a directory of its own beside the city.
async fn library(args: &Args, modules: &[Module], results: &mut Results) -> Result<()> {
    let measured = projects::measure(&args.dir.join("projects"), modules, args.repeat.clamp(1, 100)).await?;
    println!("projects: {} with 36 months each, loaded in {:.1?}", measured.projects, measured.load);
    results.note("projects", json!(measured.projects));
    results.spread("projects_library", measured.library);
    results.spread("projects_totals", measured.totals);
    results.spread("projects_workbook_written", measured.written);
    println!("projects_workbook_read_back: {:.0?}", measured.read_back);
    results.note("projects_workbook_read_back_ms", json!(measured.read_back.as_millis() as u64));
    Ok(())
}

/// Asks what was published again: a month and a year before the last day.
async fn publish(store: &Store, args: &Args, results: &mut Results) -> Result<()> {
    for (name, back) in [("publication_month", 31), ("publication_year", 365)] {
        let measured = publishing::measure(store, back, args.repeat.clamp(1, 100)).await?;
        println!(
            "{name}, 60 figures, {} facts since, {} moved: as known then {}; re-derived {}",
            measured.since, measured.moved, measured.then, measured.rederived
        );
        results.note(name, measured.json());
    }
    Ok(())
}

/// Starts the server on the full directory, and on the demonstration city when there is one.
async fn serve(args: &Args, results: &mut Results) -> Result<()> {
    let mut places = vec![("server_full", args.dir.clone(), 200)];
    places.extend(args.demo.clone().map(|dir| ("server_demo", dir, 0)));
    for (name, dir, boards) in places {
        let board = args.board.clone();
        let served = tokio::task::spawn_blocking(move || server::measure(&dir, &board, boards))
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
        println!("{name}: ready after {}; {} MB idle", served.start, served.idle_mb);
        if let (Some(mb), Some(spread)) = (served.after_boards_mb, served.boards) {
            println!("{name}: {mb} MB after {boards} boards; each {spread}");
        }
        results.note(name, json!(served));
    }
    Ok(())
}

/// What was measured, by name.
struct Results(Map<String, Value>);

impl Results {
    fn note(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn spread(&mut self, name: &str, spread: timing::Spread) {
        println!("{name}: {spread}");
        self.note(name, json!(spread));
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress(what: &'static str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
}

fn file_error(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("{}：{error}", path.display()))
}
