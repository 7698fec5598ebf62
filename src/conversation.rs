//! One chat as a pure machine: what was said, what is missing, what to say next. It is told the
//! catalogue, the model's verdict and the requester's tickets, and answers with the conversation as
//! it is afterwards, what shall happen to tickets, and what to say. It does nothing itself.

pub mod state;
