"""Our own API, `/__mock__`: reset, the clock, the journal, the keys, the faults and failures, the plans, the world."""
