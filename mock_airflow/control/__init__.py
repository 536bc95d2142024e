"""Our own API, `/__mock__`: reset, the clock, the journal."""
