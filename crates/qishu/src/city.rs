//! What this binary is made of: the list of slices.

use insight::reply::citation::City;
use kernel::module::Module;
use web::Slice;

/// All slices: those with pages first, then those that only declare facts and indicators so far.
pub fn slices() -> Vec<Slice> {
    let reply: Option<&'static City> = crate::figures::city().ok();
    let declared = [transform::modules(), money::modules(), service::modules(), govern::modules()];
    registry::slices()
        .into_iter()
        .chain(intake::slices())
        .chain(insight::slices(reply))
        .chain(transform::slices())
        .chain(money::slices())
        .chain(govern::slices())
        .chain(
            declared
                .into_iter()
                .flatten()
                .chain([crate::rules::MODULE, crate::night::MODULE])
                .map(Slice::without_pages),
        )
        .collect()
}

/// The kernel side of all slices.
pub fn modules() -> Vec<Module> {
    slices().into_iter().map(|s| s.module).collect()
}
