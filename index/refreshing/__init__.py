"""refreshing."""
