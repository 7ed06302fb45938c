"""Measures syncd against its goals of speed, and against the least that any program would need: see docs/speed.md."""
