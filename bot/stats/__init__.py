"""Counters and reports."""
