//! The faults that a service desk meets sooner or later, all under load: the program is killed, Redis is
//! stopped, emptied, killed and robbed of its end, the ticket store downstream loses its answers. Whatever
//! was acknowledged has exactly one effect, everywhere. The last tests break a promise on purpose, and show
//! that these checks would notice.

mod call;
mod chance;
mod checker;
mod control;
mod journal;
mod kills;
mod load;
mod redis;
mod request_tracker;
