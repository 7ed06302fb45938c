"""The QuickBooks Online client: typed errors, exact money, one request at a time under the company's limits."""
