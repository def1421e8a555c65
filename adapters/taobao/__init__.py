"""Taobao, with Tmall."""
