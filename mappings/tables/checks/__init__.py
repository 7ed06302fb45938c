"""What is allowed in the tables and likely a mistake, over the work that is known: for `syncd mappings check`."""
