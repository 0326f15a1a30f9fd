"""Lost access: the claim, its evidence, who is told, and who decides."""
