"""What ties an organization here to one on a DevOps platform, and the token that reads it."""
