//! What the binary `qishu` is made of: the list of slices, the demonstration city, the figures of its reply, backup and restore, the benchmark.

pub mod backup;
pub mod bench;
pub mod city;
pub mod compliance;
pub mod demo;
pub mod figures;
pub mod founding;
pub mod night;
pub mod rules;
pub mod tls;
