"""Everything that knows a shopping platform; imports nothing of the application."""
