//! Measurements that print figures and judge nothing.

pub mod encode;
