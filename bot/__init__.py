"""The application: recognises links, converts them, counts clicks and pays promoters."""
