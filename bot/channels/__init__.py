"""Where people talk to the bot. A channel turns its network's events into `IncomingMessage` and
renders a `Reply` in its network's markup; it knows no platform."""
