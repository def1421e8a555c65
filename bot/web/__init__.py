"""The web server: share links, their pages, health, and the demo's chat."""
