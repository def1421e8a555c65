"""What people can say besides links: the vocabulary and the answers, written once for all channels."""
