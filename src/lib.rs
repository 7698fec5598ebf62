//! ticket-dispatch: a chat message becomes a routed, durable ITIL ticket.
//!
//! # The walk of one message
//!
//! ```text
//! bot ──gRPC──> api ──> desk ──> conversation <── model <── text
//!                        │            │   what was said, what is missing, what to ask
//!                        │            v
//!                        │         routing     which group and agent, and why
//!                        │            v
//!                        ├──────> domain       may it happen? what happened?   (pure)
//!                        v
//!                      store      one transaction: rows + events + the reply to this message
//!                        v
//!                      stream ──XADD──> Redis      and, in order, to the
//!                        └──────> sinks ──> ticket stores downstream
//! ```
//!
//! Calls go forward only. Time, identities and chance enter at the top (`clock`) and are handed down, so that
//! everything below `desk` can be computed again.
//!
//! # The rooms
//!
//! A room is a file here and the folder of the same name; its face says what it owns. Who may import
//! whom, and which outside crate is spoken in which room, stands in `tests/walls/tables.rs` and is
//! checked by every test run.
//!
//! | room | owns |
//! | --- | --- |
//! | [`domain`] | the pure ITIL core: tickets, life cycles, templates, priority, calendars, due times, people |
//! | [`text`] | normalising, tokens and n-grams, languages, values found in a text, masking of personal data |
//! | [`model`] | the classifier: training, inference, calibration, reasons, its file; the registry of its versions |
//! | [`conversation`] | one chat as a pure machine, and the words of the bot |
//! | [`routing`] | from what is known to a group and an agent, with reasons |
//! | [`simulate`] | a simulated desk that the real policies run: which of them keeps the most promises |
//! | [`catalog`] | the catalogue as YAML: reading, checking, naming what is wrong where |
//! | [`desk`] | the shell that joins the pure rooms with the store: load, decide, commit |
//! | [`store`] | durable state: group commit, positions, replies, receipts; the only SQL |
//! | [`attachments`] | files of tickets on disk, found by what is in them |
//! | [`stream`] | from the log to Redis and to the sinks, in order, without a gap; the only Redis |
//! | [`sinks`] | the ticket stores downstream, one file each |
//! | [`proto`] | the contract's generated types, and their mapping to the domain |
//! | [`api`] | gRPC in: who calls, what is wrong with the call, the answer |
//! | [`console`] | HTTP in: first page, health, figures, SCIM |
//! | [`client`] | our own gRPC client |
//! | [`tracking`] | what trainings and measurements gave, recorded in MLflow |
//! | [`app`], [`tasks`], [`telemetry`], [`config`], [`clock`] | composition, named loops, logs and figures, settings, time and identities |
//! | [`commands`] | the command line, one file a subcommand |
//!
//! # Words
//!
//! A *template* says what a *ticket* needs; a *conversation* fills it. The model's *understanding* of a
//! message becomes, with the catalogue and the agents' loads, a *decision*; the *gate* says who agreed to
//! it: the machine alone, the employee, or a person of the desk. What happened is an *event*; it has a
//! *position*, dense and in commit order, in its *partition*. A *sink* is a ticket store downstream, and
//! a *receipt* in our database ends an event's way there.
//!
//! # Where this differs from the obvious
//!
//! * A decision is made inside the writer, on the rows as the transaction sees them, and not before it.
//!   Commands that meet in one batch see each other's effects, and nothing has to be tried again for a
//!   version that moved. Nor are the agents' loads stale where there is one partition, as on SQLite. On
//!   PostgreSQL they are read without a lock: what other partitions commit at the same moment is not in
//!   them yet, so two tickets may go to one agent where one each would have been fairer.
//! * A partition holds everything of one requester: the identities of conversations and tickets carry a
//!   byte of the requester's hash. One transaction can thus hold a message, the conversation it moved
//!   and the ticket it opened. A requester's tickets are in order; those of different requesters need
//!   not be.
//! * A yes or no that somebody says in chat to another's request touches two partitions: the request's and the
//!   conversation's. It is two commits, the first under an identity that follows from the message's; a message sent
//!   again finds it, whatever happened in between.
//! * All assets of a tenant lie in one partition, unlike everything else. What holds for a whole register (a tag is one
//!   asset's, nothing runs on itself, an import comes in whole) is checked against a picture of it, and one writer takes
//!   the change only if the register has not changed since. Assets change seldom; tickets do not wait for it.
//! * All changes of a tenant lie in one partition as well, and one is scheduled only if the calendar is as it was looked at:
//!   so two that are scheduled at the same moment do not slip past each other.
//! * A `TurnTaken` event carries the conversation's state after it. Conversations are machines with a
//!   deadline of days; folding their history for each message would cost more than it explains.
//! * Models are files of the data folder, each tenant's in a folder of its own, and what was done with them is
//!   a file beside them; neither is in the store. Replicas have a registry each: import and promote on each.
//! * How each goal of a ticket ended stands in rows of its own, written with the event that ended it and derived from
//!   nothing else. A report over months adds rows up; it could not read that many histories.
//! * How many people usually write about what is a row that is written once an hour and no event: it follows from what
//!   was said, and from when somebody listened. Waves of incidents are rows with events, all of a tenant's in one partition;
//!   they are found by whoever reads the log, beside the way of a message, and two replicas that find one propose one.
//! * What is measured is rows that follow from the log and from how goals ended. They are reckoned beside the commits, by whoever
//!   holds one row, up to a place in each partition, so that writers never wait for each other over a figure; a generation
//!   that is made anew takes the place of the old one in one step. A cell holds its values and not their sums: percentiles are exact.
//! * All improvements of a tenant lie in one partition. What their measures say is read when somebody looks, and kept nowhere.
//! * Articles of the knowledge are rows, and all of a tenant's lie in one partition. What came of one for a reader is
//!   written in the reader's partition, with the message that said so; counts add up from everywhere.
//! * Which articles have a word the databases say, each with its own full text; how well they fit is reckoned here. Their
//!   own measures differ, and both shall find the same in the same order.
//! * Events are stored in the form that is published. `store`, `stream` and `desk` therefore know the
//!   generated types; `domain`, `conversation`, `routing`, `model` and `text` do not.

pub mod api;
pub mod app;
pub mod attachments;
pub mod catalog;
pub mod client;
pub mod clock;
pub mod commands;
pub mod config;
pub mod console;
pub mod conversation;
pub mod desk;
pub mod domain;
pub mod model;
pub mod proto;
pub mod routing;
pub mod simulate;
pub mod sinks;
pub mod store;
pub mod stream;
pub mod tasks;
pub mod telemetry;
pub mod text;
pub mod tracking;
