"""The database: tables, migrations, transactions, leases, and what the steps read and write in bulk."""
