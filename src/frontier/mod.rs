//! Stage 4: what may be visited now. Host queues, budgets, ready-times. A pure structure: it is told the time and never waits.
