"""The demo: everything in one process against mock platforms; the only place that knows mocks."""
