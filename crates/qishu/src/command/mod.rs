//! The commands, each as thin as a page.

pub mod backup;
pub mod demo;
pub mod doctor;
pub mod figures;
pub mod init;
pub mod seal;
pub mod serve;
pub mod verify;
