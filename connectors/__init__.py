"""The edges: one module a tool, the QuickBooks client, and its opposite, the emulator."""
