"""SQL Server (Transact-SQL)."""
