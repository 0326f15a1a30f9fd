"""Plans and LOC tiers, what Stripe says about who pays, and what an organization may do for it."""
