"""Steel in use: what goes into goods, how long it stays there, and the scrap that comes back."""
