"""The billing rules: pure functions of values. Each rule has its own file; `billing.bill` calls them in order."""
