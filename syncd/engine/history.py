"""What was billed before, for the rules that hold a document because it is unusual."""
