"""What finance configures and what it means: vocabulary, tables (readers) and rules (pure functions)."""
