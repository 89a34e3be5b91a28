//! Queries, each answered by a process of its own: for the server and for assistants.
//!
//! The engine can neither be stopped while it works in memory nor be held to a size. A process can.
//!
//! ```text
//! question   what may be asked               worker   the process that answers
//! pool       how many, how long, how much    spool    long answers, until they are read
//! ```

mod format;
mod pool;
mod question;
mod spool;
pub mod worker;

pub use format::Format;
pub use pool::{Answer, Failed, Limits, Pool};
pub use question::{Kind, Question, Unasked, is_ours, question};
pub use spool::{Piece, Reader};
pub use worker::{End, Request};
