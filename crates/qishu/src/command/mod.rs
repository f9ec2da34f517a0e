//! The commands, each as thin as a page.

pub mod account;
pub mod audit;
pub mod backup;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod figures;
pub mod import;
pub mod init;
pub mod rederive;
pub mod seal;
pub mod serve;
pub mod verify;
