"""Promoters and their accounts."""
