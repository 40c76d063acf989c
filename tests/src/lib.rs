//! Real images to scan, and the ways to make them.
