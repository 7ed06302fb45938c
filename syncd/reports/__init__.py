"""Reports: pure functions over a snapshot of the store, and how each is rendered."""
