//! Local Batch API.
