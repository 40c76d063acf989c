//! Results by content, one file per key, shared by many processes without locks.
