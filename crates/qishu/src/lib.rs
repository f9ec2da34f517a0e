//! What the binary `qishu` is made of: the list of slices, the demonstration city, the figures of its reply, the benchmark.

pub mod bench;
pub mod city;
pub mod demo;
pub mod figures;
pub mod night;
pub mod rules;
