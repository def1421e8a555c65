"""The `taoke` command."""
