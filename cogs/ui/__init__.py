"""What members see: cards, their layout, text escaped and cut to Discord's limits, base classes of components."""
