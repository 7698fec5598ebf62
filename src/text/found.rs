//! Values in a message.
